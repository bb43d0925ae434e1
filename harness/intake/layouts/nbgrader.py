"""nbgrader: the tree ``submitted/<student>/<assignment>/``, with the time of each hand-in in ``timestamp.txt``."""

from collections.abc import Iterator
from datetime import UTC, datetime

from harness.errors import InputError
from harness.intake.layouts import Attempt
from harness.intake.tree import Item, Refused
from harness.model import Student

TITLE = "nbgrader"
_STAMP = "timestamp.txt"


def recognise(items: list[Item]) -> bool:
    """All files of code are in such a tree: under ``submitted``, or with time stamps for most of the students."""
    code = [item for item in items if item.is_file_of_code]
    base = _base(code)
    if not code or any(len(item.parts) < base + 3 for item in code):
        return False
    stamped = {item.parts[base] for item in items if item.parts[-1] == _STAMP and len(item.parts) == base + 3}
    return base > 0 or len(stamped) > len({item.parts[0] for item in code}) / 2


def attempts(items: list[Item]) -> Iterator[Attempt]:
    """Take paths apart.

    Raises
    ------
    InputError
        Where there are several assignments in the tree.
    """
    base = _base([item for item in items if item.is_file_of_code])
    deep = [item for item in items if len(item.parts) >= base + 3]
    placed = [(item, item.parts[base], item.parts[base + 1]) for item in deep]
    assignments = sorted({assignment for _, _, assignment in placed})
    if len(assignments) > 1:
        shown = ", ".join(assignments)
        raise InputError(
            f"there are hand-ins of several assignments ({shown}); give the folder of one, as nbgrader's"
            " `submitted` with the others moved away"
        )
    stamps = {student: _time(item) for item, student, _ in placed if item.parts[-1] == _STAMP}
    for item, student, _ in placed:
        if item.parts[-1] != _STAMP:
            yield Attempt(item, Student(student), at=stamps.get(student), folder="/".join(item.parts[:-1]))


def _base(code: list[Item]) -> int:
    """How many folders stand above the students': up to ``submitted``, where it is above them all."""
    for depth in (1, 2):
        if code and all(len(item.parts) > depth and item.parts[depth - 1] == "submitted" for item in code):
            return depth
    return 0


def _time(item: Item) -> datetime | None:
    """Read a time stamp, in UTC where it names no zone; nbgrader writes ``2026-11-20 14:59:01 UTC``."""
    try:
        text = item.read()[:100].decode().strip().removesuffix("UTC").strip()
        at = datetime.fromisoformat(text)
    except (Refused, ValueError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
