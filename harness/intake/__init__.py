"""From what was named on the command line to submissions: files, folders, and exports of learning systems.

Only bytes are read here; nothing of a hand-in is parsed. Ids come from names, are stable, and unique within a run. The
bytes of a hand-in are read when its turn comes: a university's notebooks need not be in memory together.

Where the layout says whose each file is, a student's newest file counts, and the others are told to be set aside.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from harness.errors import InputError
from harness.intake.layouts import LAYOUTS, Attempt
from harness.intake.tree import SUFFIXES, Item, Refused, file_item, is_archive, items_of
from harness.model import Delivery, Submission
from harness.printable import printable
from harness.words import Text, say

#: Takes the layout from the files; or no layout, each file for itself.
AUTO, FILES = "auto", "files"


@dataclass(frozen=True)
class HandedIn:
    """A file that somebody handed in, not read yet.

    Attributes
    ----------
    id : stable, and unique among those that were found together
    shown : its path as it is told, relative to what was named
    delivery : whose it is, where the layout says
    """

    id: str
    shown: str
    item: Item
    delivery: Delivery | None = None

    def read(self) -> Submission:
        """Read it; what can't be read says why."""
        try:
            return Submission(self.id, self.shown, self.item.read())
        except Refused as refusal:
            return Submission(self.id, self.shown, None, str(refusal))


@dataclass(frozen=True)
class Found:
    """The hand-ins under some paths, and what is to be said of how they were found."""

    hand_ins: list[HandedIn]
    told: list[Text]


def look(paths: Iterable[Path], layout: str = AUTO, words: Iterable[str] = ()) -> Found:
    """Find the hand-ins under some paths, in a fixed order, and say how they were found.

    Parameters
    ----------
    layout : of each path: one of `LAYOUTS`, ``files``, or ``auto``, which recognises it
    words : of which a hand-in has at least one; among several files of a student, one that has none is a helper

    Raises
    ------
    InputError
        When a path does not exist, or nothing to grade is found.
    """
    pattern = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in words if len(word) > 1).encode())
    found: list[HandedIn] = []
    told: list[Text] = []
    seen: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise InputError(f"there is no file or folder {path}")
        if path.is_file() and not is_archive(path):
            if path.suffix.lower() not in SUFFIXES:
                raise InputError(f"{path} is no hand-in: it must be one of {', '.join(SUFFIXES)}, or a .zip of them")
            name = printable(path.name).replace("\n", "\\n")
            hand_ins = [] if path in seen else [_alone(file_item(path, name))]
            seen.add(path)
        else:
            hand_ins = _under(path, layout, pattern, told, seen)
        found += hand_ins
    ids = _unique_ids(found)
    return Found([replace(one, id=id) for one, id in zip(found, ids, strict=True)], told)


def _under(path: Path, layout: str, words: re.Pattern[bytes], told: list[Text], seen: set[Path]) -> list[HandedIn]:
    """What a folder or an archive holds."""
    items = items_of(path)
    name = layout if layout != AUTO else next((name for name, one in LAYOUTS.items() if one.recognise(items)), FILES)
    if name == FILES:
        hand_ins = [_alone(item) for item in items if item.is_file_of_code and path / item.name not in seen]
        already = any(path / item.name in seen for item in items)
        seen |= {path / one.shown for one in hand_ins}
    else:
        hand_ins = list(_by_student(LAYOUTS[name].attempts(items), words))
        already = False
    if not hand_ins and not already:
        if layout not in (AUTO, FILES):
            raise InputError(f"{path} is not as {LAYOUTS[name].TITLE} lays out hand-ins; try --layout {AUTO}")
        raise InputError(f"there is nothing to grade in {path}: no {', '.join(SUFFIXES)} file")
    if name != FILES:
        title, count = LAYOUTS[name].TITLE, len(hand_ins)
        told.append(say("{path}: taken for {layout}, {count} students", path=path, layout=title, count=count))
    if several := sum(bool(one.delivery and one.delivery.set_aside) for one in hand_ins):
        told.append(say("{count} of them handed in several files; the newest of each counts", count=several))
    return hand_ins


def _alone(item: Item) -> HandedIn:
    return HandedIn("", item.name, item)


def _by_student(attempts: Iterable[Attempt], words: re.Pattern[bytes]) -> Iterator[HandedIn]:
    """Of each student's files the one that counts."""
    by_student: dict[tuple[str, str], list[Attempt]] = {}
    for one in attempts:
        by_student.setdefault((one.student.account, one.student.id), []).append(one)
    for everything in by_student.values():
        own = [one for one in everything if one.item.is_file_of_code or one.item.is_typed_in]
        chosen, *others = _ranked(own or [_none_of(everything)], words)
        aside = tuple(one.item.name for one in others)
        delivery = Delivery(chosen.student, chosen.at, chosen.late, aside, chosen.folder)
        yield HandedIn(chosen.student.id, chosen.item.name, chosen.item, delivery)


def _ranked(attempts: list[Attempt], words: re.Pattern[bytes]) -> list[Attempt]:
    """The newest first; helpers, which speak of nothing that was asked for, and tests last."""
    newest_first = sorted(attempts, key=_age, reverse=True)
    return sorted(newest_first, key=lambda one: len(newest_first) > 1 and _is_helper(one.item, words))


def _age(one: Attempt) -> tuple[object, ...]:
    return (one.number, one.at.timestamp() if one.at else 0.0, one.item.modified, one.item.name)


def _is_helper(item: Item, words: re.Pattern[bytes]) -> bool:
    if re.fullmatch(r"test_.*|.*_tests?\.py", item.parts[-1]):
        return True
    try:
        return words.search(item.read()) is None
    except Refused:
        return True


def _none_of(attempts: list[Attempt]) -> Attempt:
    """Stands for files none of which can be graded."""
    shown = ", ".join(one.item.parts[-1] for one in attempts[:5])

    def read() -> bytes:
        raise Refused(f"there is no {', '.join(SUFFIXES)} file among what was handed in: {shown}")

    return replace(attempts[0], item=replace(attempts[0].item, read=read))


def _unique_ids(found: list[HandedIn]) -> list[str]:
    """Make an id of each path: its stem, or its whole path where stems collide, also by case; or the student's."""
    stems = [PurePosixPath(one.shown).stem for one in found if not one.delivery]
    count = Counter(stem.casefold() for stem in stems)
    wanted = []
    for one in found:
        stem = PurePosixPath(one.shown).stem
        wanted.append(one.id if one.delivery else stem if count[stem.casefold()] == 1 else one.shown)
    return distinct(wanted)


def distinct(names: Iterable[str]) -> list[str]:
    """Make ids of names; of several that are the same, also by case, the first is left as it is."""
    taken: set[str] = set()
    result = []
    for id in map(_safe, names):
        unique, number = id, 2
        while unique.casefold() in taken:
            unique, number = f"{id}~{number}", number + 1
        taken.add(unique.casefold())
        result.append(unique)
    return result


#: Bytes of an id: a file name may have 255, and a report adds an ending and a number.
_LONGEST_ID = 200


def _safe(name: str) -> str:
    """Make a name that is safe as a file's, as an option's value and in a spreadsheet, and not too long."""
    id = re.sub(r"[^\w.+@=-]+", "_", name).lstrip("._+@=-").rstrip("._") or "hand-in"
    while len(id.encode()) > _LONGEST_ID:
        id = id[:-1]
    return id
