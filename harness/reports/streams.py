"""How a report is written: as the grades come, and whole or not at all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from harness.model import Grade

#: Takes one grade after the other, in the order of the hand-ins.
Write = Callable[[Grade], None]


@contextmanager
def whole(path: Path) -> Iterator[TextIO]:
    """Open a file that takes its place when it is complete; what is broken off leaves the one that was there."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", newline="", encoding="utf-8") as file:
        yield file
    partial.replace(path)


def safe(cell: object) -> object:
    """Keep a spreadsheet from taking a text for a formula; numbers stay what they are."""
    return (
        f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r")) else cell
    )
