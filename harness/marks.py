"""Which of the two scores is the mark."""

from harness.model import Assignment, Grade


def mark_of(grade: Grade, assignment: Assignment) -> float:
    """The points that go to the gradebook: as handed in, or with each mistake charged once."""
    return grade.follow_through_score if assignment.mark == "follow-through" else grade.score


def percent_of(grade: Grade, assignment: Assignment) -> float | None:
    """The mark in percent of what applies; None where nothing does, or nothing was graded."""
    return 100 * mark_of(grade, assignment) / grade.max_score if grade.graded and grade.max_score else None
