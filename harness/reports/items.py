"""Item analysis: for each check how hard it was, whether it tells good hand-ins from others, and what it cost.

Sums alone are kept, so a university's year takes no more memory than a class.
"""

import math
from dataclasses import dataclass

from harness.model import CheckPlan, Grade, Outcome


@dataclass
class Item:
    """One check over all hand-ins that it applies to.

    Attributes
    ----------
    count : of hand-ins
    lost : points in all
    """

    plan: CheckPlan
    count: int = 0
    lost: float = 0.0
    _x: float = 0.0
    _y: float = 0.0
    _xx: float = 0.0
    _yy: float = 0.0
    _xy: float = 0.0

    def add(self, earned: float, rest: float) -> None:
        """Count a hand-in: the part of the points that this check gave, and the part that all others gave."""
        self.count += 1
        self.lost += self.plan.points - earned
        x = earned / self.plan.points if self.plan.points else 1.0
        self._x, self._y = self._x + x, self._y + rest
        self._xx, self._yy, self._xy = self._xx + x * x, self._yy + rest * rest, self._xy + x * rest

    @property
    def difficulty(self) -> float | None:
        """The mean part of its points that was earned: 1 is easy, 0 is hard (the classical item difficulty, p)."""
        return self._x / self.count if self.count else None

    @property
    def discrimination(self) -> float | None:
        """The corrected item-total correlation: Pearson's r of this check with the score on all others.

        None where all did alike, so that there is nothing to tell apart.
        """
        n = self.count
        spread = (n * self._xx - self._x**2) * (n * self._yy - self._y**2)
        if n < 2 or spread <= 1e-9 * max(1.0, n**4 * 1e-6):
            return None
        return (n * self._xy - self._x * self._y) / math.sqrt(spread)


class Items:
    """All checks of an assignment."""

    def __init__(self, plans: tuple[CheckPlan, ...]) -> None:
        self.all = [Item(plan) for plan in plans]

    def add(self, grade: Grade) -> None:
        """Count a hand-in that was graded."""
        for item, check in zip(self.all, grade.checks, strict=True):
            if check.outcome not in (Outcome.NOT_APPLICABLE, Outcome.GRADER_FAULT):
                others = grade.max_score - check.points
                rest = (sum(one.earned for one in grade.checks) - check.earned) / others if others else 1.0
                item.add(check.earned, rest)
