"""``gradebook.csv``: one row for each submission, one column for each check, safe to open in a spreadsheet."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.language import language
from harness.marks import mark_of, percent_of, standing
from harness.model import Grade, Outcome, Run
from harness.reports.streams import Write, safe, whole
from harness.tables import BOM

KIND, NAME = "csv", "gradebook.csv"
_HEAD = (
    *("id", "path", "outcome", "score", "follow_through_score", "max_score", "mark", "percent"),
    *("findings", "reason"),
    *("name", "section", "email", "handed_in", "late_days", "late_points", "mark_less_late", "set_aside"),
)


@contextmanager
def writing(run: Run, folder: Path) -> Iterator[Write]:
    """Write the table; an empty cell is a check that does not apply, or a submission that was not graded."""
    ids = [check.id for check in run.assignment.checks]
    with whole(folder / NAME) as file:
        file.write(BOM)  # or Excel takes it for the code page of the country
        table = csv.writer(file)
        table.writerow([*_HEAD, *ids])

        def write(grade: Grade) -> None:
            table.writerow(map(safe, _row(grade, run, ids)))

        yield write


def _row(grade: Grade, run: Run, ids: list[str]) -> list[object]:
    percent = percent_of(grade, run.assignment)
    rounded = "" if percent is None else round(percent, 2)
    marks = grade.score, grade.follow_through_score, grade.max_score, mark_of(grade, run.assignment), rounded
    earned = {check.id: check.earned for check in grade.checks if check.outcome not in _EMPTY}
    return [
        *(grade.id, grade.path, standing(grade)),
        *(marks if grade.graded else [""] * len(marks)),
        " ".join(dict.fromkeys(finding.rule for finding in grade.findings)),
        language(run.language)(grade.reason or ""),
        *_delivered(grade, run),
        *(earned.get(id, "") for id in ids),
    ]


def _delivered(grade: Grade, run: Run) -> list[object]:
    """Who, when, and what lateness takes, which is never inside the mark."""
    delivery, late = grade.delivery, grade.lateness
    if delivery is None:
        return [""] * 8
    student = delivery.student
    days: object = "" if late is None else "?" if late.days is None else late.days
    points: object = "" if late is None or late.points is None else round(late.points, 2)
    less = round(max(mark_of(grade, run.assignment) - late.points, 0.0), 2) if late and late.points is not None else ""
    at = delivery.at.isoformat() if delivery.at else ""
    aside = " ".join(delivery.set_aside)
    return [student.name, student.section, student.email, at, days, points, less, aside]


_EMPTY = (Outcome.NOT_APPLICABLE, Outcome.GRADER_FAULT)
