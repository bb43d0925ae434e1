"""Twins of a script: it can be asked nothing, so its runs are compared with what twins give for what it drew itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from harness.cases import expect_step_by_step
from harness.convention import to_canonical
from harness.model import Assignment, Doubles, Extended, Reply, ReplyKind
from harness.ways import SAME_AS_TWIN, Match, Way, answer_of, equal
from reference import rnn

_WORDS = ("inputs", "Wx", "Wh", "b", "hidden_state_0")


@dataclass(frozen=True)
class _Run:
    """One run of a script: its arguments, its states, what they should be, and how near is equal."""

    arguments: Mapping[str, Extended]
    states: Doubles
    right: Extended
    near: float


class ScriptComparison:
    """The runs of a script, the shortest first, for it is the quickest to compare with."""

    def __init__(self, runs: list[_Run]) -> None:
        self._runs = sorted(runs, key=lambda run: len(run.arguments["inputs"]))

    @classmethod
    def of(cls, replies: list[Reply], assignment: Assignment) -> "ScriptComparison | None":
        """Take the runs of a script; None where what it drew does not fit together."""
        runs = [run for reply in replies if (run := _run(reply, assignment)) is not None]
        return cls(runs) if len(runs) == len(replies) else None

    def match(self, ways: Iterable[Way]) -> Match | None:
        """The only bugs that every run shows."""
        if all(equal(run.states, run.right, run.near) for run in self._runs):
            return None
        matches = [way for way in ways if self._matches(way)]
        return Match(matches[0], ("script",)) if len({way.names for way in matches}) == 1 else None

    def _matches(self, way: Way) -> bool:
        told_apart = False
        for run in self._runs:
            answers = answer_of(way, "layer", run.arguments)
            twin = None if answers is None else answers["total_hidden_states"]
            if twin is None or not equal(run.states, twin, run.near):
                return False
            told_apart |= not equal(twin, run.right, run.near)
        return told_apart


def _run(reply: Reply, assignment: Assignment) -> _Run | None:
    """Work out what a right layer gives with a script's own weights; None where they do not fit together."""
    arrays = _arrays(reply, assignment)
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
    inputs, Wx, Wh, b, initial = (exact[word] for word in _WORDS)
    right = rnn.rnn_layer(inputs, Wx, Wh, b, initial)
    return _Run(exact, states, right, float(bound.max()) * SAME_AS_TWIN["double"])


def _arrays(run: Reply, assignment: Assignment) -> dict[str, Doubles] | None:
    named = {word: run.named.get(word) for word in ("inputs", "Wx", "Wh", "b", "total_hidden_states")}
    named["hidden_state_0"] = run.named.get("hidden_state_t")
    arrays = {
        word: to_canonical(value.astype(np.float64), word, assignment)
        for word, value in named.items()
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiu"
    }
    if run.kind is not ReplyKind.RETURNED or len(arrays) != len(named) or not _fit_together(arrays):
        return None
    return arrays


def _fit_together(arrays: Mapping[str, Doubles]) -> bool:
    """Tell whether inputs, weights and state have the shapes of one recurrence, and finite numbers."""
    inputs, b = arrays["inputs"], arrays["b"]
    if inputs.ndim != 2 or b.ndim != 1 or not all(np.isfinite(array).all() for array in arrays.values()):
        return False
    D, H = inputs.shape[1], b.shape[0]
    wanted = {"Wx": (H, D), "Wh": (H, H), "hidden_state_0": (H,)}
    return len(inputs) > 0 and all(arrays[word].shape == shape for word, shape in wanted.items())
