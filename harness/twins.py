"""Recognise bugs by their numbers: what came back equals what the reference with these bugs returns.

A twin is matched only if an entry's answers equal its outputs on every case (where it raises, they raised), if at
least one case tells it apart from right, and if no other twin explains as much. Where no single bug does, two at once
are tried: twins compose where they change different parts of an RNN.
"""

import itertools
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from harness.bank import Bank
from harness.bugs import CATALOGUE, KnownBug
from harness.bugs.framework import Change
from harness.bugs.parts import BACKWARD_PARTS, OUTPUT_PARTS, RIGHT, Parts
from harness.cases import expect_step_by_step
from harness.convention import canonical, strip_extra_row, to_canonical
from harness.dialects import takes_no_initial_state
from harness.model import Assignment, Case, Doubles, Extended, Reply, ReplyKind
from harness.questions import QUESTIONS, named_arguments
from harness.words import Words
from reference import rnn

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
    for one, other in itertools.combinations(ways, 2):
        if one.bugs != other.bugs and not one.parts.changed() & other.parts.changed():
            bugs, changes = one.bugs + other.bugs, one.changes + other.changes
            yield Way(bugs, changes, other.changes[0].apply(one.parts), (one, other))


class Twins:
    """Compares answers with the outputs of all twins on a bank, each of which is computed once; safe for threads."""

    def __init__(self, bank: Bank, assignment: Assignment) -> None:
        self._bank, self.assignment = bank, assignment
        self._entries = {entry.name: entry for entry in assignment.entries}
        self._outputs: dict[tuple[tuple[int, ...], str], Extended | None] = {}
        self._lock = threading.Lock()

    @cached_property
    def ways(self) -> list[Way]:
        """All single ways that can show in the assignment."""
        shown = frozenset[str]()
        if any("Wy" in entry.parameters for entry in self._entries.values()):
            shown |= OUTPUT_PARTS
        if self._backward:
            shown |= BACKWARD_PARTS
        hidden = (OUTPUT_PARTS | BACKWARD_PARTS) - shown
        return [way for way in single_ways() if not way.parts.changed() <= hidden]

    @cached_property
    def _backward(self) -> frozenset[str]:
        """The entries that take gradients back."""
        return frozenset(name for name, entry in self._entries.items() if entry.question.endswith("_backward"))

    @cached_property
    def pairs(self) -> list[Way]:
        """All pairs."""
        return list(pairs_of(self.ways))

    def match(self, replies: Mapping[str, Reply]) -> Match | None:
        """Find the bugs whose twin answers as the hand-in does; None where there are none, or more than one answer."""
        runs = [reply for key, reply in replies.items() if key.startswith("script|")]
        if runs:
            scripts = [self._script_run(run) for run in runs]
            if any(script is None for script in scripts):
                return None
            compare = _ScriptComparison([one for one in scripts if one is not None])
            return compare.match(self.ways) or compare.match(self.pairs)
        answers = _Answers(self, replies, self._backward)
        with self._lock:
            one = answers.match(self.ways)
            if one is not None and not answers.strain(one.way).contradicted:
                return one
            # A pair that fits everything beats a bug that would have shown where the hand-in is right.
            two = answers.match(self.pairs)
            return two if one is None or (two and not answers.strain(two.way).contradicted) else one

    def output(self, way: Way, name: str) -> Extended | None:
        """What a twin returns on a canonical case; None where it raises."""
        key = (way.key, name)
        if key not in self._outputs:
            case = self._bank.canonical[name]
            arguments = named_arguments(self._entries[case.entry].parameters, case.arguments, np.longdouble)
            answers = answer_of(way, case.question, arguments)
            base = f"{case.problem}:"
            for part in QUESTIONS[case.question].parts:
                self._outputs[way.key, base + part] = None if answers is None else answers[part]
            self._outputs[key] = self._outputs[way.key, base + case.part]
        return self._outputs[key]

    def answered(self, entry: str, replies: Mapping[str, Reply]) -> Iterable[tuple[Case, Reply]]:
        """The plain calls of an entry that are compared: batches that raised say nothing about the recurrence.

        A hand-in that raises on every batch of distinct sizes knows no batches; what it returns for one of equal sizes,
        where the shapes fit by luck, says nothing either.
        """
        asked = [
            (case, reply.about(case.part), self.assignment.batch == "optional" and _is_batch(case))
            for case in self._bank.canonical.values()
            if case.entry == entry and not case.stepwise and (reply := replies.get(f"{case.problem}|1|False"))
        ]
        knows_batches = not any(batched for _, _, batched in asked) or any(
            reply.kind is not ReplyKind.RAISED
            for case, reply, batched in asked
            if batched and _has_distinct_sizes(case)
        )
        for case, reply, batched in asked:
            optional = len(case.arguments) > self._entries[entry].required
            if batched and (reply.kind is ReplyKind.RAISED or not knows_batches):
                continue
            if not (optional and takes_no_initial_state(reply)):
                yield case, reply

    def canonical(self, case: Case, reply: Reply) -> Doubles | None:
        """The answer in canonical layout; None where it is no array of numbers."""
        if reply.kind is not ReplyKind.RETURNED:
            return None
        laid_out = self._bank.cases[case.name]
        stripped = strip_extra_row(reply.values[0], laid_out, self.assignment)
        value = reply.values[0] if isinstance(stripped, Words) else stripped
        return canonical(value, laid_out, self._entries[case.entry], self.assignment)

    def entry_names(self) -> Iterable[str]:
        """The entries of the assignment."""
        return self._entries

    def _script_run(self, run: Reply) -> "_ScriptRun | None":
        """Work out what a right layer gives with a script's own weights; None where they do not fit together."""
        arrays = self._script_arrays(run)
        if arrays is None:
            return None
        states = arrays.pop("total_hidden_states")
        bound = expect_step_by_step(
            arrays["inputs"],
            (arrays["Wx"], arrays["Wh"], arrays["b"]),
            arrays["hidden_state_0"],
            np.zeros((len(arrays["inputs"]), len(arrays["b"]))),
        )[1]
        exact = {word: array.astype(np.longdouble) for word, array in arrays.items()}
        inputs, Wx, Wh, b, initial = (exact[word] for word in _SCRIPT_WORDS)
        right = rnn.rnn_layer(inputs, Wx, Wh, b, initial)
        return _ScriptRun(
            exact,
            states,
            right,
            float(bound.max()) * SAME_AS_TWIN["double"],
        )

    def _script_arrays(self, run: Reply) -> dict[str, Doubles] | None:
        named = {word: run.named.get(word) for word in ("inputs", "Wx", "Wh", "b", "total_hidden_states")}
        named["hidden_state_0"] = run.named.get("hidden_state_t")
        arrays = {
            word: to_canonical(value.astype(np.float64), word, self.assignment)
            for word, value in named.items()
            if isinstance(value, np.ndarray) and value.dtype.kind in "fiu"
        }
        if run.kind is not ReplyKind.RETURNED or len(arrays) != len(named) or not _fit_together(arrays):
            return None
        return arrays


_SCRIPT_WORDS = ("inputs", "Wx", "Wh", "b", "hidden_state_0")


@dataclass(frozen=True)
class _Answer:
    """One answer of a hand-in, canonical, and whether it is right."""

    case: Case
    raised: bool
    got: Doubles | None
    right: bool


@dataclass(frozen=True, order=True)
class Strain:
    """What speaks against a way, the weightier first.

    Attributes
    ----------
    contradicted : entries that are right though this way would have made them wrong
    raised : answers that raised though this way would have returned something
    """

    contradicted: int
    raised: int


class _Answers:
    """All answers of a hand-in, by entry; within each, the wrong ones first, for those tell most.

    Where the forward pass is wrong, the backward one has wrong states to work with and tells nothing.

    Parameters
    ----------
    backward : the entries that take gradients back
    """

    def __init__(self, twins: Twins, replies: Mapping[str, Reply], backward: frozenset[str]) -> None:
        self._twins = twins
        self._by_entry: dict[str, list[_Answer]] = {}
        for entry in twins.entry_names():
            answers = [self._answer(case, reply) for case, reply in twins.answered(entry, replies)]
            if answers:
                self._by_entry[entry] = sorted(answers, key=lambda one: one.right)
        self._wrong = [entry for entry, answers in self._by_entry.items() if not answers[0].right]
        if not backward.issuperset(self._wrong):
            self._wrong = [entry for entry in self._wrong if entry not in backward]
            self._by_entry = {entry: one for entry, one in self._by_entry.items() if entry not in backward}

    def match(self, ways: Iterable[Way]) -> Match | None:
        """The way that explains every entry that is wrong, and least of what is right; None where two do."""
        if not self._wrong:
            return None
        explaining = [way for way in ways if self._explains(way)]
        if not explaining:
            return None
        strains = {way.key: self.strain(way) for way in explaining}
        least = min(strains.values())
        best = [way for way in explaining if strains[way.key] == least]
        if len({way.names for way in best}) != 1:
            return None
        return Match(best[0], tuple(self._wrong), self._raises(best[0]))

    def _raises(self, way: Way) -> bool:
        answers = [answer for entry in self._wrong for answer in self._by_entry[entry] if answer.raised]
        return any(self._twins.output(way, answer.case.name) is None for answer in answers)

    def _answer(self, case: Case, reply: Reply) -> _Answer:
        got = self._twins.canonical(case, reply)
        right = got is not None and _equal(got, case.expected, float(case.allowed_single.max()))
        return _Answer(case, reply.kind is ReplyKind.RAISED, got, right)

    def _explains(self, way: Way) -> bool:
        """Tell whether a way fits all that is wrong, and some of it beyond doubt; a pair, if neither alone fits."""
        if self._fits(way, "single") is None:
            return False  # what is not near is not nearer
        for precision in SAME_AS_TWIN:
            if self._fits(way, precision):
                return all(self._fits(member, precision) is None for member in way.members)
        return False

    def _fits(self, way: Way, precision: str) -> bool | None:
        """None where an answer contradicts a way; else whether some answer tells it apart from right."""
        beyond_doubt = False
        for entry in self._wrong:
            fits = self._matches(way, self._by_entry[entry], precision)
            if fits is None:
                return None
            beyond_doubt |= fits
        return beyond_doubt

    def _matches(self, way: Way, answers: list[_Answer], precision: str) -> bool | None:
        """None where an answer contradicts a way; else whether some number tells it apart from right."""
        told_apart = False
        for answer in answers:
            twin = self._twins.output(way, answer.case.name)
            if twin is None:
                if not answer.raised:
                    return None
                continue  # so does many another mistake
            if twin.shape != answer.case.expected.shape and (answer.raised or answer.right):
                # The wrong shape did not fit where the hand-in put it; or it did, where every axis is 1.
                if answer.right and twin.size != answer.case.expected.size:
                    return None
                continue
            near = _near(answer.case, precision)
            if answer.got is None or not _equal(answer.got, twin, near):
                return None
            told_apart |= not _equal(twin, answer.case.expected, near)
        return told_apart

    def strain(self, way: Way) -> Strain:
        """What speaks against a way that explains all that is wrong."""
        contradicted = sum(
            any(not self._is_right(way, answer.case) for answer in answers)
            for entry, answers in self._by_entry.items()
            if entry not in self._wrong
        )
        raised = sum(
            answer.raised and self._twins.output(way, answer.case.name) is not None
            for entry in self._wrong
            for answer in self._by_entry[entry]
        )
        return Strain(contradicted, raised)

    def _is_right(self, way: Way, case: Case) -> bool:
        twin = self._twins.output(way, case.name)
        return twin is not None and _equal(twin, case.expected, float(case.allowed_single.max()))


@dataclass(frozen=True)
class _ScriptRun:
    """One run of a script: its arguments, its states, what they should be, and how near is equal."""

    arguments: Mapping[str, Extended]
    states: Doubles
    right: Extended
    near: float


class _ScriptComparison:
    """The runs of a script, the shortest first, for it is the quickest to compare with."""

    def __init__(self, runs: list[_ScriptRun]) -> None:
        self._runs = sorted(runs, key=lambda run: len(run.arguments["inputs"]))

    def match(self, ways: Iterable[Way]) -> Match | None:
        """The only bugs that every run shows."""
        if all(_equal(run.states, run.right, run.near) for run in self._runs):
            return None
        matches = [way for way in ways if self._matches(way)]
        return Match(matches[0], ("script",)) if len({way.names for way in matches}) == 1 else None

    def _matches(self, way: Way) -> bool:
        told_apart = False
        for run in self._runs:
            answers = answer_of(way, "layer", run.arguments)
            twin = None if answers is None else answers["total_hidden_states"]
            if twin is None or not _equal(run.states, twin, run.near):
                return False
            told_apart |= not _equal(twin, run.right, run.near)
        return told_apart


def _is_batch(case: Case) -> bool:
    axes = QUESTIONS[case.question].parts[case.part].split()
    return axes[:2] == ["N", "T"] and case.expected.ndim == len(axes)


def _has_distinct_sizes(case: Case) -> bool:
    first = case.arguments[0]
    return isinstance(first, np.ndarray) and len(set(first.shape)) == first.ndim


def answer_of(way: Way, question: str, arguments: Mapping[str, Extended]) -> Mapping[str, Extended] | None:
    """What a twin answers, by part; None for shapes that do not fit: a student's own version raises there, too."""
    try:
        with np.errstate(all="ignore"):
            return way.parts.answer(question, arguments)
    except (ValueError, IndexError):
        return None


def _fit_together(arrays: Mapping[str, Doubles]) -> bool:
    """Tell whether inputs, weights and state have the shapes of one recurrence, and finite numbers."""
    inputs, b = arrays["inputs"], arrays["b"]
    if inputs.ndim != 2 or b.ndim != 1 or not all(np.isfinite(array).all() for array in arrays.values()):
        return False
    D, H = inputs.shape[1], b.shape[0]
    wanted = {"Wx": (H, D), "Wh": (H, H), "hidden_state_0": (H,)}
    return len(inputs) > 0 and all(arrays[word].shape == shape for word, shape in wanted.items())


@lru_cache(maxsize=1024)
def _near(case: Case, precision: str) -> float:
    """How near a twin's answer to a case counts as equal; asked for each twin and each hand-in."""
    bound = case.allowed if precision == "double" else case.allowed_single
    return float(bound.max()) * SAME_AS_TWIN[precision]


def _equal(left: Doubles | Extended, right: Extended, near: float) -> bool:
    """Equal up to so much; relatively where numbers are large, as they are without a tanh; NaN equals NaN."""
    if left.shape != right.shape or not left.size:
        return left.shape == right.shape
    one, other = float(left.flat[-1]), float(right.flat[-1])
    if abs(one - other) > near * max(1, abs(other)):
        return False  # mostly the last number tells, in a tenth of the time
    with np.errstate(invalid="ignore"):
        close = np.abs(left - right) <= near * np.maximum(1, np.abs(right))
    return bool((close | (np.isnan(left) & np.isnan(right))).all())
