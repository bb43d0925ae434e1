"""Whether a hand-in that is wrong here is right in another convention: then that is what is told, and not its numbers.

A layout is never guessed from a shape. What a course might have taught is tried instead, on problems all of whose sizes
differ: arguments in another order, weights the other way round, time or features first, the bias as a row or a column,
the result first in a tuple. Only a hand-in that is right on all of them, within its bound, is said to follow another
convention.
"""

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np

from harness.bank import Bank
from harness.compare import Expectation, compare, expectation_of
from harness.convention import axes_of, canonical_axes, lay_out, time_axis
from harness.model import Argument, Assignment, Call, Case, CheckResult, Entry, Loaded, Outcome, Reply, ReplyKind
from harness.words import Text, say, together

#: Puts questions to a hand-in, and gives its replies by key.
Ask = Callable[[list[Call]], Mapping[str, Reply]]

#: By what is asked and by whether there is a batch, the problems on one of which a function must be right.
_PROBES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("cell", "always"): ("batch",),
    ("cell", "optional"): ("plain",),
    ("cell", "never"): ("plain",),
    ("layer", "always"): ("batch-initial-state",),
    ("layer", "optional"): ("batch-initial-state", "initial-state"),
    ("layer", "never"): ("initial-state",),
}
#: What stands for them where a function has no parameter for an initial state.
_WITHOUT_STATE = {"batch-initial-state": "batch", "initial-state": "plain"}
#: More differences than these are another program.
_MOST_DIFFERENCES = 3
#: How many questions are sent at once: most hand-ins differ in one thing or two, and those are asked first.
_AT_ONCE = 24
#: The questions whose convention is tried, by what they are.
_KIND = {"cell": "cell", "cell_with_output": "cell", "layer": "layer", "layer_with_output": "layer"}
_STATE = {"cell": "hidden_state_t", "layer": "hidden_state_0"}


@dataclass(frozen=True)
class Dialect:
    """Another convention that a hand-in follows.

    Attributes
    ----------
    differences : from what the assignment declares, in words, for each function that is right in it
    entries : which those functions answer for
    """

    differences: tuple[tuple[str, Text], ...]
    entries: tuple[str, ...]

    @property
    def how(self) -> Text:
        """All differences in one."""
        if len({str(how) for _, how in self.differences}) == 1:
            return self.differences[0][1]
        return together("; ", [say("{name}: {what}", name=name, what=how) for name, how in self.differences])


@dataclass(frozen=True)
class Variant:
    """One convention to try.

    Attributes
    ----------
    axes : by word, where they are not as declared
    order : of the arguments
    first : the result stands first in a tuple
    """

    axes: Mapping[str, str]
    order: tuple[str, ...]
    first: bool


def recognise(
    loaded: Loaded, checks: tuple[CheckResult, ...], bank: Bank, assignment: Assignment, ask: Ask
) -> Dialect | None:
    """Try other conventions on the functions of a hand-in whose plainest cases are lost; None where none is right.

    Parameters
    ----------
    checks : what the hand-in got as it is
    ask : puts questions to the hand-in
    """
    lost = {check.id for check in checks if check.outcome in (Outcome.FAILED, Outcome.RAISED)}
    told: dict[str, tuple[str, Text]] = {}
    for entry in assignment.entries:
        found = loaded.entries.get(entry.name)
        probes = _PROBES.get((_KIND.get(entry.question, ""), assignment.batch), ())
        if found is None or "." in found.name or found.unfinished:
            continue
        if not probes or not lost & _ABOUT[_KIND[entry.question]]:
            continue
        cases = [bank.canonical.get(f"{entry.name}.{name}") for name in probes]
        cases = [_answerable(case, entry, bank, assignment, ask) for case in cases if case]
        for case in cases:
            variant = nearest(case, entry, assignment, ask) if case else None
            if variant and (differences := list(_differences(variant, entry, assignment))):
                told[entry.name] = found.name, together(", ", differences)
                break
    return Dialect(tuple(told.values()), tuple(told)) if told else None


def _answerable(case: Case, entry: Entry, bank: Bank, assignment: Assignment, ask: Ask) -> Case | None:
    """The problem itself, or the same without an initial state where the function has no parameter for one."""
    call = call_in(Variant({}, _usual(entry), False), case, entry, assignment, "dialect")
    reply = ask([call])[call.key]
    name = case.problem.partition(".")[2]
    if takes_no_initial_state(reply) and name in _WITHOUT_STATE:
        return bank.canonical.get(f"{entry.name}.{_WITHOUT_STATE[name]}")
    return case


def takes_no_initial_state(reply: Reply) -> bool:
    """Tell whether a call failed only because the hand-in has no parameter for the initial state."""
    text = str(reply.message)
    refused = "takes no initial hidden state" in text or ("TypeError" in text and "positional argument" in text)
    return reply.kind is ReplyKind.RAISED and refused


#: The checks that a wrong convention loses.
_ABOUT = {
    "cell": {"shapes.cell-output", "numerics.cell", "numerics.input-term"},
    "layer": {"shapes.layer-output", "stacking.first-row", "batches.each-sample"},
}


def nearest(case: Case, entry: Entry, assignment: Assignment, ask: Ask) -> Variant | None:
    """Find the convention in which a function is right on a problem, the nearest to the declared; None for none.

    Parameters
    ----------
    case : canonical; all its sizes differ
    ask : puts questions to the function
    """
    replies: dict[str, Reply] = {}
    trials = iter(_trials(case, entry, assignment))
    while batch := list(itertools.islice(trials, _AT_ONCE)):
        calls = {one.call.key: one.call for one in batch}
        # What differs in the layout of the result alone was asked already.
        replies |= ask([call for call in calls.values() if call.key not in replies])
        for one in batch:
            if one.is_right(replies[one.call.key]):
                return one.variant
        if not all(_may_be_of_another(reply) for reply in replies.values()):
            return None
    return None


@dataclass(frozen=True)
class Trial:
    """A problem in one convention.

    Attributes
    ----------
    call : its key names all that is asked in it
    part : of the reply
    """

    variant: Variant
    call: Call
    part: str
    expectation: Expectation

    def is_right(self, reply: Reply) -> bool:
        """Whether what came back is right in this convention."""
        if reply.kind is not ReplyKind.RETURNED:
            return False
        return compare(reply.about(self.part).values[0], self.expectation).problem is None


#: A case is one of a bank, which is made for one assignment; what is asked of it is the same for all hand-ins.
_TRIALS: WeakKeyDictionary[Case, tuple[Trial, ...]] = WeakKeyDictionary()


def _trials(case: Case, entry: Entry, assignment: Assignment) -> tuple[Trial, ...]:
    """A problem in every convention that is tried."""
    trials = _TRIALS.get(case)
    if trials is None:
        variants = _variants(case, entry, assignment)
        trials = _TRIALS[case] = tuple(trial(variant, case, entry, assignment) for variant in variants)
    return trials


def trial(variant: Variant, case: Case, entry: Entry, assignment: Assignment) -> Trial:
    """Lay a problem out in a convention."""
    laid_out = lay_out(case, entry, _in(variant, assignment))
    axis = time_axis(laid_out, _in(variant, assignment))
    call = _keyed(_call(variant, laid_out, entry, "dialect"))
    return Trial(variant, call, case.part, expectation_of(laid_out, axis))


def _keyed(call: Call) -> Call:
    """Name a call by all that is asked in it."""
    digest = hashlib.sha256(repr(call.first).encode())
    for one in call.arguments:
        digest.update(repr(one.shape).encode() + one.tobytes() if isinstance(one, np.ndarray) else repr(one).encode())
    return replace(call, key=digest.hexdigest())


#: What a wrong shape, or an argument in the place of another, raises; anything else is another mistake.
_OF_SHAPES = ("ValueError", "TypeError", "IndexError", "AttributeError", "AssertionError")


def _may_be_of_another(reply: Reply) -> bool:
    """A misspelt name raises in every convention, and what hangs is not asked again."""
    if reply.kind is ReplyKind.RAISED:
        return reply.message.startswith(_OF_SHAPES)
    return reply.kind is ReplyKind.RETURNED


def _variants(case: Case, entry: Entry, assignment: Assignment) -> Iterator[Variant]:
    """Every convention that is tried, those nearest to the declared one first."""
    kind = _KIND[entry.question]
    state = _STATE[kind]
    usual = _usual(entry)
    others = [word for word in usual if word != state]
    orders = dict.fromkeys((usual, (state, *others), (others[0], state, *others[1:]), (*others, state)))
    if len(case.arguments) <= entry.required and state not in entry.parameters[: entry.required]:
        orders = dict.fromkeys((usual,))  # without a state there is nothing to stand elsewhere
    layouts = [one for one in _LAYOUTS[kind] if "b" not in one or not _is_batch(case, entry)]
    changes: list[list[dict[str, str]]] = [
        [{}, _turned(("Wx", "Wh"), assignment), _turned(("Wx",), assignment)],
        [{}, *layouts],
        [{}, {"b": "1 H"}, {"b": "H 1"}],
    ]
    tried = [
        (bool(number) + sum(map(bool, axes)) + first, order, axes, first)
        for number, order in enumerate(orders)
        for axes in itertools.product(*changes)
        for first in ((False, True) if entry.call is None else (False,))  # where it is declared, it is declared
    ]
    for differences, order, axes, first in sorted(tried, key=lambda one: one[0]):
        if differences <= _MOST_DIFFERENCES:
            yield Variant({word: one for part in axes for word, one in part.items()}, order, first)


def _usual(entry: Entry) -> tuple[str, ...]:
    return tuple(word for word in entry.call or entry.parameters if isinstance(word, str))


def _turned(words: tuple[str, ...], assignment: Assignment) -> dict[str, str]:
    return {word: " ".join(reversed(axes_of(word, assignment).split())) for word in words}


def _is_batch(case: Case, entry: Entry) -> bool:
    return np.ndim(case.arguments[0]) == len(canonical_axes(entry.parameters[0]))


#: Those with a bias are of single columns, and know no batch.
_LAYOUTS: Mapping[str, tuple[dict[str, str], ...]] = {
    "cell": (
        {"input_t": "D N", "hidden_state_t": "H N", "output_t": "H N"},
        {"input_t": "D 1", "hidden_state_t": "H 1", "output_t": "H 1", "b": "H 1"},
    ),
    "layer": (
        {"inputs": "T D 1", "hidden_state_0": "H 1", "total_hidden_states": "T H 1", "b": "H 1"},
        {"inputs": "T N D", "total_hidden_states": "T N H"},
        {"inputs": "N T D", "total_hidden_states": "N T H"},
        {"inputs": "D N T", "hidden_state_0": "H N", "total_hidden_states": "H N T"},
        {"total_hidden_states": "T N H"},
        {"total_hidden_states": "N H T"},
    ),
}


def call_in(variant: Variant, case: Case, entry: Entry, assignment: Assignment, key: str) -> Call:
    """The call in another convention: where words name arguments, under each other's names."""
    return _call(variant, lay_out(case, entry, _in(variant, assignment)), entry, key)


def _call(variant: Variant, laid_out: Case, entry: Entry, key: str) -> Call:
    given = [laid_out.given.get(word) for word in variant.order]
    ordered: tuple[Argument | None, ...] = tuple(one for one in given if one is not None)
    words = _usual(entry)
    rest = {word: value for word, value in laid_out.given.items() if entry.call is not None and word not in words}
    return Call(key, entry.name, (*ordered, *rest.values()), words=(*words[: len(ordered)], *rest), first=variant.first)


def _in(variant: Variant, assignment: Assignment) -> Assignment:
    return replace(assignment, convention={**assignment.convention, **variant.axes}, extra_row="none")


def _differences(variant: Variant, entry: Entry, assignment: Assignment) -> Iterator[Text]:
    if variant.order != _usual(entry):
        yield say("arguments in the order ({order})", order=", ".join(variant.order))
    for word, axes in variant.axes.items():
        if axes == axes_of(word, assignment, entry.question):
            continue
        if word == "Wh":
            yield say("Wh for {product}", product="h @ Wh" if axes.startswith("H_before") else "Wh @ h")
        else:
            yield say("{name} as ({axes})", name=word, axes=", ".join(axes.split()))
    if variant.first:
        yield say("the result first in a tuple")
