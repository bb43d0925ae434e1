"""From blocks of text to statements that can each be run on its own, and the ones that do not even parse.

A syntax error costs the statement that it stands in and nothing else: the rest of the file is cut at lines that
begin in the first column, and each piece is parsed by itself.
"""

import ast
import re
import warnings
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from types import CodeType

from harness.worker.reading import Block


@dataclass(frozen=True)
class Statement:
    """One top-level statement; its nodes carry the line numbers of the file or cell."""

    node: ast.stmt
    cell: int | None

    @property
    def line(self) -> int:
        """The first line of the statement."""
        return self.node.lineno

    @cached_property
    def code(self) -> CodeType:
        """What it compiles to; a script is run several times.

        Raises
        ------
        SyntaxError
            When it parses and is wrong all the same, as ``return`` outside a function is.
        """
        return compile(ast.Module([self.node], []), file_name(self.cell), "exec", dont_inherit=True)


def file_name(cell: int | None) -> str:
    """Name the file that compiled student code says it is from."""
    return "<submission>" if cell is None else f"<submission cell {cell}>"


@dataclass(frozen=True)
class Broken:
    """A stretch that does not parse."""

    line: int
    cell: int | None
    message: str
    text: str


#: How many top-level pieces a triple-quoted string may be torn into and still be put together again.
_LONGEST_REUNION = 60
#: A line in the first column that goes on with what stands above it.
_CONTINUES = re.compile(r"(else|elif|except|finally)\b|[)\]}]")


def statements_of(blocks: list[Block]) -> tuple[list[Statement], list[Broken]]:
    """Parse every block, saving what can be saved of those that do not parse."""
    statements: list[Statement] = []
    broken: list[Broken] = []
    for block in blocks:
        for piece in _parse_block(block):
            if isinstance(piece, Broken):
                broken.append(piece)
            else:
                statements.append(piece)
    return statements, broken


def _parse_block(block: Block) -> Iterator[Statement | Broken]:
    parsed = _parse(block.text, block.first_line)
    if isinstance(parsed, list):
        yield from (Statement(node, block.cell) for node in parsed)
        return
    lines = block.text.split("\n")
    starts = [i for i, line in enumerate(lines) if line[:1].strip() and not _CONTINUES.match(line) and line[0] != "#"]
    starts.append(len(lines))
    if starts[0] > 0:  # a first line that is indented: a stray paste, kept as a piece so that it is told
        starts.insert(0, 0)
    position = 0
    while position < len(starts) - 1:
        position, pieces = _longest_piece(lines, starts, position, block)
        yield from pieces


def _longest_piece(
    lines: list[str], starts: list[int], position: int, block: Block
) -> tuple[int, list[Statement | Broken]]:
    """Parse from ``starts[position]`` to the nearest later start that makes a whole; else it is broken."""
    begin = starts[position]
    failure: SyntaxProblem | None = None
    for end in range(position + 1, min(len(starts), position + _LONGEST_REUNION)):
        text = "\n".join(lines[begin : starts[end]])
        parsed = _parse(text, block.first_line + begin)
        if isinstance(parsed, list):
            return end, [Statement(node, block.cell) for node in parsed]
        failure = failure or parsed
        if not _may_continue(text):
            break
    assert failure is not None
    text = "\n".join(lines[begin : starts[position + 1]])
    return position + 1, [Broken(failure.line, block.cell, failure.message, text)]


@dataclass(frozen=True)
class SyntaxProblem:
    """Where a text does not parse, and why."""

    line: int
    message: str


#: What Python warns of when it parses: an escape that there is not, and a number that runs into a word.
_MAY_WARN = re.compile(r"\\|\b\d+[A-Za-z_]")


def _parse(text: str, first_line: int) -> list[ast.stmt] | SyntaxProblem:
    try:
        with warnings.catch_warnings(action="ignore") if _MAY_WARN.search(text) else nullcontext():
            tree = ast.parse(text)
    except SyntaxError as error:
        return SyntaxProblem((error.lineno or 1) + first_line - 1, error.msg or "invalid syntax")
    except (ValueError, RecursionError, MemoryError) as error:
        return SyntaxProblem(first_line, f"too deep or too odd to parse ({type(error).__name__})")
    if first_line > 1:
        ast.increment_lineno(tree, first_line - 1)
    return tree.body


def _may_continue(text: str) -> bool:
    """Only an open triple quote, bracket or decorator can be mended by what comes further down."""
    opened = text.count("(") + text.count("[") + text.count("{")
    closed = text.count(")") + text.count("]") + text.count("}")
    quotes = (text.count('"""') % 2) or (text.count("'''") % 2)
    return bool(quotes) or opened > closed or text.lstrip().startswith("@") or text.rstrip().endswith("\\")
