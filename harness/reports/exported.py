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
    known : for the number of each row the system's own number for its student, and what else they are known by; what
        several have finds none of them. The system's number is compared with nothing but itself: a student's number at
        the university may by chance be another's there
    """

    def __init__(self, known: Iterable[tuple[int, str, Iterable[str]]]) -> None:
        self._by_account: dict[str, int | None] = {}
        self._by_name: dict[str, int | None] = {}
        for row, account, names in known:
            _enter(self._by_account, [account], row)
            _enter(self._by_name, names, row)

    def row_of(self, grade: Grade) -> int | None:
        """The row of a hand-in's student, by what is surest of all that is known of them."""
        student = grade.delivery.student if grade.delivery else None
        account = self._by_account.get(_key(student.account)) if student else None
        names = [student.id, student.email, student.name, grade.id] if student else [grade.id]
        found = (account, *(self._by_name.get(_key(name)) for name in names))
        return next((row for row in found if row is not None), None)


def _enter(rows: dict[str, int | None], names: Iterable[str], row: int) -> None:
    for key in {_key(name) for name in names} - {""}:
        rows[key] = None if key in rows else row


def _key(name: str) -> str:
    return name.strip().casefold()
