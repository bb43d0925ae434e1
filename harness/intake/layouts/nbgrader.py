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
    """Some folder of an assignment has a time stamp, or the tree is under ``submitted``."""
    return any(_under(item) and (item.parts[-1] == _STAMP or "submitted" in item.parts[:-3]) for item in items)


def attempts(items: list[Item]) -> Iterator[Attempt]:
    """Take paths apart.

    Raises
    ------
    InputError
        Where there are several assignments in the tree.
    """
    placed = [(item, *found) for item in items if (found := _under(item))]
    assignments = sorted({assignment for _, _, assignment in placed})
    if len(assignments) > 1:
        shown = ", ".join(assignments)
        raise InputError(f"there are hand-ins of several assignments ({shown}); give the folder of one, as nbgrader's "
                         f"`submitted` with the others moved away")  # fmt: skip
    stamps = {student: _time(item) for item, student, _ in placed if item.parts[-1] == _STAMP}
    for item, student, _ in placed:
        if item.parts[-1] != _STAMP:
            yield Attempt(item, Student(student), at=stamps.get(student), folder="/".join(item.parts[:-1]))


def _under(item: Item) -> tuple[str, str] | None:
    """The student and the assignment that a path names: what follows ``submitted``, or its first two folders."""
    parts = item.parts
    if "submitted" in parts:
        parts = parts[parts.index("submitted") + 1 :]
    return (parts[0], parts[1]) if len(parts) >= 3 else None


def _time(item: Item) -> datetime | None:
    """Read a time stamp, in UTC where it names no zone; nbgrader writes ``2026-11-20 14:59:01 UTC``."""
    try:
        text = item.read()[:100].decode().strip().removesuffix("UTC").strip()
        at = datetime.fromisoformat(text)
    except (Refused, ValueError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
