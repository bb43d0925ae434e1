"""What a check is made of: its questions, the answers to them, and the verdict that it gives."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from harness.bank import Bank
from harness.cases import expect_step_by_step
from harness.compare import Comparison, Expectation, compare, expectation_of, shape_problem, states_of
from harness.convention import canonical, strip_extra_row, time_axis, to_canonical, to_layout
from harness.model import (
    Argument,
    Assignment,
    Call,
    Case,
    Entry,
    Loaded,
    NotAnArray,
    Outcome,
    Problem,
    Reply,
    ReplyKind,
    States,
    Template,
    Value,
)
from harness.questions import named_arguments
from harness.templates import given_to, words_in
from harness.words import Text, Words, say

#: ``timesteps, input_size, hidden_size`` and a seed, for each run of a script; the empty one runs it as it stands.
SCRIPT_RUNS: tuple[tuple[int, ...], ...] = ((1,), (2, 5, 3, 4), (3, 4, 2, 3), (4, 3, 5, 2), (5, 6, 3, 3))


@dataclass(frozen=True)
class Ask:
    """Which cases a check asks, and how.

    Attributes
    ----------
    pattern : of case names
    times, echo : see `harness.model.Call`
    """

    pattern: str
    times: int = 1
    echo: bool = False

    def calls(self, bank: Bank) -> list[tuple[Case, Call]]:
        """The calls that this asks for."""
        return [
            (case, call_of(case, key=f"{case.problem}|{self.times}|{self.echo}", times=self.times, echo=self.echo))
            for case in bank.matching(self.pattern)
        ]


def call_of(case: Case, *, key: str, times: int = 1, echo: bool = False) -> Call:
    """The call that asks a hand-in about a case that is laid out."""
    return Call(key, case.entry, tuple(case.given.values()), times, echo, tuple(case.given))


#: What was said of values that came back before: right hand-ins return the same few arrays, bit for bit.
_SEEN: WeakKeyDictionary[Case, dict[tuple[object, ...], Comparison]] = WeakKeyDictionary()
_MOST_SEEN = 32


@dataclass(frozen=True)
class Verdict:
    """What a check says; `CheckResult` adds the points."""

    outcome: Outcome
    message: Text = ""
    counterexample: Mapping[str, Any] | None = None
    note: Text = ""
    states: States | None = None


PASSED = Verdict(Outcome.PASSED)


@dataclass(frozen=True)
class Answers:
    """The cases of a check with the replies to them.

    Attributes
    ----------
    own_weights : what the hand-in makes itself, for the checks that ask for it
    """

    pairs: tuple[tuple[Case, Reply], ...]
    loaded: Loaded
    assignment: Assignment
    own_weights: Reply | None = None

    def all_within(self) -> Verdict:
        """Pass if every answer is right within its bound; else tell of the first that is not."""
        return self.judge_each(self.compare)

    def all_shaped(self) -> Verdict:
        """Pass if every answer has the shape that it should have."""

        def shaped(case: Case, value: Value) -> Comparison:
            return Comparison(shape_problem(value, case.expected.shape, case.part))

        return self.judge_each(shaped)

    def judge_each(self, judge: "Callable[[Case, Value], Comparison]") -> Verdict:
        """Judge every value of every reply; the first that is wrong, raised or late decides."""
        single = False
        for case, reply in self.pairs:
            if reply.kind is not ReplyKind.RETURNED:
                return self.not_returned(case, reply)
            for value in reply.values:
                stripped = strip_extra_row(value, case, self.assignment)
                comparison = Comparison(stripped) if isinstance(stripped, Words) else judge(case, stripped)
                if comparison.problem:
                    return self.failed(case, comparison)
                single |= comparison.single
        if single and self.assignment.single_precision == "fault":
            return Verdict(
                Outcome.FAILED,
                say("the numbers are right to single precision (float32) only, and double is asked for"),
            )
        if single and self.assignment.single_precision == "note":
            return Verdict(Outcome.PASSED, note=say("right to single precision (float32), not to double"))
        return PASSED

    def compare(self, case: Case, value: Value) -> Comparison:
        """Compare one value with its case; a case that is judged step by step, by its own steps."""
        return self.once(Answers._compare, case, value)

    def once(self, judge: "Callable[[Answers, Case, Value], Comparison]", case: Case, value: Value) -> Comparison:
        """Judge a value, unless one like it, bit for bit, was judged so before."""
        if isinstance(value, NotAnArray):
            return judge(self, case, value)
        seen = _SEEN.setdefault(case, {})
        key = judge, value.dtype.str, value.shape, value.tobytes()
        comparison = seen.get(key)
        if comparison is None:
            comparison = judge(self, case, value)
            if len(seen) < _MOST_SEEN:
                seen[key] = comparison
        return comparison

    def _compare(self, case: Case, value: Value) -> Comparison:
        name = case.part
        if not case.stepwise:
            return compare(value, expectation_of(case, time_axis(case, self.assignment)))
        problem = shape_problem(value, case.expected.shape, name)
        if problem or isinstance(value, NotAnArray):
            return Comparison(problem)
        if value.dtype.kind not in "fiu" or not np.isfinite(value).all():
            return Comparison(say("{name} has numbers that are not finite, or not real", name=name))
        return compare(value, self._stepwise(case, value, name))

    def _stepwise(self, case: Case, value: Value, name: str) -> Expectation:
        named = named_arguments(self.entry(case).parameters, case.arguments, np.float64)
        inputs, weights = named["inputs"], (named["Wx"], named["Wh"], named["b"])
        states = canonical(value, case, self.entry(case), self.assignment)
        assert states is not None  # its kind and its shape were looked at
        initial = np.zeros((*states.shape[:-2], states.shape[-1]))
        expected = expect_step_by_step(inputs, weights, initial, states)
        right, allowed, single = (to_layout(one, name, self.assignment, case.question) for one in expected)
        return Expectation(name, right, allowed, single, time_axis(case, self.assignment))

    def picture(self) -> States | None:
        """What to draw of the answers: the largest that went wrong tells most."""
        drawn = [
            states
            for case, reply in self.pairs
            for value in reply.values[:1]
            if (states := self._states(case, strip_extra_row(value, case, self.assignment)))
        ]
        return max(drawn, key=lambda one: len(one.got) * len(one.got[0]), default=None)

    def _states(self, case: Case, value: Value | Words) -> States | None:
        """What to draw of a sequence that went wrong; of a batch the first sample that did."""
        if time_axis(case, self.assignment) is None or case.stepwise or not isinstance(value, np.ndarray):
            return None
        if value.shape != case.expected.shape or value.dtype.kind not in "fiub":
            return None
        arrays = value.astype(np.float64), case.expected.astype(np.float64), case.allowed.astype(np.float64)
        return states_of(*(to_canonical(one, case.part, self.assignment, case.question) for one in arrays))

    def failed(self, case: Case, comparison: Comparison) -> Verdict:
        """Word a failure, with the call that shows it."""
        counterexample = {"case": case.name, "call": self.call_in_words(case), **(comparison.counterexample or {})}
        return Verdict(Outcome.FAILED, comparison.problem or "", counterexample)

    def not_returned(self, case: Case, reply: Reply) -> Verdict:
        """Word a call that raised, hung, died, or had nothing to go to."""
        counterexample = {"case": case.name, "call": self.call_in_words(case)}
        match reply.kind:
            case ReplyKind.TIMED_OUT:
                late = say("{entry} did not come back: {what}", entry=case.entry, what=reply.message)
                return Verdict(Outcome.TIMED_OUT, late, counterexample)
            case ReplyKind.DIED:
                ended = say("{entry} ended its process: {what}", entry=case.entry, what=reply.message)
                return Verdict(Outcome.RAISED, ended, counterexample)
            case ReplyKind.ABSENT:
                return Verdict(Outcome.FAILED, reply.message)
        raised = say("{entry} raised {what}", entry=case.entry, what=placed(reply))
        return Verdict(Outcome.RAISED, raised, counterexample)

    def entry(self, case: Case) -> Entry:
        """The entry that a case asks."""
        return next(entry for entry in self.assignment.entries if entry.name == case.entry)

    def call_in_words(self, case: Case) -> str:
        """The call, to paste; large arrays by their shape."""
        entry = self.entry(case)
        given = {word: None if value is None else written_out(value) for word, value in case.given.items()}
        if not entry.forward:
            return self._call_of(entry, given)
        forward = next(one for one in self.assignment.entries if one.name == entry.forward)
        return f"{self._call_of(forward, given)}, then {self._call_of(entry, given)}"

    def _call_of(self, entry: Entry, given: Mapping[str, str | None]) -> str:
        found = self.loaded.entries.get(entry.name)
        template = tuple(given) if entry.call is None else entry.call
        apart = set(given_to(entry)) - set(words_in(template))
        beside = [f"{word}={given[word]}" for word in given if word in apart and given[word] is not None]
        call = f"{found.name if found else entry.name}({', '.join(call_written(template, given))})"
        return f"{call} with {', '.join(beside)}" if beside else call


@dataclass(frozen=True)
class ScriptAnswers:
    """What the runs of a script left behind, for the checks that a script can answer."""

    all_replies: tuple[Reply, ...]
    assignment: Assignment
    problems: tuple[Problem, ...] = ()

    @property
    def replies(self) -> tuple[Reply, ...]:
        """The runs to judge.

        Where the script runs as it stands, one that does not run with other sizes put in is left out: whether sizes
        are read is a check of its own.
        """
        as_it_stands, *others = self.all_replies
        if as_it_stands.kind is not ReplyKind.RETURNED:
            return self.all_replies
        return (as_it_stands, *(reply for reply in others if reply.kind is ReplyKind.RETURNED))

    def first_failure(self) -> Verdict | None:
        """Word the first run that raised, hung or died; None when all came through."""
        for reply in self.replies:
            if reply.kind is ReplyKind.TIMED_OUT:
                return Verdict(Outcome.TIMED_OUT, say("the script did not end: {what}", what=reply.message))
            if reply.kind is not ReplyKind.RETURNED:
                return Verdict(Outcome.RAISED, self._with_what_was_before(reply))
        return None

    def _with_what_was_before(self, reply: Reply) -> Words:
        """What went wrong further up is often why a name is not there."""
        raised = say("the script raised {what}", what=placed(reply))
        if reply.place is None:
            return raised
        here = (reply.place.cell or 0, reply.place.line)
        above = [one for one in self.problems if (one.place.cell or 0, one.place.line) < here]
        if not above:
            return raised
        first = min(above, key=lambda one: (one.place.cell or 0, one.place.line))
        aside = say("{place} was set aside: {what}", place=first.place, what=f"{first.type}: {first.message}")
        return say("{raised}; before that, {aside}", raised=raised, aside=aside)

    def arrays(self, reply: Reply, *words: str) -> "list[Any] | Verdict":
        """Take canonical arrays of numbers from a run, or the verdict that one is not there."""
        found = []
        for word in words:
            value = reply.named.get(word)
            if value is None:
                names = ", ".join(self.assignment.names.get(word, (word,))[:3])
                message = say(
                    "the script has no {word} before its loop (looked for {names} ...)", word=word, names=names
                )
                return Verdict(Outcome.FAILED, message)
            if isinstance(value, NotAnArray) or value.dtype.kind not in "fiu":
                kind = value.description if isinstance(value, NotAnArray) else f"an array of {value.dtype}"
                message = say("{name} is {kind}, but should be an array of numbers", name=word, kind=kind)
                return Verdict(Outcome.FAILED, message)
            found.append(to_canonical(value.astype(np.float64), word, self.assignment))
        return found


def call_written(template: Template, given: Mapping[str, str | None]) -> Iterator[str]:
    """The arguments of a call as they are written, without those that are left out."""
    for one in template:
        if not isinstance(one, str):
            yield _value_written(one, given)
        elif one not in given or given[one] is not None:
            yield f"{one}={given[one]}" if one in given else one.lstrip("@=")


def _value_written(template: Template, given: Mapping[str, str | None]) -> str:
    if isinstance(template, dict):
        return "{" + ", ".join(f"{key!r}: {_value_written(one, given)}" for key, one in template.items()) + "}"
    if isinstance(template, tuple):
        return "[" + ", ".join(_value_written(one, given) for one in template) + "]"
    return str(given.get(template, template)) if isinstance(template, str) else repr(template)


def placed(reply: Reply) -> Text:
    """What a call raised, with the student's line where it is known."""
    if reply.place is None:
        return reply.message
    return say("{what} ({place})", what=reply.message, place=reply.place)


Judge = Callable[[Answers], Verdict]
ScriptJudge = Callable[[ScriptAnswers], Verdict]


@dataclass
class Check:
    """One claim.

    Attributes
    ----------
    id : ``<family>.<claim>``
    claim : the sentence that students read
    asks : the cases that it needs
    judge : from the answers to a verdict
    script : the same for a script; None when a script can't answer
    """

    id: str
    claim: str
    asks: tuple[Ask, ...]
    judge: Judge
    script: ScriptJudge | None = field(default=None)
    weights: bool = False

    def on_script(self, judge: ScriptJudge) -> ScriptJudge:
        """Say how a script is judged; used as a decorator."""
        self.script = judge
        return judge


CHECKS: dict[str, Check] = {}


def check(id: str, *, asks: tuple[str | Ask, ...] = (), weights: bool = False) -> Callable[[Judge], Check]:
    """Register a check; the function's docstring is its claim.

    Parameters
    ----------
    asks : case patterns, or `Ask` where a call is to be made in a special way
    weights : also read the weights that the hand-in makes for itself
    """

    def register(judge: Judge) -> Check:
        claim = inspect.getdoc(judge)
        assert claim, f"{id} has no claim"
        asked = tuple(one if isinstance(one, Ask) else Ask(one) for one in asks)
        CHECKS[id] = Check(id, claim.split("\n")[0], asked, judge, weights=weights)
        return CHECKS[id]

    return register


def script_calls() -> Iterator[Call]:
    """The runs of a script, each with the sizes to put in."""
    for numbers in SCRIPT_RUNS:
        yield Call("script|" + ",".join(map(str, numbers)), "script", numbers)


def written_out(value: Argument) -> str:
    """An argument as it is written in a call; a large array by its shape."""
    if not isinstance(value, np.ndarray):
        return repr(value)
    if value.size > 24:
        return f"<array of shape {value.shape}>"
    return _written_out(value.shape, value.astype(np.float64).tobytes())


@lru_cache(maxsize=1024)  # NumPy takes a quarter of a millisecond over it, and the cases are the same for all
def _written_out(shape: tuple[int, ...], numbers: bytes) -> str:
    value = np.frombuffer(numbers).reshape(shape)
    written = np.array2string(value, separator=", ", max_line_width=10_000, floatmode="unique").replace("\n", "")
    return f"np.array({' '.join(written.split())})"
