"""Recognise bugs by their numbers: what came back equals what the reference with these bugs returns.

A twin is matched only if an entry's answers equal its outputs on every case (where it raises, they raised), if at
least one case tells it apart from right, and if no other twin explains as much. Where no single bug does, two at once
are tried: twins compose where they change different parts of an RNN.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import zip_longest

import numpy as np

from harness.bank import Bank
from harness.bugs.parts import BACKWARD_PARTS, OUTPUT_PARTS
from harness.convention import canonical, strip_extra_row
from harness.dialects import takes_no_initial_state
from harness.model import Assignment, Case, Doubles, Extended, Reply, ReplyKind
from harness.questions import QUESTIONS, named_arguments
from harness.script_twins import ScriptComparison
from harness.sieve import Sieve
from harness.ways import SAME_AS_TWIN, Match, Way, answer_of, equal, pairs_of, single_ways
from harness.words import Words


class Twins:
    """Compares answers with the outputs of all twins on a bank, each of which is computed once; safe for threads."""

    def __init__(self, bank: Bank, assignment: Assignment) -> None:
        self._bank, self.assignment = bank, assignment
        self._entries = {entry.name: entry for entry in assignment.entries}
        self._outputs: dict[tuple[tuple[int, ...], str], Extended | None] = {}
        self._told_apart: dict[tuple[tuple[int, ...], str, float], bool] = {}
        self._sieves: dict[int, Sieve] = {}
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
            script = ScriptComparison.of(runs, self.assignment)
            return None if script is None else script.match(self.ways) or script.match(self.pairs)
        answers = _Answers(self, replies, self._backward)
        if answers.first is None:
            return None
        with self._lock:
            one = answers.match(self.ways)
            if one is not None and not answers.strain(one.way).contradicted:
                return one
            # A pair that fits everything beats a bug that would have shown where the hand-in is right.
            two = answers.match(self.pairs)
            return two if one is None or (two and not answers.strain(two.way).contradicted) else one

    def sieve(self, ways: Sequence[Way]) -> Sieve:
        """What rules out the most of some ways."""
        sieve = self._sieves.get(id(ways))
        if sieve is None:  # which keeps them, so that no others can have their number
            sieve = self._sieves[id(ways)] = Sieve(ways, self.output)
        return sieve

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

    def tells_apart(self, way: Way, case: Case, near: float) -> bool:
        """Whether a case shows a bug: its twin raises there, or is further from right than so much."""
        key = (way.key, case.name, near)
        if key not in self._told_apart:
            twin = self.output(way, case.name)
            self._told_apart[key] = twin is None or not equal(twin, case.expected, near)
        return self._told_apart[key]

    def answered(self, entry: str, replies: Mapping[str, Reply]) -> Iterable[tuple[Case, Reply]]:
        """The plain calls of an entry that are compared: batches that raised say nothing about the recurrence.

        A hand-in that raises on every batch of distinct sizes knows no batches. What it returns for one of equal sizes,
        where the shapes fit by luck, says nothing either; nor for one of a single sample, over which no loop may run.
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
    """All answers of a hand-in, by entry; within each, those first that rule out the most.

    Where the forward pass is wrong, the backward one has wrong states to work with and tells nothing.

    Parameters
    ----------
    backward : the entries that take gradients back

    Attributes
    ----------
    first : the wrong answer to look at first; None where none came back, for only a number tells a way apart from right
    """

    def __init__(self, twins: Twins, replies: Mapping[str, Reply], backward: frozenset[str]) -> None:
        self._twins = twins
        self._by_entry: dict[str, list[_Answer]] = {}
        for entry in twins.entry_names():
            answers = [self._answer(case, reply) for case, reply in twins.answered(entry, replies)]
            if answers:
                self._by_entry[entry] = _most_telling_first(answers)
        self._wrong = [entry for entry, answers in self._by_entry.items() if not all(one.right for one in answers)]
        if not backward.issuperset(self._wrong):
            self._wrong = [entry for entry in self._wrong if entry not in backward]
            self._by_entry = {entry: one for entry, one in self._by_entry.items() if entry not in backward}
        answers = [answer for entry in self._wrong for answer in self._by_entry[entry]]
        came_back = [answer for answer in answers if not (answer.right or answer.raised)]
        self.first = min(came_back, key=_unhandiness, default=None)

    def match(self, ways: Sequence[Way]) -> Match | None:
        """The way that explains every entry that is wrong, and least of what is right; None where two do."""
        assert self.first is not None
        left = self._twins.sieve(ways).left(self.first.case, self.first.got, _near(self.first.case, "single"))
        explaining = [way for way in left if self._explains(way)]
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
        right = got is not None and equal(got, case.expected, _allowed(case))
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
            if answer.got is None or not equal(answer.got, twin, near):
                return None
            told_apart = told_apart or self._twins.tells_apart(way, answer.case, near)
        return told_apart

    def strain(self, way: Way) -> Strain:
        """What speaks against a way that explains all that is wrong."""
        contradicted = sum(
            any(self._twins.tells_apart(way, answer.case, _allowed(answer.case)) for answer in answers)
            for entry, answers in self._by_entry.items()
            if entry not in self._wrong
        )
        raised = sum(
            answer.raised and self._twins.output(way, answer.case.name) is not None
            for entry in self._wrong
            for answer in self._by_entry[entry]
        )
        return Strain(contradicted, raised)


#: Numbers in an answer that is neither so small that few bugs show in it, nor so large that twins take long over it.
_HANDY = 12


def _unhandiness(answer: _Answer) -> int:
    return abs(answer.case.expected.size - _HANDY)


def _most_telling_first(answers: list[_Answer]) -> list[_Answer]:
    """Sort answers by how soon they rule a way out: wrong, right, none in turn, for those of a kind are much alike."""
    kinds: dict[tuple[bool, bool], list[_Answer]] = {}
    for answer in sorted(answers, key=_unhandiness):
        kinds.setdefault((answer.raised, answer.right), []).append(answer)
    in_turn = zip_longest(*(kinds[kind] for kind in sorted(kinds)))
    return [answer for one_of_each in in_turn for answer in one_of_each if answer is not None]


def _is_batch(case: Case) -> bool:
    axes = QUESTIONS[case.question].parts[case.part].split()
    return axes[:2] == ["N", "T"] and case.expected.ndim == len(axes)


def _has_distinct_sizes(case: Case) -> bool:
    """Tell whether no size of the inputs may be taken for another, and none is 1."""
    first = case.arguments[0]
    return isinstance(first, np.ndarray) and len({1, *first.shape}) == 1 + first.ndim


@lru_cache(maxsize=1024)
def _allowed(case: Case) -> float:
    """How far from right an answer may be and still be right, in either precision."""
    return float(case.allowed_single.max())


@lru_cache(maxsize=1024)
def _near(case: Case, precision: str) -> float:
    """How near a twin's answer to a case counts as equal; asked for each twin and each hand-in."""
    bound = case.allowed if precision == "double" else case.allowed_single
    return float(bound.max()) * SAME_AS_TWIN[precision]
