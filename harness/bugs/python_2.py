"""The code is Python 2.

What it does
    It has print statements, or xrange.
Why it is wrong
    Python 3 does not read the one and does not know the other.
Why it hides
    It comes along with old examples.
Example
    print h.shape
Instead
    print(h.shape)
"""

import re
from collections.abc import Iterator

from harness.bugs.framework import EVERYTHING, KnownBug, Sighting
from harness.bugs.source import Source
from harness.model import Place

KOREAN = """\
파이썬 2로 쓰여 있다.

하는 일
    print 문이나 xrange가 있다.
왜 틀렸나
    파이썬 3은 print 문을 읽지 못하고, xrange를 모른다.
왜 안 보이나
    오래된 예제를 옮겨 오면 그대로 따라온다.
"""


_PRINT = re.compile(r"^print\s+(?!\()(.+?)\s*$|^print\s*$")
_PRINT_OF_SEVERAL = re.compile(r"^print\s+(\(.*\)\s*[,%+].*|\(.*\).+\(.*)$")
_EXCEPT = re.compile(r"^except\s+([\w.]+)\s*,\s*(\w+)\s*:")
_RENAMED = {"xrange": "range", "raw_input": "input", "unicode": "str", "unichr": "chr"}


def clue(source: Source) -> Iterator[Sighting]:
    """Find print statements among the lines that do not parse, and names that Python 3 does not have."""
    for place in source.broken:
        line = source.line(place)
        code, hash_sign, comment = line.partition("#")
        tail = f"  {hash_sign}{comment}" if hash_sign else ""
        if _PRINT.match(code) or _PRINT_OF_SEVERAL.match(code):
            printed = code.strip().removeprefix("print").strip().removesuffix(",")
            yield Sighting(place, {"what": "print"}, source.line_edit(place, f"print({printed}){tail}"))
        elif _EXCEPT.match(code):
            mended = _EXCEPT.sub(r"except \1 as \2:", code) + tail
            yield Sighting(place, {"what": "except"}, source.line_edit(place, mended))
    made = {node.id for _, node in source.stores}
    for cell, node in source.loads:
        if node.id in _RENAMED and node.id not in made:
            edits = (source.span(cell, node, _RENAMED[node.id]),)
            yield Sighting(Place(node.lineno, cell), {"what": node.id}, edits)


BUG = KnownBug(
    name="python-2",
    about=EVERYTHING,
    message="{line} is Python 2: {what}",
    korean="{line}: 파이썬 2입니다: {what}",
    clue=clue,
)
