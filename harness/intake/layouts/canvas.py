"""Canvas: what *Download submissions* gives, one flat folder.

``kimminji_LATE_4711_90210_rnn.py`` is the sortable name without what is no letter, whether it was late, the user's id,
the attachment's and the file's name; ``..._text.html`` is a text entry, ``anon_...`` an anonymous one. A resubmission
keeps the user's id and gets a higher attachment id.
"""

import re
from collections.abc import Iterator

from harness.intake.layouts import Attempt
from harness.intake.tree import Item
from harness.model import Student

TITLE = "Canvas"

_NAMED = re.compile(r"(?P<name>.+?)(?:_(?P<late>LATE))?_(?P<user>\d+)_(?:(?P<attachment>\d+)_(?P<file>.+)|text\.html)")
_ANONYMOUS = re.compile(
    r"(?P<name>anon)_(?:(?P<late>LATE)_)?(?P<user>\w{5})_(?:(?P<attachment>\d+)_(?P<file>.+)|text\.html)"
)


def recognise(items: list[Item]) -> bool:
    """All files of code, and all that was typed in, are named as Canvas names them."""
    named = [_match(item) for item in items if item.is_file_of_code or item.is_typed_in]
    return bool(named) and all(named)


def attempts(items: list[Item]) -> Iterator[Attempt]:
    """Take names apart."""
    for item in items:
        if found := _match(item):
            name, user = found["name"], found["user"]
            yield Attempt(
                item,
                Student(f"{name}_{user}", "" if name == "anon" else name, account=user),
                late=bool(found["late"]),
                number=int(found["attachment"] or 0),
                folder=item.parts[0],
            )


def _match(item: Item) -> re.Match[str] | None:
    name = item.parts[0]
    return _ANONYMOUS.fullmatch(name) or _NAMED.fullmatch(name)
