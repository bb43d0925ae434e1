"""``gradebook.csv``: one row for each submission, one column for each check, safe to open in a spreadsheet."""

import csv
from pathlib import Path

from harness.language import language
from harness.marks import mark_of, percent_of
from harness.model import Outcome, Run


def write(run: Run, folder: Path) -> Path:
    """Write the table; an empty cell is a check that does not apply, or a submission that was not graded."""
    path = folder / "gradebook.csv"
    ids = [check.id for check in run.assignment.checks]
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(
            [
                "id",
                "path",
                "outcome",
                "score",
                "follow_through_score",
                "max_score",
                "mark",
                "percent",
                "findings",
                "reason",
                *ids,
            ]
        )
        for grade in run.grades:
            percent = percent_of(grade, run.assignment)
            rounded = "" if percent is None else round(percent, 2)
            earned = {check.id: check.earned for check in grade.checks if check.outcome not in _EMPTY}
            head = [grade.id, grade.path, "graded" if grade.graded else "not_graded"]
            marks = (
                [grade.score, grade.follow_through_score, grade.max_score, mark_of(grade, run.assignment), rounded]
                if grade.graded
                else [""] * 5
            )
            findings = " ".join(dict.fromkeys(finding.rule for finding in grade.findings))
            row = [
                *head,
                *marks,
                findings,
                language(run.language)(grade.reason or ""),
                *(earned.get(id, "") for id in ids),
            ]
            table.writerow([_safe(cell) if isinstance(cell, str) else cell for cell in row])
    return path


_EMPTY = (Outcome.NOT_APPLICABLE, Outcome.GRADER_FAULT)


def _safe(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
