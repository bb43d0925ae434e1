"""Moodle: what *Download all submissions* gives.

A folder for each student, ``Minji Kim_1234567_assignsubmission_file/rnn.py`` (older: with ``_`` at the end), or flat,
``Minji Kim_1234567_assignsubmission_file_rnn.py``; text that was typed in is ``onlinetext.html``. Where names are
hidden, a student is ``Participant_1234567``.
"""

import re
from collections.abc import Iterator

from harness.intake.layouts import Attempt
from harness.intake.tree import Item
from harness.model import Student

TITLE = "Moodle"

_PATTERN = re.compile(
    r"(?P<folder>(?P<name>[^/]+)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)_?)(?:/|(?<=_)|_)(?P<file>[^/].*)"
)


def recognise(items: list[Item]) -> bool:
    """All files of code, and all that was typed in, are in a folder, or have a name, as Moodle makes them."""
    named = [_PATTERN.fullmatch(item.name) for item in items if item.is_file_of_code or item.is_typed_in]
    return bool(named) and all(named)


def attempts(items: list[Item]) -> Iterator[Attempt]:
    """Take names apart; a file counts for more than a text that was typed in beside it."""
    for item in items:
        if found := _PATTERN.fullmatch(item.name):
            name, number = found["name"], found["id"]
            blind = name == "Participant"
            student = Student(f"{name}_{number}", "" if blind else name, account=number)
            yield Attempt(item, student, number=int(found["kind"] == "file"), folder=found["folder"])
