"""Tables that a learning system has exported, to be filled in and imported again."""

import csv
from collections.abc import Iterable
from pathlib import Path

from harness.errors import InputError
from harness.model import Grade
from harness.reports.streams import whole
from harness.tables import BOM, Table


def wrong(table: Table, what: str) -> InputError:
    """Say what is wrong with a table."""
    return InputError(f"{table.path}: {what}")


def write_back(path: Path, table: Table, rows: Iterable[Iterable[object]]) -> None:
    """Write rows as the table was written that they come from."""
    with whole(path) as file:
        file.write(BOM if table.marked else "")
        csv.writer(file, delimiter=table.delimiter).writerows(rows)


def number(text: str) -> float | None:
    """Read a number, with a point or a comma in it."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def written(value: float, like: str = "") -> str:
    """Write points, with a comma where the system does."""
    text = f"{round(value, 2):g}"
    return text.replace(".", ",") if "," in like else text


def keys_of(grade: Grade) -> list[str]:
    """All that a system may know a hand-in's student by, the surest first."""
    student = grade.delivery.student if grade.delivery else None
    known = [student.account, student.id, student.email, student.name] if student else []
    return [key.strip().casefold() for key in [*known, grade.id] if key.strip()]
