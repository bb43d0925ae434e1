"""``regrade.csv``: who gained and who lost since the grade before this one, what by, and why it was graded anew.

A row for each hand-in that had another grade before, under another assignment, harness or oracle, or with other bytes.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.language import Language, language
from harness.marks import mark_of
from harness.model import Change, Grade, Run
from harness.reports.explanation import points
from harness.reports.streams import Write, safe, whole
from harness.tables import BOM

KIND, NAME = "regrade", "regrade.csv"
_HEAD = ("id", "name", "before", "now", "gained", "changed", "checks", "known_bugs_gone", "known_bugs_new")


@contextmanager
def writing(run: Run, folder: Path) -> Iterator[Write]:
    """Write the table."""
    tr = language(run.language)
    with whole(folder / NAME) as file:
        file.write(BOM)  # or Excel takes it for the code page of the country
        table = csv.writer(file)
        table.writerow(_HEAD)

        def write(grade: Grade) -> None:
            change = run.changed(grade.id) if run.changed and grade.graded and not grade.missing else None
            if change is not None:
                table.writerow(map(safe, _row(grade, change, run, tr)))

        yield write


def _row(grade: Grade, change: Change, run: Run, tr: Language) -> list[object]:
    before, now = mark_of(change.before, run.assignment), mark_of(grade, run.assignment)
    gone, new = _rules(change.before), _rules(grade)
    return [
        grade.id,
        grade.delivery.student.name if grade.delivery else "",
        f"{points(before)}/{points(change.before.max_score)}",
        f"{points(now)}/{points(grade.max_score)}",
        round(now - before, 4),
        ", ".join(map(tr, change.why)),
        "; ".join(differences(change.before, grade)),
        " ".join(rule for rule in gone if rule not in new),
        " ".join(rule for rule in new if rule not in gone),
    ]


def differences(before: Grade, now: Grade) -> Iterator[str]:
    """Say which checks came out otherwise, or are worth another number of points."""
    old = {check.id: check for check in before.checks}
    for check in now.checks:
        was = old.pop(check.id, None)
        if was is None:
            yield f"{check.id}: new, {check.outcome} {points(check.earned)}/{points(check.points)}"
        elif (was.outcome, was.earned, was.points) != (check.outcome, check.earned, check.points):
            then = f"{was.outcome} {points(was.earned)}/{points(was.points)}"
            yield f"{check.id}: {then} -> {check.outcome} {points(check.earned)}/{points(check.points)}"
    for check in old.values():
        yield f"{check.id}: gone, was {check.outcome} {points(check.earned)}/{points(check.points)}"


def _rules(grade: Grade) -> list[str]:
    return list(dict.fromkeys(finding.rule for finding in grade.findings))
