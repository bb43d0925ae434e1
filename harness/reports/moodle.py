"""``moodle-grades.csv``: Moodle's grading worksheet filled in; ``moodle-feedback.zip``: students' pages, to upload.

Headings are in the language of whoever exported the worksheet. The first column is the identifier, *Participant
1234567*, whose number the folders of hand-ins bear as well; the grade stands before the maximum, which is the same in
every row.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.disclosure import disclosed
from harness.language import language
from harness.marks import percent_of
from harness.model import Grade, Run
from harness.reports import pages
from harness.reports.explanation import headline, rule_at
from harness.reports.exported import People, number, write_back, written, wrong
from harness.reports.streams import Write, safe, whole_archive
from harness.tables import Table, read_table

KIND, NAME = "moodle", "moodle-grades.csv"
FEEDBACK = "moodle-feedback.zip"


@contextmanager
def writing(run: Run, folder: Path) -> Iterator[Write]:
    """Fill the worksheet in, and collect the feedback.

    Raises
    ------
    InputError
        When the worksheet is none.
    """
    assert run.into is not None
    table = read_table(run.into)
    rows = [row for _, row in table.rows]
    grade_at, maximum_at, comments_at = _columns(table, rows)
    people = People((i, re.sub(r"\D", "", row[0]), row[1:4]) for i, row in enumerate(rows))
    maxima = [number(row[maximum_at]) for row in rows]
    if not all(maxima):
        raise wrong(table, f"has no number for {table.head[maximum_at]!r} in each row; is it graded by a scale?")
    with whole_archive(folder / FEEDBACK) as archive:

        def write(grade: Grade) -> None:
            percent = percent_of(grade, run.assignment)
            found = people.row_of(grade)
            if percent is None or found is None or grade.missing:
                return
            row = rows[found]
            row[grade_at] = written((maxima[found] or 0.0) * percent / 100, like=row[maximum_at])
            if comments_at is not None:
                row[comments_at] = str(safe(_comment(grade, run)))
            archive.writestr(_feedback_name(grade, row), pages.page(grade, run))

        yield write
    write_back(folder / NAME, table, [table.head, *rows])


def _columns(table: Table, rows: list[list[str]]) -> tuple[int, int, int | None]:
    """Where grade, maximum and comments stand: by their English headings, else by what is in them."""
    if not rows or not all(re.fullmatch(r"\D+\d+", row[0].strip()) for row in rows):
        raise wrong(
            table, "is no grading worksheet of Moodle: its first column is not 'Participant 1234567' in each row"
        )
    head = [name.strip().casefold() for name in table.head]
    comments = head.index("feedback comments") if "feedback comments" in head else None
    if "grade" in head and "maximum grade" in head:
        return head.index("grade"), head.index("maximum grade"), comments
    for i in range(2, len(head)):
        values = {row[i].strip() for row in rows}
        maximum = number(next(iter(values)))
        before = [row[i - 1].strip() for row in rows]
        if len(values) == 1 and maximum and all(not one or number(one) is not None for one in before):
            return i - 1, i, comments if comments is not None else _last(head, i)
    raise wrong(table, "is no grading worksheet of Moodle: no column has the same maximum in each row")


def _last(head: list[str], maximum: int) -> int | None:
    """Comments come last, after the dates and whether the grade may be changed."""
    return len(head) - 1 if len(head) > maximum + 3 else None


def _comment(grade: Grade, run: Run) -> str:
    """A line for the student; Moodle takes it for HTML."""
    tr, told = language(run.language), disclosed(grade, run.assignment)
    lines = [headline(told, tr), *([tr(told.reason)] if told.reason else [])]
    for finding in told.findings:
        named = rule_at(finding, tr)
        lines.append(f"{named}: {tr(finding.message)}" if finding.message else named)
    return "<br />".join(pages.escaped(line) for line in lines)


def _feedback_name(grade: Grade, row: list[str]) -> str:
    """Where Moodle looks for a student's file: in the folder that it gave out itself."""
    folder = grade.delivery.folder if grade.delivery else ""
    if "_assignsubmission_" not in folder:
        name = row[1].strip() if len(row) > 1 and row[1].strip() else "Participant"
        folder = f"{name}_{re.sub(r'[^0-9]', '', row[0])}_assignsubmission_file_"
    return f"{folder.replace('_onlinetext', '_file')}/feedback.html"
