"""How late a hand-in is, and what the assignment's rule takes for it; beside the mark, never inside it."""

import math
from dataclasses import replace

from harness.model import Assignment, Delivery, Grade, Lateness, LateRule

_DAY = 86_400.0


def lateness_of(delivery: Delivery, rule: LateRule, most: float) -> Lateness | None:
    """Reckon how late something came.

    Parameters
    ----------
    most : points that can be earned

    Returns
    -------
    None where it was in time, or where nothing says when it came.
    """
    due = delivery.student.due or rule.due
    if delivery.at is None:
        return Lateness(None, None) if delivery.late else None
    seconds = (delivery.at - due).total_seconds() - 60 * rule.grace_minutes
    if seconds <= 0:
        return None
    days = math.ceil(((delivery.at - due).total_seconds()) / _DAY)
    percent = min(days * rule.percent_per_day, rule.most_percent)
    return Lateness(days, most * percent / 100)


def delivered(grade: Grade, delivery: Delivery | None, assignment: Assignment) -> Grade:
    """Say of a grade whose it is, and how late it came."""
    if delivery is None:
        return grade
    if assignment.late is not None:
        late = lateness_of(delivery, assignment.late, grade.max_score)
    else:
        late = Lateness(None, None) if delivery.late else None
    return replace(grade, delivery=delivery, lateness=late)
