"""``canvas.csv``: an exported Canvas gradebook with this assignment's column filled in, to be imported again.

It has no more columns than Canvas needs to know a student by, and the one assignment, under the very title that Canvas
gave it: an unknown title would create an assignment. Students are matched by Canvas' id, SIS id, login, then name. Who
was not graded, or handed in nothing, keeps what Canvas has.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import InputError
from harness.marks import percent_of
from harness.model import Grade, Run
from harness.reports.exported import People, number, write_back, written, wrong
from harness.reports.streams import Write, safe
from harness.tables import Table, read_table

KIND, NAME = "canvas", "canvas.csv"
#: What Canvas knows a student by, in the order of its export.
_STUDENT = ("Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Section")
_POINTS = "Points Possible"


def recognise(path: Path) -> bool:
    """Tell whether a table is Canvas' gradebook."""
    return read_table(path).head[:2] == ["Student", "ID"]


@contextmanager
def writing(run: Run, folder: Path) -> Iterator[Write]:
    """Fill the column in.

    Raises
    ------
    InputError
        When the export is none, or its columns do not say which is this assignment's.
    """
    assert run.into is not None
    table = read_table(run.into)
    if table.head[:2] != ["Student", "ID"]:
        raise wrong(table, "is no gradebook that Canvas exported: it does not begin with the columns Student, ID")
    column = _column(table, run)
    possible = next((number(row[column]) for _, row in table.rows if row[0].strip() == _POINTS), None)
    if not possible:
        raise wrong(table, f"has no points for {table.head[column]!r} in its row {_POINTS!r}")
    people = _people(table)
    marks: dict[int, str] = {}

    def write(grade: Grade) -> None:
        percent = percent_of(grade, run.assignment)
        row = people.row_of(grade)
        if percent is not None and row is not None and not grade.missing:
            marks[row] = written(possible * percent / 100)

    yield write
    write_back(folder / NAME, table, _filled_in(table, column, marks))


def _filled_in(table: Table, column: int, marks: dict[int, str]) -> Iterator[list[object]]:
    kept = [i for i, name in enumerate(table.head) if name in _STUDENT]
    yield [table.head[i] for i in [*kept, column]]
    for i, (_, row) in enumerate(table.rows):
        if row[0].strip() == _POINTS or i in marks:
            yield [*(safe(row[k]) for k in kept), marks.get(i, row[column])]


def _people(table: Table) -> People:
    """The row of each student by all that Canvas knows them by."""
    keys = [i for i, name in enumerate(table.head) if name in _STUDENT[:-1] and name != "ID"]
    return People(
        (i, row[1], [*(row[k] for k in keys), re.sub(r"\W", "", row[0])])
        for i, (_, row) in enumerate(table.rows)
        if row[0].strip() not in (_POINTS, "Student, Test", "")
    )


def _column(table: Table, run: Run) -> int:
    """Find the assignment's column; one that is not there is never made."""
    assignments = {title: i for i, title in enumerate(table.head) if re.search(r" \(\d+\)$", title)}
    wanted = [run.column] if run.column else [run.assignment.title, run.assignment.name]
    plain = [text.strip().casefold() for text in wanted]
    fitting = [i for title, i in assignments.items() if _titles(title) & set(plain)]
    if len(fitting) == 1:
        return fitting[0]
    there = ", ".join(map(repr, assignments)) or "none"
    which = f"has no column {run.column!r}" if run.column else f"has no one column of {run.assignment.title!r}"
    raise InputError(f"{run.into}: {which}; say which with --column; there are {there}")


def _titles(title: str) -> set[str]:
    """What a column may be called: its title, with or without the number, or the number."""
    bare, _, id = title.rpartition(" (")
    return {title.casefold(), bare.strip().casefold(), id.rstrip(")")}
