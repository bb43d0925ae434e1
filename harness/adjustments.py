"""``adjustments.csv``: marks that a person set. They stand above the automatic ones, and survive every run.

Columns: ``id``, ``check`` (a check's id, or ``total``), ``points``, ``reason``, ``who``. The file is the person's own;
nothing here ever writes to it.
"""

import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from harness.errors import InputError
from harness.model import Adjustment, Assignment, CheckResult, Grade
from harness.tables import read_table

NAME = "adjustments.csv"
_COLUMNS = ("id", "check", "points", "reason", "who")
TOTAL = "total"


def read(folder: Path, assignment: Assignment) -> list[Adjustment]:
    """Read the adjustments of a folder; none where there is no such file.

    Raises
    ------
    InputError
        With the line, for whatever can't be understood.
    """
    path = folder / NAME
    if not path.exists():
        return []
    table = read_table(path)
    if [name for name in _COLUMNS if name not in table.head]:
        raise InputError(f"{path}: the first line must name the columns {', '.join(_COLUMNS)}")
    return [
        _adjustment(dict(zip(table.head, row, strict=False)), f"{path}: line {line}", assignment)
        for line, row in table.rows
    ]


def _adjustment(row: dict[str, str], where: str, assignment: Assignment) -> Adjustment:
    values = {name: row.get(name, "").strip() for name in _COLUMNS}
    if not values["id"]:
        raise InputError(f"{where}: id is empty")
    known = [plan.id for plan in assignment.checks]
    if values["check"] not in (*known, TOTAL):
        raise InputError(f"{where}: {values['check']!r} is no check of {assignment.name}, nor {TOTAL!r}")
    try:
        points = float(values["points"])
    except ValueError:
        points = math.nan
    if not math.isfinite(points):
        raise InputError(f"{where}: {values['points']!r} is no number of points")
    return Adjustment(values["id"], values["check"], points, values["reason"], values["who"])


def adjusted(grade: Grade, adjustments: Iterable[Adjustment]) -> Grade:
    """Put a person's marks above the automatic ones; of several for one thing the last counts."""
    own = tuple({one.check: one for one in adjustments if one.id == grade.id}.values())
    if not own:
        return grade
    by_check = {one.check: one.points for one in own}
    checks = tuple(_with_points(check, by_check) for check in grade.checks)
    gained = sum(new.earned - old.earned for new, old in zip(checks, grade.checks, strict=True))
    score = by_check.get(TOTAL, grade.score + gained)
    follow_through = by_check.get(TOTAL, max(grade.follow_through_score, score))
    return replace(grade, checks=checks, score=score, follow_through_score=follow_through, adjustments=own)


def _with_points(check: CheckResult, points: dict[str, float]) -> CheckResult:
    return replace(check, earned=points[check.id]) if check.id in points else check


def strangers(adjustments: Iterable[Adjustment], there: set[str]) -> list[str]:
    """Ids that are adjusted and were not handed in: a slip of the pen, or another class's file."""
    return sorted({one.id for one in adjustments} - there)
