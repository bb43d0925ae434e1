"""The trial: right answers in many styles and precisions, every known bug, and every two of them."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.audit import arithmetic
from harness.audit.problems import redrawn
from harness.audit.styles import STEPS, Written
from harness.bank import Bank
from harness.bugs.parts import RIGHT
from harness.cases import fitted, make_cases
from harness.convention import laid_out_result, with_extra_row
from harness.errors import GraderFault
from harness.judging import Judging
from harness.model import (
    Assignment,
    Call,
    Case,
    Entry,
    Extended,
    Form,
    FoundEntry,
    Loaded,
    Outcome,
    Reply,
    ReplyKind,
)
from harness.questions import named_arguments
from harness.twins import Twins
from harness.ways import Match, Way, answer_of

#: Of the bound that is allowed, the arithmetic that the reference is held against may be away by so much.
_OF_THE_BOUND = 1e-2


@dataclass(frozen=True)
class Style:
    """What became of one right style in one precision."""

    name: str
    precision: str
    problems: int
    largest_share: float
    failed: tuple[str, ...]


@dataclass(frozen=True)
class BugTrial:
    """What became of one known bug, in one of its ways.

    Attributes
    ----------
    caught_by : the checks that it lost
    named : what the diagnosis called it
    from_right : how many bounds it is away from right, on the case that shows it best
    nearest : the bug that is nearest to it, and how many bounds away
    excuse : why nothing has to catch it or to name it here: what the assignment asks does not show it, or allows it
    """

    names: tuple[str, ...]
    details: str
    caught_by: tuple[str, ...]
    named: tuple[str, ...]
    from_right: float
    nearest: tuple[str, float]
    excuse: str = ""


@dataclass(frozen=True)
class PairTrial:
    """What became of two bugs at once."""

    names: tuple[str, ...]
    caught: bool
    named: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """In full, in part, not at all, or wrongly."""
        if self.named == self.names:
            return "in full"
        if not self.named:
            return "not named"
        return "in part" if set(self.named) < set(self.names) else "wrongly"


@dataclass
class Report:
    """Everything that the audit found."""

    assignment: Assignment
    cases: int
    oracle: str
    decimal_problems: int = 0
    decimal_share: float = 0.0
    styles: list[Style] = field(default_factory=list)
    bugs: list[BugTrial] = field(default_factory=list)
    pairs: list[PairTrial] = field(default_factory=list)
    masked_pairs: int = 0

    def complaints(self) -> Iterator[str]:
        """What must not be; an assignment without any may be given to a class."""
        if self.decimal_share > _OF_THE_BOUND:
            yield f"the reference is {self.decimal_share:.2g} of a bound away from decimal arithmetic"
        for style in self.styles:
            if style.largest_share > 1:
                yield f"{style.name} in {style.precision} precision uses {style.largest_share:.2g} of the bound"
            if style.failed:
                yield f"{style.name} in {style.precision} precision is right and loses {', '.join(style.failed)}"
        for bug in self.bugs:
            if bug.excuse:
                continue
            name = bug.names[0] + (f" ({bug.details})" if bug.details else "")
            if not bug.caught_by:
                yield f"{name} escapes: no check fails"
            elif bug.named != bug.names:
                yield f"{name} is diagnosed as {' and '.join(bug.named) or 'nothing'}"
            if bug.nearest[1] < 1e6:
                yield f"{name} is only {bug.nearest[1]:.2g} bounds away from {bug.nearest[0]}"
        for pair in self.pairs:
            if not pair.caught:
                yield f"{' with '.join(pair.names)} escapes: no check fails"
            elif pair.verdict == "wrongly":
                yield f"{' with '.join(pair.names)} is diagnosed as {' and '.join(pair.named)}"

    def shares(self) -> Counter[str]:
        """How the pairs were named, counted."""
        return Counter(pair.verdict for pair in self.pairs)


Say = Callable[[str], None]
_Outline = tuple[tuple[tuple[int, ...] | None, ...], Extended]


class Trial:
    """Tries an assignment.

    Parameters
    ----------
    bank : its cases, on which reference and oracle have agreed
    """

    def __init__(self, assignment: Assignment, bank: Bank) -> None:
        self._assignment, self._bank = assignment, bank
        self._judging = Judging(assignment, bank)
        self._twins = Twins(bank, assignment)
        self._entries = {entry.name: entry for entry in assignment.entries}
        found = {name: FoundEntry(entry.title, None) for name, entry in self._entries.items()}
        self._loaded = Loaded(Form.FUNCTIONS, found, {}, ())
        self._calls = self._judging.calls(self._loaded)
        self._outlines: dict[tuple[tuple[int, ...], tuple[str, ...]], _Outline] = {}
        self._by_problem: dict[str, list[Case]] = {}
        for case in bank.canonical.values():
            self._by_problem.setdefault(case.problem, []).append(case)

    def run(self, *, problems: int, pairs: bool, tell: Say) -> Report:
        """Hold the trial.

        Parameters
        ----------
        problems : how many are drawn for each entry
        pairs : whether every two bugs are tried, too
        tell : told what is being done
        """
        report = Report(
            self._assignment, len(self._bank.cases), f"torch {self._bank.torch_version} on {self._bank.device}"
        )
        tell(f"drawing {problems} problems for each entry")
        drawn = [case for entry in self._assignment.entries for case in _drawn(entry, self._assignment, problems)]
        tell("the reference against decimal arithmetic")
        plain = [case for case in self._bank.canonical.values() if not case.stepwise]
        every = [*plain, *drawn]
        report.decimal_problems = len(every)
        report.decimal_share = max(self._decimal_share(case) for case in every)
        for number in range(len(STEPS)):
            for dtype, precision in ((np.float64, "double"), (np.float32, "single")):
                report.styles.append(self._style(Written(number), dtype, precision, drawn))
        tell(f"{len(STEPS)} right styles in both precisions")
        tell(f"{len(self._twins.ways)} ways of being wrong")
        report.bugs = [self._bug(way) for way in self._twins.ways]
        if pairs:
            tell(f"{len(self._twins.pairs)} pairs of them")
            self._try_pairs(report)
        return report

    def _decimal_share(self, case: Case) -> float:
        named = named_arguments(self._entries[case.entry].parameters, case.arguments, np.float64)
        exact = np.array(_flat(arithmetic.answer(case.question, named)[case.part])).reshape(case.expected.shape)
        return _share(exact, case.expected, case.allowed)

    def _style(self, style: Written, dtype: Any, precision: str, drawn: list[Case]) -> Style:
        largest = 0.0
        for case in drawn:
            named = named_arguments(self._entries[case.entry].parameters, case.arguments, dtype)
            with np.errstate(over="ignore", invalid="ignore"):
                answer = np.asarray(style.answer(case.question, named)[case.part], dtype=np.longdouble)
            allowed = case.allowed if precision == "double" else case.allowed_single
            largest = max(largest, _share(answer, case.expected, allowed))
        replies = self._replies(lambda case: style.answer(case.question, self._named(case, dtype))[case.part])
        lost = tuple(id for id in self._lost(replies) if not (id in _ABOUT_OVERFLOW and style.name in _OVERFLOWING))
        return Style(style.name, precision, len(drawn), largest, lost)

    def _bug(self, way: Way) -> BugTrial:
        replies = self._replies_of(way)
        match = self._twins.match(replies)
        from_right = self._distance(way, None)
        others = [] if from_right < 1 else [other for other in self._twins.ways if other.names != way.names]
        distances = [(self._distance(way, other), other.names[0]) for other in others]
        nearest = min(distances, default=(np.inf, ""))
        details = ", ".join(way.changes[0].details.values())
        return BugTrial(
            way.names,
            details,
            self._lost(replies),
            match.way.names if match else (),
            from_right,
            (nearest[1], nearest[0]),
            self._excuse(way, from_right, replies),
        )

    def _excuse(self, way: Way, from_right: float, replies: dict[str, Reply]) -> str:
        if from_right < 1:
            return "does not show in what is asked"
        if not any(self._is_seen(way, case) for case in self._bank.canonical.values()):
            return "raises wherever it shows"
        results = self._judging.judge(self._loaded, replies)
        passed = all(one.outcome in (Outcome.PASSED, Outcome.NOT_APPLICABLE) for one in results)
        if passed and any("single precision" in str(one.note) for one in results):
            return "passes as single precision, which is allowed"
        if passed and self._assignment.extra_row != "none" and way.parts.changed() == {"stacked"}:
            return "is what is asked for"
        return ""

    def _is_seen(self, way: Way, case: Case) -> bool:
        """Whether numbers come back that are not right, or too many of them; what raises has no name."""
        answer = None if case.stepwise else self._twins.output(way, case.name)
        if answer is None:
            return False
        if answer.shape != case.expected.shape:
            return True
        with np.errstate(invalid="ignore"):  # NaN compares False, and is seen
            return not bool((np.abs(answer - case.expected) <= case.allowed_single).all())

    def _try_pairs(self, report: Report) -> None:
        """Every two bugs; where one hides the other altogether, or both undo each other, they are no two bugs."""
        for pair in self._twins.pairs:
            if any(self._distance(pair, one) < 1 for one in (None, *pair.members)):
                report.masked_pairs += 1
                continue
            replies = self._replies_of(pair)
            match = self._twins.match(replies)
            if match and match.way.names != pair.names and self._distance(pair, match.way, self._told_by(match)) < 1:
                report.masked_pairs += 1  # together they are another bug, to every number that tells something
                continue
            if self._excuse(pair, self._distance(pair, None), replies):
                continue
            report.pairs.append(PairTrial(pair.names, bool(self._lost(replies)), match.way.names if match else ()))

    def _told_by(self, match: Match) -> tuple[str, ...]:
        """The entries whose numbers tell something: a backward pass with wrong states to work with does not."""
        backward = {name for name, entry in self._entries.items() if entry.question.endswith("_backward")}
        return () if backward & set(match.entries) else tuple(self._entries.keys() - backward)

    def _replies_of(self, way: Way) -> dict[str, Reply]:
        return self._replies(lambda case: self._output(way, case))

    def _output(self, way: Way, case: Case) -> Any:
        if not case.stepwise:
            return self._twins.output(way, case.name)
        answers = answer_of(way, case.question, self._named(case, np.longdouble))
        return None if answers is None else answers[case.part]

    def _replies(self, answer: Callable[[Case], Any]) -> dict[str, Reply]:
        """What a hand-in would send that answers so."""
        replies = {}
        for call in self._calls:
            if call.entry in self._entries:
                replies[call.key] = self._reply(call, answer)
        return replies

    def _reply(self, call: Call, answer: Callable[[Case], Any]) -> Reply:
        parts = {}
        for case in self._by_problem[call.key.partition("|")[0]]:
            with np.errstate(all="ignore"):
                value = answer(case)
            if value is None:
                return Reply(ReplyKind.RAISED, message="ValueError: shapes do not fit")
            value = np.asarray(value)
            value = value.astype(np.float64) if value.dtype == np.longdouble else value
            laid_out = with_extra_row(
                laid_out_result(value, case, self._entries[case.entry], self._assignment),
                self._bank.cases[case.name],
                self._assignment,
            )
            parts[case.part] = (laid_out,) * call.times
        arguments = tuple(one for one in call.arguments if isinstance(one, np.ndarray))
        values = next(iter(parts.values()))
        return Reply(ReplyKind.RETURNED, values, arguments if call.echo else (), parts=parts)

    def _named(self, case: Case, dtype: Any) -> dict[str, Any]:
        return named_arguments(self._entries[case.entry].parameters, case.arguments, dtype)

    def _lost(self, replies: dict[str, Reply]) -> tuple[str, ...]:
        """The checks that such a hand-in loses; what waits for them is not counted."""
        with np.errstate(all="ignore"):
            results = self._judging.judge(self._loaded, replies)
        return tuple(one.id for one in results if one.outcome in (Outcome.FAILED, Outcome.RAISED))

    def _distance(self, one: Way, other: Way | None, entries: tuple[str, ...] = ()) -> float:
        """How many bounds two ways are apart, or one from right, on the case that tells them apart best.

        Parameters
        ----------
        entries : whose cases count; by default all
        """
        outlines = self._outline(one, entries), self._outline(other or _RIGHT_WAY, entries)
        (first_forms, first), (second_forms, second) = outlines
        if first_forms != second_forms or (np.isnan(first) != np.isnan(second)).any():
            return np.inf
        with np.errstate(all="ignore"):
            return float(np.nanmax(np.abs(first - second), initial=0.0))

    def _outline(self, way: Way, entries: tuple[str, ...]) -> _Outline:
        """What a way answers: the form of each answer, and all numbers in a row, in bounds."""
        key = way.key, entries
        if key not in self._outlines:
            forms: list[tuple[int, ...] | None] = []
            numbers: list[Extended] = [np.zeros(0, dtype=np.longdouble)]
            for name, case in self._bank.canonical.items():
                if not case.stepwise and (not entries or case.entry in entries):
                    output = self._twins.output(way, name)
                    forms.append(None if output is None else output.shape)
                    numbers += [] if output is None else [output.ravel() / case.allowed.max()]
            self._outlines[key] = tuple(forms), np.concatenate(numbers)
        return self._outlines[key]


_RIGHT_WAY = Way((), (), RIGHT)
#: Styles of tanh that are right until they overflow, and the checks that are about just that.
_OVERFLOWING = ("quotient_of_exponentials", "one_exponential", "sinh_over_cosh")
_ABOUT_OVERFLOW = ("numerics.saturation",)


def _share(answer: Any, expected: Extended, allowed: Extended) -> float:
    """How much of the bound an answer uses, at most; what must be exact, as padding, and is, uses nothing."""
    error = np.abs(answer - expected)
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.where(error == 0, 0, error / allowed).max())


def _drawn(entry: Entry, assignment: Assignment, count: int) -> Iterator[Case]:
    """Problems of all small sizes with contractive recurrent weights; those whose bound is too wide are left out."""
    for seed in range(count):
        arguments = fitted(redrawn(entry.question, seed), entry, assignment)
        if arguments is None:
            continue
        try:
            yield from make_cases(f"{entry.name}.audit-{seed}", entry, arguments)
        except GraderFault:
            continue


def _flat(nested: Any) -> list[np.longdouble]:
    """Decimals as long doubles; by text, for there is no other way that keeps their digits."""
    if isinstance(nested, list):
        return [number for one in nested for number in _flat(one)]
    return [np.longdouble(str(nested))]
