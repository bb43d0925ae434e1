"""A statement does not parse: a stray dot, a missing colon or parenthesis, or a pasted line.

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
from collections.abc import Iterator

from harness.bugs.framework import EVERYTHING, KnownBug, Sighting
from harness.bugs.source import Source

KOREAN = """\
파이썬으로 읽을 수 없는 문장이 있다.

하는 일
    점이 하나 더 있거나, 콜론이나 괄호가 빠졌거나, 붙여 넣은 글이 남아 있다.
왜 틀렸나
    호출의 괄호는 이름 바로 뒤에 오고, 블록을 여는 줄은 콜론으로 끝난다.
왜 안 보이나
    스크립트에서는 숨지 않는다. 노트북에서는 고치기 전에 셀을 돌렸을 수 있다.
"""


_STRAY_DOT = re.compile(r"(?<=\w)\.(?=\()")
_OPENS_A_BLOCK = re.compile(r"^(def|class|for|while|if|elif|else|try|finally|with)\b.*[^:\s]\s*$")
_PROMPT = re.compile(r"^(>>>|\.\.\.|In \[\d*\]:|Out\[\d*\]:) ?")
_PROSE = re.compile(r"^[^=()\[\]{}@:+*/\"']*$")


def clue(source: Source) -> Iterator[Sighting]:
    """Look at the lines that do not parse for mistakes that a character or two mend."""
    for place in source.broken:
        line = source.line(place)
        if mended := _mended(line):
            what, text = mended
            yield Sighting(place, {"what": what}, source.line_edit(place, text))


def _mended(line: str) -> tuple[str, str] | None:
    """What is wrong, and the line without it."""
    code, hash_sign, comment = line.partition("#")
    tail = f"  {hash_sign}{comment}" if hash_sign else ""
    if _STRAY_DOT.search(code):
        return "a stray dot before a parenthesis", _STRAY_DOT.sub("", code) + hash_sign + comment
    if _PROMPT.match(line):
        return "a prompt that was pasted along", _PROMPT.sub("", line)
    if code.count("(") > code.count(")"):
        colon = ":" if code.rstrip().endswith(":") else ""
        body = code.rstrip().removesuffix(":")
        return "a parenthesis that is never closed", body + ")" * (code.count("(") - code.count(")")) + colon + tail
    if code.count(")") > code.count("(") and code.rstrip().endswith(")"):
        return "a closing parenthesis too many", code.rstrip()[:-1] + tail
    if _OPENS_A_BLOCK.match(code):
        return "no colon at the end of a line that opens a block", code.rstrip() + ":" + tail
    if len(code.split()) >= 3 and _PROSE.match(code) and not code.startswith(_STATEMENTS):
        return "words that are no Python", "# " + line
    return None


_STATEMENTS = ("print", "exec", "import", "from", "return", "del", "raise", "assert", "global", "nonlocal")


BUG = KnownBug(
    name="broken-syntax",
    about=EVERYTHING,
    message="{line} does not parse: it has {what}",
    korean="{line}: 파이썬 문법에 맞지 않습니다: {what}",
    clue=clue,
)
