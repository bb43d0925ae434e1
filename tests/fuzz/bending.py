"""Strategies that bend something good: a text here and there, plain data in some of its places."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

#: What readers of Python, notebooks, Markdown and TOML have stumbled over.
TOKENS = [
    *(b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xed\xa0\x80", b"\x0c", b"\x1a", b"\x85", b"\r", b"\n\n"),
    *(b'"""', b"'''", b"```", b"```python\n", b"~~~", b"    ", b"\t", b"\\\n", b"#", b"%%", b"%time ", b"!", b"?"),
    *(b"# coding: rot13\n", b"# coding: utf-7\n", b"# coding: undefined\n", b"# coding: idna\n", b"# coding: hex\n"),
    *(b"# coding: punycode\n", b"# coding: unicode_escape\n", b"# coding: utf-16\n", b"# coding: mbcs\n"),
    *(b"(", b")", b"[", b"]", b"{", b"}", b"{" * 300, b"-" * 3000, b"(" * 300, b"lambda:" * 80, b"f'{f'{x!r:{y}}'}'"),
    *(b"9" * 5000, b"1e999", b"-0.0", b"0x", b"nan", b"inf", b"NaN", b"null", b"true", b"1979-05-27", b"''"),
    *(b'"cells":', b'"source":', b'"nbformat": 99', b'"worksheets": [', b'"\\ud800"', b"[[checks]]\n", b"a.b.c = 1\n"),
]


@st.composite
def bytes_like(draw: st.DrawFn, examples: Sequence[bytes]) -> bytes:
    """One of some texts, cut and spliced in a few places."""
    content = draw(st.sampled_from(examples))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.sampled_from((0, len(content))) | st.integers(0, len(content)))
        cut = draw(st.sampled_from((0, 0, 1, 2, 10, 200, 1 << 20)))
        begin = draw(st.integers(0, len(content)))
        piece = st.sampled_from(TOKENS) | st.binary(max_size=8) | st.just(content[begin : begin + 100])
        content = content[:at] + draw(piece) + content[at + cut :]
    return content


#: What may stand in the place of any part of a message.
PARTS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([-1, 0, 1, 2, 7, 10**6, 2**31, 2**63 - 1, -(2**63), 2**64 - 1]),
    st.floats(),
    st.sampled_from(
        ["", "x" * 3000, "\x1b[2J", "{0}{x!r:>99}", "[red]", "%s", "</script>", "\n" * 50, "\ud7ff\u202e", "£"]
    ),
    st.sampled_from(["RETURNED", "RAISED", "TIMED_OUT", "ABSENT", "DIED", "functions", "class", "module", "script"]),
    st.sampled_from(
        [b"", b"\0" * 8, b"\xff" * 64, [], {}, [[]] * 50, {"": {}}, {"not": "x" * 999}, {"dtype": "float64"}]
    ),
    st.sampled_from(["float64", "float32", "complex128", "bool", "int64", "uint8", "object", "V8", "M8[s]"]),
    st.sampled_from(
        ["Name", "Constant", "FunctionDef", "For", "Module", "Attribute", "Call", "AST", "NodeVisitor", "n", "v"]
    ),
    st.text(max_size=5),
    st.binary(max_size=16),
)


@dataclass(frozen=True)
class Bend:
    """One change of plain data, wherever it falls.

    Attributes
    ----------
    where : a share of the way through the data
    what : the part that is put there
    how : ``put`` it, ``drop`` what stands there, or put what stands ``elsewhere``
    """

    where: float
    elsewhere: float
    what: Any
    how: str

    def of(self, data: Any) -> Any:
        """Change a copy of some data."""
        data = copy.deepcopy(data)
        places = _places(data)
        if not places:
            return data
        holder, key = places[min(int(self.where * len(places)), len(places) - 1)]
        if self.how == "drop":
            del holder[key]
        elif self.how == "elsewhere":
            other, its_key = places[min(int(self.elsewhere * len(places)), len(places) - 1)]
            holder[key] = copy.deepcopy(other[its_key])
        else:
            holder[key] = self.what
        return data


def _places(data: Any) -> list[tuple[Any, Any]]:
    """Every place in nested lists and dicts, as its holder and key."""
    keys = data.keys() if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    return [place for key in keys for place in ((data, key), *_places(data[key]))]


_SHARE = st.floats(0, 1, exclude_max=True)
BENDS = st.builds(Bend, _SHARE, _SHARE, PARTS, st.sampled_from(["put", "put", "drop", "elsewhere"]))
