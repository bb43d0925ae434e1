"""The smallest input that shows a failure: drawn and shrunk by Hypothesis, asked of the living child.

Numbers are small whole ones, sizes 1, 2 or 3, the smallest that will do. What was zero in the case that failed stays
zero, what was left out stays out, and a batch stays a batch, so that a check about the bias alone is not shown by
something else. The search is bounded by a number of questions and starts from a fixed seed: the same hand-in gets the
same input on every run.

Where a twin was matched, the smallest input of the twin is found once for a run, and the hand-in is asked about that.
"""

import itertools
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.bank import Bank, cache_folder
from harness.cases import make_case
from harness.checks import CHECKS, Answers, Verdict
from harness.checks.framework import call_of
from harness.convention import canonical_axes, laid_out_result, lay_out
from harness.errors import GraderFault
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
from harness.twins import Match, Way, answer_of

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
            return self._search_way(way, plan, shape, key)

    def _search_way(
        self, way: Way, plan: CheckPlan, shape: Shape, key: tuple[tuple[int, ...], str, Shape]
    ) -> tuple[Argument, ...] | None:
        entry = self._entries[shape.entry]
        if key not in self._known:

            def answer(case: Case, laid_out: Case) -> Reply:
                named = named_arguments(entry.parameters, case.arguments, np.longdouble)
                answers = answer_of(way, entry.question, named)
                if answers is None:
                    return Reply(ReplyKind.RAISED, message="ValueError")
                value = answers[case.part].astype(np.float64)
                return Reply(ReplyKind.RETURNED, (laid_out_result(value, case, entry, self._assignment),))

            nothing = Loaded(None, {}, {}, ())
            self._known[key] = search(
                entry, shape, lambda given: self._judged(plan, given, shape, nothing, answer) is not None, OF_TWIN
            )
        return self._known[key]

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


def search(
    entry: Entry, shape: Shape, fails: Callable[[tuple[Argument, ...]], bool], budget: Budget
) -> tuple[Argument, ...] | None:
    """Let Hypothesis look for an input that fails, in the smallest sizes first, and shrink its numbers."""
    asked: dict[str, bool] = {}
    for sizes in _sizes(entry, shape):
        if len(asked) >= budget.questions:
            break
        if (found := _search_in(_problems(sizes, entry, shape), fails, asked, budget)) is not None:
            return found
    return None


def _search_in(
    problems: "SearchStrategy[tuple[Argument, ...]]",
    fails: Callable[[tuple[Argument, ...]], bool],
    asked: dict[str, bool],
    budget: Budget,
) -> tuple[Argument, ...] | None:
    """Search in given sizes, with a share of the questions."""
    import hypothesis
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.errors import NoSuchExample, UnsatisfiedAssumption

    from harness import drawing

    drawing.keep_house(cache_folder())
    allowed = min(budget.questions, len(asked) + budget.each)

    def shows(arguments: tuple[Argument, ...]) -> bool:
        key = repr([one.tolist() if isinstance(one, np.ndarray) else one for one in arguments])
        if key not in asked:
            asked[key] = (len(asked) < allowed or any(asked.values())) and fails(arguments)
        return asked[key]

    try:
        return hypothesis.find(
            problems,
            shows,
            settings=settings(
                max_examples=2 * budget.each,
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


def _problems(sizes: dict[str, int], entry: Entry, shape: Shape) -> "SearchStrategy[tuple[Argument, ...]]":
    """A strategy for the arguments of an entry: small whole numbers, thousands where the case had large ones."""
    from hypothesis import strategies as st

    parts: list[SearchStrategy[Any]] = []
    for word, ndim, kind, name in zip(entry.parameters, shape.ndims, shape.kinds, shape.names, strict=False):
        if name is not None:
            parts.append(st.just(name))
        elif ndim is None:
            parts.append(st.integers(1, _LONGEST))
        else:
            lengths = tuple(sizes[axis] for axis in axes_of(word)[-ndim:]) if ndim else ()
            parts.append(_arrays(lengths, kind))
    return st.tuples(*parts)


def _arrays(lengths: tuple[int, ...], kind: str) -> "SearchStrategy[Doubles]":
    from hypothesis import strategies as st

    count = int(np.prod(lengths))
    unit = {"zero": 0.0, "small": 1.0, "large": 1000.0}[kind]
    numbers = st.integers(-_LARGEST, _LARGEST) if unit else st.just(0)
    return st.lists(numbers, min_size=count, max_size=count).map(
        lambda drawn: np.array(drawn, dtype=np.float64).reshape(lengths) * unit
    )


def axes_of(word: str) -> list[str]:
    """The canonical axes of an argument, those that are equally long by the same name."""
    axes = [axis.replace("H_before", "H") for axis in canonical_axes(word)]
    if word == "Wx_decoder":
        return ["H", "O"]  # it reads what the output layer gives
    return ["H", "H"] if word == "Wx_2" else axes
