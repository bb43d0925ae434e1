"""A statement does not parse: a stray dot, or a missing colon.

What it does
    Python stops before it runs anything.
Why it is wrong
    A call's parentheses follow its name directly; a line that opens a block ends with a colon.
Why it hides
    It does not, in a script; but an older cell of a notebook may have run before it was edited.
Example
    inputs = np.random.random.((timesteps, input_size))
Instead
    inputs = np.random.random((timesteps, input_size))
"""

import re

from harness.bugs.framework import KnownBug, Sighting, Source

_STRAY_DOT = re.compile(r"(?<=\w)\.(?=\()")
_OPENS_A_BLOCK = re.compile(r"^(def|class|for|while|if|elif|else|try|finally|with)\b.*[^:\s]\s*$")


def clue(source: Source) -> list[Sighting]:
    """Look at the lines that do not parse for the two mistakes that one character mends."""
    sightings = []
    for place in source.broken:
        line = source.line(place)
        code, hash_sign, comment = line.partition("#")
        if _STRAY_DOT.search(code):
            mended = _STRAY_DOT.sub("", code) + hash_sign + comment
            sightings.append(Sighting(place, {"what": "a stray dot before a parenthesis"}, mended))
        elif _OPENS_A_BLOCK.match(code):
            mended = code.rstrip() + ":" + (f"  {hash_sign}{comment}" if hash_sign else "")
            sightings.append(Sighting(place, {"what": "no colon at the end of a line that opens a block"}, mended))
    return sightings


BUG = KnownBug(
    name="broken-syntax",
    about="shapes.layer-output",
    message="{line} does not parse: it has {what}",
    clue=clue,
)
