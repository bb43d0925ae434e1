"""The smallest input that shows a failure: drawn and shrunk by Hypothesis, asked of the living child.

Numbers are small whole ones, sizes 1, 2 or 3, the smallest that will do. What was zero in the case that failed stays
zero, what was left out stays out, and a batch stays a batch, so that a check about the bias alone is not shown by
something else. The search is bounded by a number of questions and starts from a fixed seed: the same hand-in gets the
same input on every run.

Where a twin was matched, the smallest input of the twin is found once, and the hand-in is asked about that; it is kept
between runs.
"""

import hashlib
import itertools
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness import kept
from harness.bank import Bank
from harness.cases import make_case
from harness.checks import CHECKS, Answers, Verdict
from harness.checks.framework import call_of
from harness.convention import canonical_axes, laid_out_result, lay_out
from harness.errors import GraderFault
from harness.gradebook import fingerprint
from harness.model import (
    Argument,
    Assignment,
    Call,
    Case,
    CheckPlan,
    Doubles,
    Entry,
    Loaded,
    Outcome,
    Reply,
    ReplyKind,
)
from harness.questions import named_arguments
from harness.ways import Match, Way, answer_of

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


@dataclass(frozen=True)
class Budget:
    """Questions that a search may ask, and of those in each combination of sizes."""

    questions: int
    each: int


#: A hand-in that no twin explains is asked for itself; a twin is asked once for a run.
OF_HAND_IN, OF_TWIN = Budget(150, 25), Budget(1000, 60)
_LARGEST, _LONGEST = 2, 3
#: How many Hypothesis may draw, where it is known that there is one to be found.
_MOST_EXAMPLES = 200
#: A case with larger numbers is about large numbers.
_BEYOND_SMALL = 32
_SHOWN = (Outcome.FAILED, Outcome.RAISED)

Ask = Callable[[Call], Reply]
#: A hand-in that ends its process, or hangs, so often on small inputs is asked no more: each costs a new child.
_MOST_ENDS = 3


@dataclass(frozen=True)
class Shape:
    """What a smallest input has in common with the case that failed.

    Attributes
    ----------
    part : of the answer, that is wrong
    ndims : the number of axes of each argument; None for a count or a name
    kinds : of each array: ``zero`` throughout, ``small`` or ``large``
    names : the arguments that are names, as they are
    """

    entry: str
    part: str
    ndims: tuple[int | None, ...]
    kinds: tuple[str, ...]
    names: tuple[str | None, ...]

    @classmethod
    def of(cls, case: Case) -> "Shape":
        """Take it from a case."""
        arrays = [one if isinstance(one, np.ndarray) else None for one in case.arguments]
        return cls(
            case.entry,
            case.part,
            tuple(None if one is None else one.ndim for one in arrays),
            tuple(_kind(one) for one in arrays),
            tuple(one if isinstance(one, str) else None for one in case.arguments),
        )


def _kind_of(verdict: Verdict) -> tuple[Outcome, str]:
    """Wrong numbers, a wrong shape, or which exception: what a smaller input must show as well."""
    text = str(verdict.message)
    if verdict.outcome is Outcome.RAISED:
        return verdict.outcome, text.partition(":")[0]
    return verdict.outcome, "shape" if " has shape " in text else "numbers"


def _kind(array: Doubles | None) -> str:
    if array is None or not array.size:
        return "small"
    largest = float(np.abs(array).max())
    return "zero" if largest == 0 else "large" if largest > _BEYOND_SMALL else "small"


class Shrinker:
    """Finds smallest inputs for the failures of an assignment; what it finds for twins is kept."""

    def __init__(self, assignment: Assignment, bank: Bank) -> None:
        self._assignment, self._bank = assignment, bank
        self._entries = {entry.name: entry for entry in assignment.entries}
        self._known: dict[tuple[tuple[int, ...], str, Shape], tuple[Argument, ...] | None] = {}
        self._lock = threading.Lock()

    def smallest(
        self, plan: CheckPlan, verdict: Verdict, loaded: Loaded, match: Match | None, ask: Ask
    ) -> Verdict | None:
        """Show a failure on the smallest input that can be found; None where none smaller shows it.

        Parameters
        ----------
        verdict : what the check said, with the case that it said it of
        match : the bugs that the hand-in answers like, if they are known
        ask : put one question to the hand-in
        """
        name = str((verdict.counterexample or {}).get("case"))
        if verdict.outcome not in _SHOWN or name not in self._bank.canonical:
            return None
        case = self._bank.canonical[name]
        if case.stepwise or any(one.times > 1 or one.echo for one in CHECKS[plan.id].asks):
            return None
        if "lengths" in self._entries[case.entry].parameters:
            return None  # they are no numbers to be drawn freely

        ends: list[Reply] = []
        shape = Shape.of(case)

        def fails(arguments: tuple[Argument, ...]) -> Verdict | None:
            """The failure that this input shows, if it is of the same kind."""

            def answer(_: Case, laid_out: Case) -> Reply:
                if len(ends) >= _MOST_ENDS:
                    return ends[-1]
                reply = ask(call_of(laid_out, key="smallest")).about(laid_out.part)
                if reply.kind in (ReplyKind.DIED, ReplyKind.TIMED_OUT):
                    ends.append(reply)
                return reply

            shown = self._judged(plan, arguments, shape, loaded, answer)
            return shown if shown and _kind_of(shown) == _kind_of(verdict) else None

        if match is not None:
            known = self._smallest_of_way(match.way, plan, shape)
            return fails(known) if known is not None else None
        found = search(self._entries[case.entry], shape, lambda arguments: fails(arguments) is not None, OF_HAND_IN)
        return fails(found) if found is not None else None

    def smallest_of_bug(self, way: Way, plan: CheckPlan) -> tuple[Entry, Case] | None:
        """The smallest input on which a twin fails a check, for those who want to know what the bug does."""
        for ask in CHECKS[plan.id].asks:
            for case, _ in ask.calls(self._bank):
                canonical = self._bank.canonical[case.name]
                if case.stepwise or ask.times > 1 or ask.echo:
                    continue
                found = self._smallest_of_way(way, plan, Shape.of(canonical))
                if found is not None:
                    entry = self._entries[case.entry]
                    return entry, make_case(f"{entry.name}.smallest", entry, found, case.part)
        return None

    def _smallest_of_way(self, way: Way, plan: CheckPlan, shape: Shape) -> tuple[Argument, ...] | None:
        key = (way.key, plan.id, shape)
        with self._lock:
            if key not in self._known:
                path = kept.folder() / "smallest" / f"{self._name(way, plan, shape)}.npz"
                stored = kept.read(path)
                if not stored:
                    stored = _as_arrays(self._search_way(way, plan, shape))
                    kept.write(path, stored)
                self._known[key] = _as_arguments(stored)
            return self._known[key]

    def _name(self, way: Way, plan: CheckPlan, shape: Shape) -> str:
        """Name everything that the smallest input of a twin depends on."""
        changes = [(bug.name, bug.changes.index(one)) for bug, one in zip(way.bugs, way.changes, strict=True)]
        asked = fingerprint(self._assignment), kept.packages(), changes, plan.id, shape
        return hashlib.sha256(repr(asked).encode()).hexdigest()[:32]

    def _search_way(self, way: Way, plan: CheckPlan, shape: Shape) -> tuple[Argument, ...] | None:
        entry, nothing = self._entries[shape.entry], Loaded(None, {}, {}, ())

        def answer(case: Case, laid_out: Case) -> Reply:
            named = named_arguments(entry.parameters, case.arguments, np.longdouble)
            answers = answer_of(way, entry.question, named)
            if answers is None:
                return Reply(ReplyKind.RAISED, message="ValueError")
            value = answers[case.part].astype(np.float64)
            return Reply(ReplyKind.RETURNED, (laid_out_result(value, case, entry, self._assignment),))

        def fails(given: tuple[Argument, ...]) -> bool:
            return self._judged(plan, given, shape, nothing, answer) is not None

        return search(entry, shape, fails, OF_TWIN)

    def _judged(
        self,
        plan: CheckPlan,
        arguments: tuple[Argument, ...],
        shape: Shape,
        loaded: Loaded,
        answer: Callable[[Case, Case], Reply],
    ) -> Verdict | None:
        """Put a question and judge the answer as the check does; None where it passes, or where nothing is certain."""
        try:
            canonical = make_case(f"{shape.entry}.smallest", self._entries[shape.entry], arguments, shape.part)
        except GraderFault:
            return None  # the bound would be too wide to tell
        case = lay_out(canonical, self._entries[shape.entry], self._assignment)
        reply = answer(canonical, case)
        if reply.kind not in (ReplyKind.RETURNED, ReplyKind.RAISED):
            return None
        verdict = CHECKS[plan.id].judge(Answers(((case, reply),), loaded, self._assignment))
        return verdict if verdict.outcome in _SHOWN else None


def _as_arrays(found: tuple[Argument, ...] | None) -> dict[str, NDArray[Any]]:
    """Write a smallest input, or that there is none, as it is kept between runs."""
    return {"none": np.array(True)} if found is None else {str(i): np.asarray(one) for i, one in enumerate(found)}


def _as_arguments(stored: Mapping[str, NDArray[Any]]) -> tuple[Argument, ...] | None:
    """Read it again: counts are whole numbers, and names are text."""
    if "none" in stored:
        return None
    arrays = [stored[str(i)] for i in range(len(stored))]
    return tuple(int(one) if one.dtype.kind == "i" else str(one) if one.dtype.kind == "U" else one for one in arrays)


def search(
    entry: Entry, shape: Shape, fails: Callable[[tuple[Argument, ...]], bool], budget: Budget
) -> tuple[Argument, ...] | None:
    """Look for an input that fails, in the smallest sizes first, and let Hypothesis shrink its numbers."""
    asked: dict[str, bool] = {}

    def shows(arguments: tuple[Argument, ...]) -> bool:
        key = repr([one.tolist() if isinstance(one, np.ndarray) else one for one in arguments])
        if key not in asked:
            asked[key] = fails(arguments)
        return asked[key]

    for sizes in _sizes(entry, shape):
        if len(asked) >= budget.questions:
            break
        parts = _parts(sizes, entry, shape)
        # Mostly the first sizes show nothing, and Hypothesis takes ten times as long as NumPy to find that out.
        if any(map(shows, _drawn(parts, min(budget.each, budget.questions - len(asked))))):
            return _shrunk(parts, shows)
    return None


def _drawn(parts: "list[_Part]", count: int) -> Iterator[tuple[Argument, ...]]:
    """Draw problems, the same ones every time."""
    generator = np.random.default_rng(0)
    for _ in range(count):
        yield tuple(part.drawn(generator) for part in parts)


def _shrunk(parts: "list[_Part]", shows: Callable[[tuple[Argument, ...]], bool]) -> tuple[Argument, ...] | None:
    """Have Hypothesis find a problem that fails, and make its numbers small."""
    import hypothesis
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis import strategies as st
    from hypothesis.errors import NoSuchExample, UnsatisfiedAssumption

    from harness import drawing

    drawing.keep_house(kept.folder())
    try:
        return hypothesis.find(
            st.tuples(*(part.strategy() for part in parts)),
            shows,
            settings=settings(
                max_examples=_MOST_EXAMPLES,
                database=None,
                deadline=None,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
            random=random.Random(0),
        )
    except (NoSuchExample, UnsatisfiedAssumption):
        return None


def _sizes(entry: Entry, shape: Shape) -> Iterator[dict[str, int]]:
    """Sizes for the axes of an entry: all 1, then some of them 2, at last all 2 and all 3."""
    axes = {
        axis
        for word, ndim in zip(entry.parameters, shape.ndims, strict=False)
        if ndim
        for axis in axes_of(word)[-ndim:]
    }
    names = [axis for axis in "TNHDO" if axis in axes]
    fixed = {"L": 2} if "L" in axes else {}
    for count in range(len(names) + 1):
        for large in itertools.combinations(names, count):
            yield {axis: 2 if axis in large else 1 for axis in names} | fixed
    yield dict.fromkeys(names, 3) | fixed


@dataclass(frozen=True)
class _Part:
    """What an argument may be.

    Attributes
    ----------
    lengths : of the axes of an array; None for a count or a name
    unit : of its numbers, which are a few whole times that
    name : where it is one
    """

    lengths: tuple[int, ...] | None
    unit: float = 1.0
    name: str | None = None

    def drawn(self, generator: np.random.Generator) -> Argument:
        """Draw one."""
        if self.name is not None:
            return self.name
        if self.lengths is None:
            return int(generator.integers(1, _LONGEST, endpoint=True))
        if not self.unit:
            return np.zeros(self.lengths)  # none of them below it
        return generator.integers(-_LARGEST, _LARGEST, self.lengths, endpoint=True).astype(np.float64) * self.unit

    def strategy(self) -> "SearchStrategy[Any]":
        """Have Hypothesis draw the same."""
        from hypothesis import strategies as st

        if self.name is not None:
            return st.just(self.name)
        if self.lengths is None:
            return st.integers(1, _LONGEST)
        count, lengths, unit = int(np.prod(self.lengths)), self.lengths, self.unit
        numbers = st.integers(-_LARGEST, _LARGEST) if unit else st.just(0)
        return st.lists(numbers, min_size=count, max_size=count).map(
            lambda drawn: np.array(drawn, dtype=np.float64).reshape(lengths) * unit
        )


#: How large numbers are, by what the case had: thousands where they were large.
_UNITS = {"zero": 0.0, "small": 1.0, "large": 1000.0}


def _parts(sizes: dict[str, int], entry: Entry, shape: Shape) -> list[_Part]:
    """What the arguments of an entry may be, in given sizes: small whole numbers, or thousands."""
    parts = []
    for word, ndim, kind, name in zip(entry.parameters, shape.ndims, shape.kinds, shape.names, strict=False):
        if ndim is None:
            parts.append(_Part(None, name=name))
        else:
            parts.append(_Part(tuple(sizes[axis] for axis in axes_of(word)[-ndim:]) if ndim else (), _UNITS[kind]))
    return parts


def axes_of(word: str) -> list[str]:
    """The canonical axes of an argument, those that are equally long by the same name."""
    axes = [axis.replace("H_before", "H") for axis in canonical_axes(word)]
    if word == "Wx_decoder":
        return ["H", "O"]  # it reads what the output layer gives
    return ["H", "H"] if word == "Wx_2" else axes
