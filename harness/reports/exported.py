"""Tables that a learning system has exported, to be filled in and imported again."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from harness.errors import InputError
from harness.model import Grade


@dataclass(frozen=True)
class Table:
    """A CSV as it was exported.

    Attributes
    ----------
    rows : below the head, each as long as it
    delimiter : that the system writes in the language of its user
    """

    path: Path
    head: list[str]
    rows: list[list[str]]
    delimiter: str = ","

    def wrong(self, what: str) -> InputError:
        """Say what is wrong with it."""
        return InputError(f"{self.path}: {what}")


def read_table(path: Path) -> Table:
    """Read a table.

    Raises
    ------
    InputError
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        first = text.partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        head, *rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except ValueError:
        raise InputError(f"{path} can't be read: it is no CSV in UTF-8") from None
    except (OSError, csv.Error) as error:
        told = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path} can't be read: {told}") from None
    rows = [[*row, *[""] * (len(head) - len(row))] for row in rows if any(cell.strip() for cell in row)]
    return Table(path, head, rows, delimiter)


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
