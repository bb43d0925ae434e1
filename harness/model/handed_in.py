"""A hand-in: its bytes, whose it is and when it came, and places and stretches of its text."""

from dataclasses import dataclass
from datetime import datetime

from harness.words import Words, say


@dataclass(frozen=True)
class Submission:
    """One hand-in: an id, and bytes.

    Attributes
    ----------
    id : stable and unique within a run
    path : as it is shown, relative to what was given on the command line
    content : the bytes, or None when they could not be had
    unreadable : why not, in one line; None when `content` is there
    """

    id: str
    path: str
    content: bytes | None
    unreadable: str | None = None


@dataclass(frozen=True)
class Student:
    """Somebody of a class, as far as an export or the roster tells; what is not known is empty.

    Attributes
    ----------
    id : of the roster, or of the system that the hand-in came from
    account : the number that the system itself goes by: Canvas' user id, Moodle's participant, Gradescope's SID
    due : a time of their own, where the roster gives one
    """

    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    account: str = ""
    due: datetime | None = None


@dataclass(frozen=True)
class Delivery:
    """How a hand-in came: by whom, when, and what else came with it.

    Attributes
    ----------
    at : when, where the export says
    late : the export says that it was late, maybe without saying how much
    set_aside : other files of the same student, which do not count
    folder : of the student in the export, for what is to be read back there
    """

    student: Student
    at: datetime | None = None
    late: bool = False
    set_aside: tuple[str, ...] = ()
    folder: str = ""


@dataclass(frozen=True)
class Lateness:
    """How late a hand-in is, and what the rule takes for it; beside the mark, never inside it.

    Attributes
    ----------
    days : days begun, None where it is late and nobody knows how much
    points : taken, None where `days` is
    """

    days: int | None
    points: float | None


@dataclass(frozen=True)
class Place:
    """A line of a hand-in.  `harness.language` says it in other languages.

    Attributes
    ----------
    line : from 1; in the file for .py and .md, in the cell for .ipynb
    cell : from 1, counting all cells of a notebook; None elsewhere
    """

    line: int
    cell: int | None = None

    def words(self) -> Words:
        """Say where it is."""
        if self.cell is None:
            return say("line {line}", line=self.line)
        return say("cell {cell}, line {line}", cell=self.cell, line=self.line)

    def __str__(self) -> str:
        return str(self.words())


@dataclass(frozen=True)
class Edit:
    """A stretch of a hand-in and the text that takes its place.

    Attributes
    ----------
    place : the line where it begins
    column, end_line, end_column : in characters from 0; the end is not included
    """

    place: Place
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True)
class Listing:
    """A stretch of code as it was read: a file, a fence of Markdown, a notebook cell.

    Attributes
    ----------
    first_line : its number, in the file or in the cell
    cell : from 1; None elsewhere
    """

    text: str
    first_line: int = 1
    cell: int | None = None
