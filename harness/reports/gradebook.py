"""``gradebook.csv``: one row for each submission, one column for each check, safe to open in a spreadsheet."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.language import language
from harness.marks import mark_of, percent_of
from harness.model import Grade, Outcome, Run
from harness.reports.streams import Write, whole

NAME = "gradebook.csv"
_HEAD = (
    *("id", "path", "outcome", "score", "follow_through_score", "max_score", "mark", "percent"),
    *("findings", "reason"),
)


@contextmanager
def writing(run: Run, folder: Path) -> Iterator[Write]:
    """Write the table; an empty cell is a check that does not apply, or a submission that was not graded."""
    ids = [check.id for check in run.assignment.checks]
    with whole(folder / NAME) as file:
        table = csv.writer(file)
        table.writerow([*_HEAD, *ids])

        def write(grade: Grade) -> None:
            table.writerow([_safe(cell) if isinstance(cell, str) else cell for cell in _row(grade, run, ids)])

        yield write


def _row(grade: Grade, run: Run, ids: list[str]) -> list[object]:
    percent = percent_of(grade, run.assignment)
    rounded = "" if percent is None else round(percent, 2)
    marks = grade.score, grade.follow_through_score, grade.max_score, mark_of(grade, run.assignment), rounded
    earned = {check.id: check.earned for check in grade.checks if check.outcome not in _EMPTY}
    return [
        *(grade.id, grade.path, "graded" if grade.graded else "not_graded"),
        *(marks if grade.graded else [""] * len(marks)),
        " ".join(dict.fromkeys(finding.rule for finding in grade.findings)),
        language(run.language)(grade.reason or ""),
        *(earned.get(id, "") for id in ids),
    ]


_EMPTY = (Outcome.NOT_APPLICABLE, Outcome.GRADER_FAULT)


def _safe(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
