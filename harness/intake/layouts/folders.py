"""A folder for each student, with one file in most of them."""

from collections import Counter
from collections.abc import Iterator

from harness.intake.layouts import Attempt
from harness.intake.tree import Item
from harness.model import Student

TITLE = "a folder for each student"

#: In how many of the folders there must be just one hand-in, for the others to be taken for resubmissions.
_MOST = 0.5


def recognise(items: list[Item]) -> bool:
    """There is no file of code outside of folders, and most of the folders hold one; a zip is a folder, too."""
    code = [item for item in items if item.is_file_of_code]
    if any(len(item.parts) < 2 and item.suffix != ".zip" for item in code):
        return False
    count = Counter(item.parts[0] for item in code)
    return len(count) > 1 and sum(number == 1 for number in count.values()) > _MOST * len(count)


def attempts(items: list[Item]) -> Iterator[Attempt]:
    """Take the folder's name for the student's."""
    for item in items:
        if len(item.parts) > 1 or item.suffix == ".zip":
            yield Attempt(item, Student(item.parts[0].removesuffix(".zip")), folder=item.parts[0])
