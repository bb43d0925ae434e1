"""What came back: what was found in a hand-in, and its replies."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from numpy.typing import NDArray

from harness.model.asked import Form
from harness.model.handed_in import Place


class ReplyKind(StrEnum):
    """How a call ended."""

    RETURNED = "RETURNED"
    RAISED = "RAISED"
    TIMED_OUT = "TIMED_OUT"
    DIED = "DIED"
    ABSENT = "ABSENT"


@dataclass(frozen=True)
class NotAnArray:
    """A result that is no array of numbers, in words: ``None``, ``a tuple of 2``, ``a str``."""

    description: str


Value = NDArray[Any] | NotAnArray


@dataclass(frozen=True)
class Reply:
    """What came back for one call. Never a judgement.

    Attributes
    ----------
    values : one for each time it was called; for ``script`` and ``weights`` see `named`
    parts : where the assignment declares what comes back: the values of each part, for each time
    arguments_after : the arguments as the call left them, when it was asked to echo them
    named : variables of a script, or weights, by the notes' word
    message : of the exception, the time-out or the death
    place : the student's line that raised, when there is one
    """

    kind: ReplyKind
    values: tuple[Value, ...] = ()
    arguments_after: tuple[Value, ...] = ()
    named: Mapping[str, Value] = field(default_factory=dict)
    message: str = ""
    place: Place | None = None
    parts: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)

    def about(self, part: str) -> "Reply":
        """The same reply with the values of one part."""
        return replace(self, values=self.parts[part]) if part in self.parts else self


@dataclass(frozen=True)
class Problem:
    """A statement of the hand-in that could not be read or run, and was set aside."""

    place: Place
    type: str
    message: str


@dataclass(frozen=True)
class FoundEntry:
    """Which function, method or class of the hand-in answers for an entry.

    Attributes
    ----------
    name : as the student wrote it
    place : where it is defined
    unfinished : why it counts as not attempted (``pass``, ``return None`` ...), or None
    """

    name: str
    place: Place | None
    unfinished: str | None = None


@dataclass(frozen=True)
class Loaded:
    """What the worker found when it loaded a hand-in.

    Attributes
    ----------
    form : None when nothing that was asked for is there
    script : a loop at the top of the file answers for the layer: in a script, or beside a function for the cell
    missing : for each entry that is not there, why, in words
    cut_short : why its definitions alone were run, where the whole of it did not end well
    """

    form: Form | None
    entries: Mapping[str, FoundEntry]
    missing: Mapping[str, str]
    problems: tuple[Problem, ...]
    unreadable: str | None = None
    printed: str = ""
    script: bool = False
    cut_short: str | None = None
