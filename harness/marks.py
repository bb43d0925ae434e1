"""Which of the two scores is the mark, and what the marks of a run come to."""

from harness.model import Assignment, Change, Grade


def mark_of(grade: Grade, assignment: Assignment) -> float:
    """The points that go to the gradebook: as handed in, or with each mistake charged once."""
    return grade.follow_through_score if assignment.mark == "follow-through" else grade.score


def percent_of(grade: Grade, assignment: Assignment) -> float | None:
    """The mark in percent of what applies; None where nothing does, or nothing was graded."""
    return 100 * mark_of(grade, assignment) / grade.max_score if grade.graded and grade.max_score else None


def standing(grade: Grade) -> str:
    """Say in a word what became of a hand-in: ``graded``, ``not_graded`` for a fault of ours, or ``missing``."""
    if grade.missing:
        return "missing"
    return "graded" if grade.graded else "not_graded"


class Tally:
    """What all marks of a run come to.

    Attributes
    ----------
    all_graded : whether nothing was left ungraded
    lowest : the lowest mark, in percent
    changed, gained : how many marks are not what they were before, and higher
    """

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.all_graded, self.lowest = True, 100.0
        self.changed = self.gained = 0

    def add(self, grade: Grade) -> None:
        """Count one grade."""
        self.all_graded &= grade.graded
        self.lowest = min(self.lowest, percent_of(grade, self.assignment) or 0.0)

    def compare(self, grade: Grade, change: Change | None) -> None:
        """Count a grade that took the place of another."""
        if change is not None:
            before, now = mark_of(change.before, self.assignment), mark_of(grade, self.assignment)
            self.changed += now != before
            self.gained += now > before
