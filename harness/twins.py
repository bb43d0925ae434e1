"""Recognise a bug by its numbers: what came back equals what the reference with this one bug returns.

A twin is matched only if an entry's answers equal its outputs on every case (where it raises, they raised), if at
least one case tells it apart from right, and if no other twin is matched as well.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from harness.bank import Bank
from harness.bugs import CATALOGUE, KnownBug
from harness.cases import expect_step_by_step
from harness.convention import strip_extra_row, to_canonical
from harness.model import Assignment, Case, Doubles, Extended, NotAnArray, Reply, ReplyKind
from harness.questions import QUESTIONS, named_arguments
from reference import rnn

#: How many bounds an answer may be away from a twin and still be taken for it, in double and in single precision.
#: Twins are at least 10⁶ bounds (of double) from right and from each other, and the tests hold them to it.
SAME_AS_TWIN = {"double": 1e3, "single": 10.0}


@dataclass(frozen=True)
class Match:
    """A bug whose twin was matched, and the entry that showed it (``script`` for a script)."""

    bug: KnownBug
    entries: tuple[str, ...]


class Twins:
    """Compares answers with the outputs of all twins on a bank, each of which is computed once."""

    def __init__(self, bank: Bank, assignment: Assignment) -> None:
        self._bank, self._assignment = bank, assignment
        self._entries = {entry.name: entry for entry in assignment.entries}
        self._outputs: dict[tuple[str, str], Extended | None] = {}

    def match(self, replies: Mapping[str, Reply]) -> Match | None:
        """Find the one bug whose twin answers as the hand-in does; None where there is none, or more than one."""
        bugs = [bug for bug in CATALOGUE.values() if bug.twins and bug.cause_of is None]
        runs = [reply for key, reply in replies.items() if key.startswith("script|")]
        if runs:
            scripts = [self._script_run(run) for run in runs]
            matches = [Match(bug, ("script",)) for bug in bugs if _matches_script(bug, scripts)]
        else:
            matches = [Match(bug, entries) for bug in bugs if (entries := self._matching_entries(bug, replies))]
        return matches[0] if len(matches) == 1 else None

    def output(self, bug: KnownBug, name: str) -> Extended | None:
        """What a bug's twin returns on a canonical case; None where it raises."""
        key = (bug.name, name)
        if key not in self._outputs:
            case = self._bank.canonical[name]
            arguments = named_arguments(self._entries[case.entry].parameters, case.arguments, np.longdouble)
            try:
                self._outputs[key] = bug.twins[case.entry](arguments)
            except ValueError:  # shapes that do not fit: a student's own version raises there, too
                self._outputs[key] = None
        return self._outputs[key]

    def _matching_entries(self, bug: KnownBug, replies: Mapping[str, Reply]) -> tuple[str, ...]:
        """The entries that show the bug; none if any entry that could show it is wrong in another way."""
        shown = []
        for entry in bug.twins:
            pairs = list(self._answered(entry, replies))
            if not pairs:
                continue
            if any(self._matches(bug, pairs, kind) for kind in SAME_AS_TWIN):
                shown.append(entry)
            elif not all(self._is_right(case, reply) for case, reply in pairs):
                return ()
        return tuple(shown)

    def _answered(self, entry: str, replies: Mapping[str, Reply]) -> Iterable[tuple[Case, Reply]]:
        """The plain calls of an entry that are compared: batches that raised say nothing about the recurrence."""
        for name, case in self._bank.cases.items():
            reply = replies.get(f"{name}|1|False")
            if case.entry != entry or case.stepwise or reply is None:
                continue
            batched = len(QUESTIONS[entry].axes.split()) == case.expected.ndim and "N T" in QUESTIONS[entry].axes
            if batched and reply.kind is ReplyKind.RAISED:
                continue
            yield case, reply

    def _matches(self, bug: KnownBug, pairs: list[tuple[Case, Reply]], precision: str) -> bool:
        told_apart = False
        for case, reply in pairs:
            twin = self.output(bug, case.name)
            if twin is None:
                if reply.kind is not ReplyKind.RAISED:
                    return False
                told_apart = True
                continue
            canonical = self._bank.canonical[case.name]
            bound = canonical.allowed if precision == "double" else canonical.allowed_single
            got = self._canonical(case, reply)
            near = float(bound.max()) * SAME_AS_TWIN[precision]
            if got is None or not _equal(got, twin, near):
                return False
            told_apart |= not _equal(twin, canonical.expected, near)
        return told_apart

    def _is_right(self, case: Case, reply: Reply) -> bool:
        got = self._canonical(case, reply)
        canonical = self._bank.canonical[case.name]
        return got is not None and _equal(got, canonical.expected, float(canonical.allowed_single.max()))

    def _canonical(self, case: Case, reply: Reply) -> Doubles | None:
        """The answer in canonical layout; None where it is no array of numbers."""
        if reply.kind is not ReplyKind.RETURNED:
            return None
        value = strip_extra_row(reply.values[0], case, self._entries[case.entry], self._assignment)
        if isinstance(value, NotAnArray | str) or value.dtype.kind not in "fiu":
            return None
        return to_canonical(value.astype(np.float64), QUESTIONS[case.entry].result, self._assignment)

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
        return _ScriptRun(exact, states, rnn.rnn_layer(**exact), float(bound.max()) * SAME_AS_TWIN["double"])

    def _script_arrays(self, run: Reply) -> dict[str, Doubles] | None:
        named = {word: run.named.get(word) for word in ("inputs", "Wx", "Wh", "b", "total_hidden_states")}
        named["hidden_state_0"] = run.named.get("hidden_state_t")
        arrays = {
            word: to_canonical(value.astype(np.float64), word, self._assignment)
            for word, value in named.items()
            if isinstance(value, np.ndarray) and value.dtype.kind in "fiu"
        }
        if run.kind is not ReplyKind.RETURNED or len(arrays) != len(named) or not _fit_together(arrays):
            return None
        return arrays


@dataclass(frozen=True)
class _ScriptRun:
    """One run of a script: its arguments, its states, what they should be, and how near is equal."""

    arguments: Mapping[str, Extended]
    states: Doubles
    right: Extended
    near: float


def _matches_script(bug: KnownBug, runs: list[_ScriptRun | None]) -> bool:
    """Tell whether every run of a script gave what the bug's twin gives with the same weights."""
    if "layer" not in bug.twins:
        return False
    told_apart = False
    for run in runs:
        if run is None:
            return False
        try:
            twin = bug.twins["layer"](run.arguments)
        except ValueError:
            return False
        if not _equal(run.states, twin, run.near):
            return False
        told_apart |= not _equal(twin, run.right, run.near)
    return told_apart


def _fit_together(arrays: Mapping[str, Doubles]) -> bool:
    """Tell whether inputs, weights and state have the shapes of one recurrence, and finite numbers."""
    inputs, b = arrays["inputs"], arrays["b"]
    if inputs.ndim != 2 or b.ndim != 1 or not all(np.isfinite(array).all() for array in arrays.values()):
        return False
    D, H = inputs.shape[1], b.shape[0]
    wanted = {"Wx": (H, D), "Wh": (H, H), "hidden_state_0": (H,)}
    return len(inputs) > 0 and all(arrays[word].shape == shape for word, shape in wanted.items())


def _equal(left: Doubles | Extended, right: Extended, near: float) -> bool:
    """Equal up to so much; relatively where numbers are large, as they are without a tanh."""
    if left.shape != right.shape:
        return False
    return bool((np.abs(left - right) <= near * np.maximum(1, np.abs(right))).all())
