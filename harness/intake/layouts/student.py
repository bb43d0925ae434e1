"""One student: all that is there was handed in by one person, as an autograder or a repository of their own has it."""

from collections.abc import Iterator

from harness.intake.layouts import Attempt
from harness.intake.tree import Item
from harness.model import Student

TITLE = "one student's"


def recognise(items: list[Item]) -> bool:
    """Never by itself: a folder of one student looks like that of a class."""
    del items
    return False


def attempts(items: list[Item]) -> Iterator[Attempt]:
    """Take everything for the same student's."""
    for item in items:
        if item.parts[0] != ".git":
            yield Attempt(item, Student("submission"))
