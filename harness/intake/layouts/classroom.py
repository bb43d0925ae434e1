"""GitHub Classroom: the clones of a class, a repository for each student, named ``hw1-minji-kim``."""

from collections.abc import Iterator
from itertools import takewhile

from harness.intake.layouts import Attempt
from harness.intake.tree import Item
from harness.model import Student

TITLE = "GitHub Classroom"


def recognise(items: list[Item]) -> bool:
    """All files of code are in repositories."""
    repositories = _repositories(items)
    return bool(repositories) and all(item.parts[0] in repositories for item in items if item.is_file_of_code)


def attempts(items: list[Item]) -> Iterator[Attempt]:
    """Take each repository for a student's; what all their names begin with is the assignment's."""
    repositories = _repositories(items)
    prefix = _shared([name.split("-")[:-1] for name in repositories]) if len(repositories) > 1 else ""
    for item in items:
        if item.parts[0] in repositories and item.parts[-1] != ".git":
            name = item.parts[0].removeprefix(prefix)
            yield Attempt(item, Student(name, account=name), folder=item.parts[0])


def _repositories(items: list[Item]) -> list[str]:
    return sorted({item.parts[0] for item in items if len(item.parts) == 2 and item.parts[1] == ".git"})


def _shared(names: list[list[str]]) -> str:
    """What all names begin with, up to a hyphen."""
    words = takewhile(lambda column: len(set(column)) == 1, zip(*names, strict=False))
    return "".join(f"{column[0]}-" for column in words)
