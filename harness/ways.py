"""Ways to be wrong: every known bug in each of the ways that it has, and every two that go together."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from harness.bugs import CATALOGUE, KnownBug
from harness.bugs.framework import Change
from harness.bugs.parts import RIGHT, Parts
from harness.model import Doubles, Extended

#: How many bounds an answer may be away from a twin and still be taken for it, in double and in single precision.
#: Twins are at least 10⁶ bounds (of double) from right and from each other, and the tests hold them to it.
SAME_AS_TWIN = {"double": 1e3, "single": 10.0}


@dataclass(frozen=True)
class Way:
    """One way to be wrong: some bugs, each in one of the ways that it has, and the RNN with all of them.

    Attributes
    ----------
    members : of a pair, the two ways that it is made of
    """

    bugs: tuple[KnownBug, ...]
    changes: tuple[Change, ...]
    parts: Parts
    members: tuple["Way", ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its bugs."""
        return tuple(bug.name for bug in self.bugs)

    @property
    def key(self) -> tuple[int, ...]:
        """What tells it from other ways: its changes, which live as long as the catalogue."""
        return tuple(id(change) for change in self.changes)


@dataclass(frozen=True)
class Match:
    """Bugs whose twin was matched.

    Attributes
    ----------
    entries : that showed them; ``script`` for a script
    raises : whether some answer that raised is explained by them, too
    """

    way: Way
    entries: tuple[str, ...]
    raises: bool = False

    def details(self, bug: KnownBug) -> Mapping[str, str]:
        """What a bug's message says about the way in which it was found."""
        return self.way.changes[self.way.names.index(bug.name)].details


def single_ways() -> list[Way]:
    """Every known bug that has a twin, in each of its ways; the cause of another bug has that bug's twin."""
    return [
        Way((bug,), (change,), change.apply(RIGHT))
        for bug in CATALOGUE.values()
        if bug.cause_of is None
        for change in bug.changes
    ]


def pairs_of(ways: list[Way]) -> Iterator[Way]:
    """Every two bugs that change different parts; two changes of the same part are no two bugs."""
    changed = {way.key: way.parts.changed() for way in ways}
    for one, other in itertools.combinations(ways, 2):
        if one.bugs != other.bugs and not changed[one.key] & changed[other.key]:
            bugs, changes = one.bugs + other.bugs, one.changes + other.changes
            yield Way(bugs, changes, other.changes[0].apply(one.parts), (one, other))


def answer_of(way: Way, question: str, arguments: Mapping[str, Extended]) -> Mapping[str, Extended] | None:
    """What a twin answers, by part; None for shapes that do not fit: a student's own version raises there, too."""
    try:
        with np.errstate(all="ignore"):
            return way.parts.answer(question, arguments)
    except (ValueError, IndexError):
        return None


def equal(left: Doubles | Extended, right: Extended, near: float) -> bool:
    """Equal up to so much; relatively where numbers are large, as they are without a tanh; NaN equals NaN."""
    if left.shape != right.shape or not left.size:
        return left.shape == right.shape
    one, other = float(left.flat[-1]), float(right.flat[-1])
    if abs(one - other) > near * max(1, abs(other)):
        return False  # mostly the last number tells, in a tenth of the time
    with np.errstate(invalid="ignore"):
        apart = np.abs(left - right)
        if apart.max() <= near:
            return True  # as mostly, where it is; not a number is no number of them
        close = apart <= near * np.maximum(1, np.abs(right))
    return bool((close | (np.isnan(left) & np.isnan(right))).all())
