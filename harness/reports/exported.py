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
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if "," in like else text


class People:
    """The rows of a table, to be found by all that the system knows their students by.

    Parameters
    ----------
    known : for the number of each row what its student is known by; what several have finds none of them
    """

    def __init__(self, known: Iterable[tuple[int, Iterable[str]]]) -> None:
        self._rows: dict[str, int | None] = {}
        for row, names in known:
            for key in {_key(name) for name in names} - {""}:
                self._rows[key] = None if key in self._rows else row

    def row_of(self, grade: Grade) -> int | None:
        """The row of a hand-in's student, by what is surest of all that is known of them."""
        student = grade.delivery.student if grade.delivery else None
        known = [student.account, student.id, student.email, student.name] if student else []
        found = (self._rows.get(_key(name)) for name in [*known, grade.id])
        return next((row for row in found if row is not None), None)


def _key(name: str) -> str:
    return name.strip().casefold()
