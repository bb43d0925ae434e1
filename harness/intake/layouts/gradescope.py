"""Gradescope: what *Export submissions* gives, a folder for each, and whose it is in ``submission_metadata.yml``.

A group's hand-in is named after the first of the group; the others are told in the name.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from harness.errors import InputError
from harness.intake.layouts import Attempt
from harness.intake.tree import Item, Refused
from harness.model import Student
from harness.printable import printable

TITLE = "Gradescope"
_METADATA = "submission_metadata.yml"


def recognise(items: list[Item]) -> bool:
    """The metadata are there, and all files of code are in folders as Gradescope names them."""
    metadata = _metadata(items)
    if metadata is None:
        return False
    above = metadata.parts[:-1]
    return all(
        item.parts[: len(above)] == above and re.fullmatch(r"submission_\d+", item.parts[len(above)])
        for item in items
        if item.is_file_of_code
    )


def attempts(items: list[Item]) -> Iterator[Attempt]:
    """Take every file of a submission's folder for the student whom the metadata name.

    Raises
    ------
    InputError
        When the metadata can't be read.
    """
    metadata = _metadata(items)
    if metadata is None:
        return
    above = len(metadata.parts) - 1
    known = _read(metadata)
    for item in items:
        if len(item.parts) < above + 2:
            continue
        folder = item.parts[above]
        about = known.get(folder, {})
        yield Attempt(item, _student(about, folder), at=_time(about.get(":created_at")), folder=folder)


def _metadata(items: list[Item]) -> Item | None:
    return next((item for item in items if item.parts[-1] == _METADATA and len(item.parts) <= 2), None)


def _read(item: Item) -> dict[str, Mapping[str, Any]]:
    import yaml  # only those who come from Gradescope need it

    try:
        loaded = yaml.load(item.read(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (Refused, yaml.YAMLError, ValueError, RecursionError) as error:
        told = printable(str(error).replace("\n", " "))
        raise InputError(f"{item.name} can't be read, so whose each hand-in is is not known: {told}") from None
    if not isinstance(loaded, dict):
        raise InputError(f"{item.name} can't be read, so whose each hand-in is is not known: it has no submissions")
    return {str(name): about for name, about in loaded.items() if isinstance(about, dict)}


def _student(about: Mapping[str, Any], folder: str) -> Student:
    listed = about.get(":submitters")
    people = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    if not people:
        return Student(folder)
    names = [_text(one.get(":name")) for one in people]
    sid, email = (_text(people[0].get(key)) for key in (":sid", ":email"))
    return Student(sid or email or names[0] or folder, ", ".join(filter(None, names)), email, account=sid)


def _text(value: object) -> str:
    """A text or a number; of what is nested nothing, for YAML can make much of little."""
    return printable(str(value)) if isinstance(value, str | int) else ""


def _time(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.replace(" UTC", "+00:00"))
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
