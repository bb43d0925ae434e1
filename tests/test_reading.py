"""Hand-ins of every kind and encoding are read, and each that can't be says why in one line."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.worker.reading import MAX_BYTES, Block, Unreadable, decode, read, set_magics_aside

CODE = "x = '은닉 상태'\n"


@pytest.mark.parametrize(
    "content",
    [
        CODE.encode(),
        b"\xef\xbb\xbf" + CODE.encode(),
        CODE.encode("utf-16"),
        b"# -*- coding: cp949 -*-\n" + CODE.encode("cp949"),
        CODE.encode("cp949"),
        CODE.replace("\n", "\r\n").encode(),
        b"# coding: no-such-encoding\n" + CODE.encode(),
        b"# coding: undefined\n" + CODE.encode(),
        b"# coding: rot13\n" + CODE.encode(),
    ],
    ids=["utf-8", "bom", "utf-16", "cookie", "cp949", "crlf", "wrong-cookie", "undefined", "no-encoding-of-text"],
)
def test_encodings(content: bytes) -> None:
    assert decode(content).endswith(CODE)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.py", b"", "the file is empty"),
        ("a.py", b" \n\t\n", "the file is empty"),
        ("a.py", b"\x7fELF\0\0\0", "the file is binary, not text"),
        ("a.py", b"\xff\xfe\xff\xff\xff", "the text is in no known encoding; save it as UTF-8"),
        ("a.py", b"\x81\xfe\x9f\xff\xa0\xff" * 3, "the text is in no known encoding"),
        ("a.py", b"x" * (MAX_BYTES + 1), r"the file has 8,388,609 bytes, more than the 8,388,608 allowed"),
        ("a.ipynb", b"{ not json", "the notebook is not valid JSON"),
        ("a.ipynb", b"[" * 200_000, "the notebook is nested too deeply|not valid JSON"),
        ("a.ipynb", b"[1, 2]", "the file is JSON but not a notebook: it has no cells"),
        ("a.ipynb", b'{"cells": []}', "the notebook has no code cell"),
        ("a.ipynb", b'{"cells": [{"cell_type": "markdown", "source": "# hi"}]}', "the notebook has no code cell"),
        ("a.ipynb", b'{"cells": [3], "nbformat": 4}', "the notebook can't be read"),
        ("a.md", b"# Only words", "there is no Python listing in it"),
        ("a.md", b"```python\n```", "there is no Python listing in it"),
    ],
)
def test_what_cannot_be_read_says_why(name: str, content: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(name, content)


def test_a_notebook_gives_its_code_cells_by_number() -> None:
    cells = [
        {"cell_type": "markdown", "source": "# hi"},
        {"cell_type": "code", "source": ["a = 1\n", "b = 2"]},
        {"cell_type": "raw", "source": "raw"},
        {"cell_type": "code", "source": "c = 3"},
    ]
    blocks = read("a.ipynb", json.dumps({"cells": cells}).encode())
    assert blocks == [Block("a = 1\nb = 2", 1, 2), Block("c = 3", 1, 4)]


def test_blank_lines_cost_nothing() -> None:
    """A search that goes on from line to line would not end."""
    text = "\n" * 300_000 + "x = 1"
    assert read("a.py", text.encode()) == [Block(text)]


def test_an_old_notebook_is_upgraded() -> None:
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": [{"cell_type": "code", "input": "a = 1", "language": "python", "outputs": []}]}],
    }
    assert [block.text for block in read("a.ipynb", json.dumps(old).encode())] == ["a = 1"]


def test_markdown_listings_keep_the_line_numbers_of_the_file() -> None:
    text = "# Title\n\n- item\n\n  ```python\n  a = 1\n\n  b = 2\n  ```\n\n~~~py\nc = 3\n~~~\n\n```\noutput\n```\n"
    blocks = read("a.md", text.encode())
    assert [(block.text.strip(), block.first_line) for block in blocks] == [("a = 1\n\nb = 2", 6), ("c = 3", 12)]


def test_unmarked_listings_count_where_none_is_marked() -> None:
    assert [block.text for block in read("a.md", b"```\na = 1\n```\n")] == ["a = 1\n"]
    assert [block.text for block in read("a.md", b"words\n\n    a = 1\n\nwords\n")] == ["a = 1\n"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("%matplotlib inline\nx = 1", "\nx = 1"),
        ("!pip install x\nx = 1", "\nx = 1"),
        ("if a:\n    !ls\n", "if a:\n    pass\n"),
        ("%time x = f()", "x = f()"),
        ("files = !ls", "files = None"),
        ("np.dot?\nx = 1", "\nx = 1"),
        ("%%time\nx = 1", "\nx = 1"),
        ("%%bash\nrm -rf x\n", "\n\n"),
        ("get_ipython().system('ls')\nx = 1", "\nx = 1"),
        ("x = a % b\ny = a != b\nz = a %b", "x = a % b\ny = a != b\nz = a %b"),
    ],
)
def test_magics_are_set_aside_line_for_line(before: str, after: str) -> None:
    assert set_magics_aside(before) == after


@given(st.binary(max_size=400), st.sampled_from(["a.py", "a.ipynb", "a.md", "a"]))
def test_no_bytes_break_the_reading(content: bytes, name: str) -> None:
    with contextlib.suppress(Unreadable):
        assert all(isinstance(block, Block) for block in read(name, content))
