"""The roster: who is in the class. A CSV with the columns ``id``, ``name``, ``section``, ``email``, and maybe ``due``.

A hand-in is somebody's by id, account, e-mail address or name, in that order; a name counts only if one person has it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from harness.errors import InputError
from harness.intake import Found, HandedIn, distinct
from harness.model import Delivery, Student, Submission
from harness.tables import read_table
from harness.words import Text, say

_COLUMNS = ("id", "name", "section", "email", "due")


@dataclass(frozen=True)
class Roll:
    """Hand-ins with their students, who of the roster handed in nothing, and what is to be said of it."""

    hand_ins: list[HandedIn]
    missing: list[Student]
    told: list[Text]

    def read(self, id: str) -> Submission:
        """Read the hand-in with an id."""
        return self._by_id[id].read()

    @cached_property
    def _by_id(self) -> dict[str, HandedIn]:
        return {one.id: one for one in self.hand_ins}

    @property
    def ids(self) -> set[str]:
        """Of all rows that a report has."""
        return {one.id for one in self.hand_ins} | {one.id for one in self.missing}


def read(path: Path) -> list[Student]:
    """Read a roster.

    Raises
    ------
    InputError
        With the line, for whatever can't be understood.
    """
    table = read_table(path)
    head = [name.strip().lower() for name in table.head]
    if "id" not in head:
        raise InputError(f"{path}: the first line must name the columns, id among them: {', '.join(_COLUMNS)}")
    students = [_student(dict(zip(head, row, strict=False)), f"{path}: line {line}") for line, row in table.rows]
    taken: set[str] = set()
    for one in students:
        if _plain(one.id) in taken:
            raise InputError(f"{path}: there are two students with the id {one.id!r}")
        taken.add(_plain(one.id))
    return students


def _student(row: dict[str, str], where: str) -> Student:
    values = {name: row.get(name, "").strip() for name in _COLUMNS}
    if not values["id"]:
        raise InputError(f"{where}: id is empty")
    due = None
    if values["due"]:
        try:
            due = datetime.fromisoformat(values["due"])
        except ValueError:
            due = None
        if due is None or due.tzinfo is None:
            example = "2026-11-20T23:59+09:00"
            raise InputError(f"{where}: due is {values['due']!r}, and must be a time with its zone, as {example}")
    return Student(values["id"], values["name"], values["email"], values["section"], due=due)


def call(found: Found, students: list[Student]) -> Roll:
    """Put the students of a roster to their hand-ins; what nobody of them handed in stays as it is, and is told."""
    if not students:
        return Roll(found.hand_ins, [], found.told)
    people = _People(students)
    claimed: dict[str, HandedIn] = {}
    strangers = []
    for one in found.hand_ins:
        student = people.of(one)
        if student is None or student.id in claimed:
            strangers.append(one)
        else:
            claimed[student.id] = _with_student(one, student)
    ids = distinct([*claimed, *(one.id for one in strangers)])
    named = {id(one.item): replace(one, id=new) for one, new in zip([*claimed.values(), *strangers], ids, strict=True)}
    hand_ins = [named[id(one.item)] for one in found.hand_ins]
    absent = [one for one in students if one.id not in claimed]
    missing = [
        replace(one, id=new)
        for one, new in zip(absent, distinct([*ids, *(one.id for one in absent)])[len(ids) :], strict=True)
    ]
    return Roll(hand_ins, missing, [*found.told, *_told(strangers, missing)])


def _with_student(hand_in: HandedIn, student: Student) -> HandedIn:
    """Join what the export and the roster know."""
    delivery = hand_in.delivery or Delivery(student)
    exported = delivery.student
    joined = replace(
        student, account=exported.account, name=student.name or exported.name, email=student.email or exported.email
    )
    return replace(hand_in, delivery=replace(delivery, student=joined))


def _told(strangers: list[HandedIn], missing: list[Student]) -> Iterator[Text]:
    if strangers:
        shown = ", ".join([*(one.id for one in strangers[:10]), *(["..."] if len(strangers) > 10 else [])])
        yield say("{count} handed in by nobody on the roster: {ids}", count=len(strangers), ids=shown)
    if missing:
        yield say("{count} on the roster handed in nothing", count=len(missing))


class _People:
    """The students of a roster, to be found by what an export calls them."""

    def __init__(self, students: Iterable[Student]) -> None:
        self._by_key: dict[str, list[Student]] = {}
        for one in students:
            for key in {
                ("id", _plain(one.id)),
                ("email", _plain(one.email)),
                ("email", _plain(one.email.partition("@")[0])),
            }:
                if key[1]:
                    self._by_key.setdefault(":".join(key), []).append(one)
            for name in _names(one.name):
                self._by_key.setdefault(f"name:{name}", []).append(one)

    def of(self, hand_in: HandedIn) -> Student | None:
        """The one whose hand-in it is, if exactly one is."""
        for key in _keys(hand_in):
            found = self._by_key.get(key, [])
            if len(found) == 1:
                return found[0]
        return None


def _keys(hand_in: HandedIn) -> Iterator[str]:
    if hand_in.delivery:
        student = hand_in.delivery.student
        for text in (student.id, student.account):
            yield f"id:{_plain(text)}"
        yield f"email:{_plain(student.email)}"
        for text in (student.id, student.account, student.name):
            yield f"email:{_plain(text)}"
        names = [student.name, student.id]
    else:
        yield f"id:{_plain(hand_in.id)}"
        names = [hand_in.id]
    for name in names:
        yield from (f"name:{one}" for one in _names(name))


def _names(name: str) -> set[str]:
    """A name as it may be written: the family name first or last, with or without a comma and blanks."""
    words = [word for word in re.split(r"[\W_]+", unicodedata.normalize("NFC", name).casefold()) if word]
    return {"".join(words), "".join([*words[-1:], *words[:-1]]), "".join([*words[1:], *words[:1]])} - {""}


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()
