"""How a report is written: as the grades come, and whole or not at all."""

import os
import zipfile
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
    with _taking_its_place(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        yield file


def put(path: Path, content: bytes) -> None:
    """Write a small file, over what is there.

    A file that is emptied first, as by `Path.write_bytes`, is sent to the disk by ext4 as soon as it is closed, lest a
    power cut leave it empty. For pages that a run makes again by the thousand that is most of what they cost.
    """
    with open(path, "wb", opener=_not_emptied) as file:
        file.write(content)
        file.truncate()


def _not_emptied(path: str, flags: int) -> int:
    return os.open(path, flags & ~os.O_TRUNC, 0o666)


@contextmanager
def whole_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip likewise."""
    with _taking_its_place(path) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        yield archive


@contextmanager
def _taking_its_place(path: Path) -> Iterator[Path]:
    partial = path.with_name(f".{path.name}.partial")
    try:
        yield partial
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def safe(cell: object) -> object:
    """Keep a spreadsheet from taking a text for a formula; numbers stay what they are."""
    return (
        f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r")) else cell
    )
