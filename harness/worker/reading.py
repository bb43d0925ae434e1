"""From the bytes of a hand-in to blocks of Python text that remember where they stood.

``.py`` is one block (exported notebooks, with ``# %%`` or ``# In[3]:``, too: their line numbers are the file's);
``.ipynb`` gives a block for each code cell; ``.md`` a block for each fenced listing; ``.html``, which learning systems
make of code that was typed into their editor, the text that it shows.
"""

import io
import json
import re
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import Any

from markdown_it import MarkdownIt

from harness.edits import Replacement, replaced

MAX_BYTES = 8 << 20


class Unreadable(Exception):
    """The hand-in can't be read; the message says why, in one line."""


@dataclass(frozen=True)
class Block:
    """A stretch of Python text.

    Attributes
    ----------
    text : with magics set aside, line for line as handed in
    first_line : the number of its first line, in the file or in the cell
    cell : the number of the notebook cell, from 1; None elsewhere
    """

    text: str
    first_line: int = 1
    cell: int | None = None


def read(name: str, content: bytes) -> list[Block]:
    """Read a hand-in by the ending of its name.

    Raises
    ------
    Unreadable
    """
    if not content.strip():
        raise Unreadable("the file is empty")
    if len(content) > MAX_BYTES:
        raise Unreadable(f"the file has {len(content):,} bytes, more than the {MAX_BYTES:,} allowed")
    suffix = name.lower().rpartition(".")[2]
    readers = {"ipynb": read_notebook, "md": read_markdown, "markdown": read_markdown, "html": read_page}
    blocks = readers.get(suffix, read_script)(content)
    if not any(block.text.strip() for block in blocks):
        kind = {"ipynb": "the notebook has no code cell", "py": "the file has no code"}
        raise Unreadable(kind.get(suffix, "there is no Python listing in it"))
    return blocks


#: A cell, and what is to be replaced in it.
CellReplacement = tuple[int | None, Replacement]


def mend(blocks: list[Block], edits: Sequence[CellReplacement]) -> list[Block]:
    """Replace stretches of text, each in the block that it stands in."""
    if not edits:
        return blocks
    return [
        replace(block, text=replaced(block.text, block.first_line, [one for cell, one in edits if cell == block.cell]))
        for block in blocks
    ]


def read_script(content: bytes) -> list[Block]:
    """Read a ``.py`` file, an exported notebook among them."""
    return [Block(set_magics_aside(decode(content)))]


def read_notebook(content: bytes) -> list[Block]:
    """Read the code cells of a notebook."""
    cells = [(cell.get("cell_type"), cell.get("source", "")) for cell in notebook_of(content)["cells"]]
    return [
        Block(set_magics_aside(source if isinstance(source, str) else "".join(map(str, source))), cell=number)
        for number, (kind, source) in enumerate(cells, 1)
        if kind == "code"
    ]


def notebook_of(content: bytes) -> dict[str, Any]:
    """Take a notebook of any version that nbformat upgrades; one without metadata is taken for version 4.

    Raises
    ------
    Unreadable
    """
    try:
        raw = json.loads(decode(content))
    except ValueError as error:
        raise Unreadable(f"the notebook is not valid JSON ({error})") from None
    except RecursionError:
        raise Unreadable("the notebook is nested too deeply") from None
    if not isinstance(raw, dict) or not (isinstance(raw.get("cells"), list) or "worksheets" in raw):
        raise Unreadable("the file is JSON but not a notebook: it has no cells")
    if "worksheets" not in raw and not isinstance(raw.get("nbformat"), int):
        raw |= {"nbformat": 4, "nbformat_minor": 4}
    raw.setdefault("metadata", {})
    try:
        notebook = raw if raw["nbformat"] == 4 else _upgraded(raw)
        for cell in notebook["cells"]:
            cell.get("cell_type")
    except Exception as error:  # noqa: BLE001 a damaged notebook fails anywhere in nbformat; all of it means unreadable
        raise Unreadable(f"the notebook can't be read ({type(error).__name__}: {error})"[:300]) from None
    return notebook


def _upgraded(raw: dict[str, Any]) -> dict[str, Any]:
    # Imported here: it brings 170 modules, which every fork would have to carry for the sake of a few old notebooks.
    import nbformat

    upgraded: dict[str, Any] = nbformat.reads(json.dumps(raw), as_version=4)
    return upgraded


def read_markdown(content: bytes) -> list[Block]:
    """Read the listings of a Markdown file: fences marked as Python, else unmarked ones, else indented ones."""
    tokens = [token for token in MarkdownIt("commonmark").parse(decode(content)) if token.map]
    fences = [token for token in tokens if token.type == "fence"]
    listings = (
        [token for token in fences if _is_python(token.info)]
        or [token for token in fences if not token.info.strip()]
        or [token for token in tokens if token.type == "code_block"]
    )
    return [
        Block(set_magics_aside(token.content), first_line=token.map[0] + (2 if token.type == "fence" else 1))
        for token in listings
        if token.map
    ]


def read_page(content: bytes) -> list[Block]:
    """Read code that was typed into a learning system's editor, and kept by it as HTML."""
    shown = _Shown()
    shown.feed(decode(content))
    shown.close()
    return [Block(set_magics_aside("".join(shown.text).replace("\N{NO-BREAK SPACE}", " ")))]


class _Shown(HTMLParser):
    """The text of a page as it is shown: a line for each block and break."""

    _BLOCKS = frozenset({"p", "div", "pre", "li", "tr", "h1", "h2", "h3", "blockquote"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._as_it_stands = 0
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line where the page would."""
        self._as_it_stands += tag == "pre"
        self._hidden += tag in ("script", "style", "head")
        if tag == "br" or (tag in self._BLOCKS and self.text and not self.text[-1].endswith("\n")):
            self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End the line of a block."""
        self._as_it_stands -= tag == "pre" and self._as_it_stands > 0
        self._hidden -= tag in ("script", "style", "head") and self._hidden > 0
        if tag in self._BLOCKS and self.text and not self.text[-1].endswith("\n"):
            self.text.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep what is shown; outside of ``<pre>`` a line's end is the editor's, not the student's."""
        if not self._hidden:
            self.text.append(data if self._as_it_stands else re.sub(r"\s*\n\s*", "", data))


def decode(content: bytes) -> str:
    """Decode by BOM, by PEP 263 cookie, as UTF-8, or as CP949, the first that fits.

    Raises
    ------
    Unreadable
        For binary files and unknown encodings.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in content:
        raise Unreadable("the file is binary, not text")
    else:
        encodings = [*_declared(content), "utf-8", "cp949"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except (UnicodeError, LookupError):  # the codec may be no text's, or `undefined`, or `idna`
            continue
        text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")  # the BOM
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ")
    raise Unreadable("the text is in no known encoding; save it as UTF-8")


def set_magics_aside(text: str) -> str:
    """Blank what IPython understands and Python does not, and keep every line number.

    Cells of another language (``%%bash``) go whole; ``%time`` and ``%%time`` go, the code under them stays.
    """
    if not _ANY_MAGIC.search(text):
        return text
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%"):
        if not re.match(r"%%(time|timeit|capture|prun)\b", first):
            return "\n" * (len(lines) - 1)
        lines[lines.index(first)] = ""
    return "\n".join(_plain_line(line) for line in lines)


#: Finds at least all that the others find, and stays within a line: blank lines by the thousand must cost nothing.
_ANY_MAGIC = re.compile(r"^[^\S\n]*(%|!|\?|get_ipython\(\))|=[^\S\n]*[!%]|\?[^\S\n]*$", re.MULTILINE)
_MAGIC = re.compile(r"^(\s*)(%[A-Za-z]|!|\?|get_ipython\(\))")
_MAGIC_VALUE = re.compile(r"^(\s*)([A-Za-z_]\w*\s*=\s*)[!%][A-Za-z]")
_HELP = re.compile(r"^(\s*)[A-Za-z_][\w.]*\?{1,2}\s*$")


def _plain_line(line: str) -> str:
    timed = re.match(r"^(\s*)%time\s+(.*)$", line)
    if timed:
        return timed[1] + timed[2]
    if value := _MAGIC_VALUE.match(line):
        return f"{value[1]}{value[2]}None"
    if magic := _MAGIC.match(line) or _HELP.match(line):
        return f"{magic[1]}pass" if magic[1] else ""
    return line


def _declared(content: bytes) -> list[str]:
    if b"coding" not in content or not any(b"coding" in line for line in content.split(b"\n", 2)[:2]):
        return []
    try:
        return [tokenize.detect_encoding(io.BytesIO(content).readline)[0]]
    except SyntaxError:
        return []


def _is_python(info: str) -> bool:
    language = info.strip().split(" ")[0].lower().strip("{}.")
    return language in {"py", "python", "python3", "python2", "ipython", "ipython3"}
