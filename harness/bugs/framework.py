"""What a known bug is made of: clue, twin, fix, and the words for it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from harness.bank import Bank
from harness.bugs.parts import Parts
from harness.bugs.source import Code, Source
from harness.dialects import Dialect
from harness.model import Assignment, CheckResult, Edit, Loaded, Place, Reply
from harness.words import Text


@dataclass(frozen=True)
class Sighting:
    """A place where a bug was seen.

    Attributes
    ----------
    details : what the message says about it, by name
    edits : what would mend it; empty where that is not known
    once : told once for each of these, and not for each place: the name that is misspelt
    """

    place: Place
    details: Mapping[str, str] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()
    once: str = ""


@dataclass(frozen=True)
class Change:
    """One way in which a bug changes a right RNN.

    Attributes
    ----------
    apply : put the bug into an RNN in parts
    details : what the message says about this way, by name
    """

    apply: Callable[[Parts], Parts]
    details: Mapping[str, str] = field(default_factory=dict)


def change(**parts: Any) -> Change:
    """Make a change that replaces some parts."""
    return Change(lambda right: replace(right, **parts))


@dataclass(frozen=True)
class Evidence:
    """What a hand-in did, for the bugs that are seen in what it does and not in its numbers.

    Attributes
    ----------
    replies : by the key of their call
    dialect : another convention in which it is right
    """

    replies: Mapping[str, Reply]
    checks: tuple[CheckResult, ...]
    loaded: Loaded
    assignment: Assignment
    bank: Bank
    dialect: Dialect | None = None


@dataclass(frozen=True)
class Shown:
    """What a sign says.

    Attributes
    ----------
    details : what the message says about it
    place : where, if it is known without a look at the source
    twin : whether numbers were compared with a model of the bug
    entries : whose answers it explains, if that is known
    """

    details: Mapping[str, Text] = field(default_factory=dict)
    place: Place | None = None
    twin: bool = False
    entries: tuple[str, ...] = ()


Clue = Callable[[Source], Iterable[Sighting]]
Find = Callable[[Code], Iterable[Sighting]]
Sign = Callable[[Evidence], Shown | None]


@dataclass(frozen=True)
class KnownBug:
    """One entry of the catalogue.

    Attributes
    ----------
    name : kebab-case, the defect and not the remedy
    about : the checks that the bug is about: the first of them that an assignment has counts
    message : a template for the sentence that students read, with ``{line}`` and the details of a clue, or with
        ``{where}``, the function or method, for a bug that only its numbers show
    korean : the same in Korean
    clue : what to see in the source, whatever the numbers say; None where there is nothing to see
    changes : the twins: ways in which the reference gets this one bug
    find : once a twin or a sign has shown the bug, where it may stand and what may mend it, best guess first
    sign : what to see in what the hand-in did
    quiet : a clue that right hand-ins show as well: it counts only once its fix is proved
    cause_of : the bug that this one is the cause of; their twins coincide, and they are one finding
    doc, korean_doc : the docstring of its file and its Korean version, put in when the catalogue is read
    """

    name: str
    about: tuple[str, ...]
    message: str
    korean: str
    clue: Clue | None = None
    changes: tuple[Change, ...] = ()
    find: Find | None = None
    sign: Sign | None = None
    quiet: bool = False
    cause_of: str | None = None
    doc: str = ""
    korean_doc: str = ""

    @property
    def title(self) -> str:
        """The first sentence of its docstring, without the full stop."""
        return self.doc.partition("\n")[0].rstrip(".")

    def check(self, assignment: Assignment) -> str | None:
        """The check that it is about in an assignment; None where it has none of them."""
        there = {plan.id for plan in assignment.checks}
        return next((id for id in self.about if id in there), None)


#: What most bugs are about, in the order of what says it best; of an assignment's checks the first that was lost.
MODELS = ("models.many-to-many", "models.many-to-one", "models.one-to-many", "models.encoder-decoder")
FORMULA = ("numerics.cell", "stacking.first-row", "stacking.state-is-carried", *MODELS)
CARRYING = ("stacking.state-is-carried", *MODELS)
ROWS = ("shapes.layer-output", "batches.shape", *MODELS)
EVERYTHING = ("shapes.layer-output", "shapes.cell-output", *FORMULA, "output.shape")
