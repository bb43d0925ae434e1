"""Compare what came back with what should have: first the decision, as a record, then the words for it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.model import Case, Doubles, Extended, NotAnArray, States, Value
from harness.words import Words, say, together


@dataclass(frozen=True)
class Expectation:
    """What a value should be.

    Attributes
    ----------
    name : what it is called in messages, ``total_hidden_states``
    time_axis : which of its axes are timesteps, so that wrong rows can be told; None where there are none
    """

    name: str
    expected: Extended
    allowed: Extended
    allowed_single: Extended
    time_axis: int | None = None


@dataclass(frozen=True)
class Comparison:
    """The decision.

    Attributes
    ----------
    problem : in words, None when the value is right
    single : right, but only as a result of single precision
    counterexample : ``yours``, ``should_be`` and the like, for the reports
    """

    problem: Words | None
    single: bool = False
    counterexample: dict[str, Any] | None = None


def expectation_of(case: Case, time_axis: int | None) -> Expectation:
    """Take the expectation of a case."""
    return Expectation(case.part, case.expected, case.allowed, case.allowed_single, time_axis)


def compare(value: Value, expectation: Expectation) -> Comparison:
    """Decide whether a value is right: its kind, its shape, its numbers within the bound."""
    problem = shape_problem(value, expectation.expected.shape, expectation.name)
    if problem or isinstance(value, NotAnArray):
        return Comparison(problem)
    if value.dtype.kind == "c":
        return Comparison(say("{name} has complex numbers, but should have real ones", name=expectation.name))
    got = value.astype(np.longdouble)
    with np.errstate(invalid="ignore"):
        error = np.abs(got - expectation.expected)
    # NaN compares False, so this is not the same as `error > allowed`.
    wrong = ~(error <= expectation.allowed)
    if not wrong.any():
        return Comparison(None)
    if (error <= expectation.allowed_single).all():
        return Comparison(None, single=True)
    return _mismatch(value, error, wrong, expectation)


#: How much of a sequence is drawn.
_MOST_TIMESTEPS, _MOST_UNITS = 40, 16


def states_of(got: Doubles, expected: Doubles, allowed: Doubles) -> States | None:
    """Take what is to be drawn of a sequence, canonical arrays ``(T, H)`` or ``(N, T, H)``; None where nothing is."""
    with np.errstate(invalid="ignore"):
        wrong = ~(np.abs(got - expected) <= allowed)
    if got.ndim == 3 and wrong.any():
        sample = int(wrong.any(axis=(1, 2)).argmax())
        got, expected, wrong = got[sample], expected[sample], wrong[sample]
    if got.ndim != 2 or got.shape[0] < 2 or not wrong.any():
        return None
    first = int(wrong.any(axis=1).argmax())
    if first >= _MOST_TIMESTEPS:
        return None
    drawn = np.s_[:_MOST_TIMESTEPS, :_MOST_UNITS]
    rows = tuple(tuple(x if np.isfinite(x) else None for x in row) for row in got[drawn].tolist())
    return States(rows, tuple(map(tuple, expected[drawn].tolist())), first)


def shape_problem(value: Value, shape: tuple[int, ...], name: str) -> Words | None:
    """Say what is wrong with the kind or the shape of a value, or None."""
    if isinstance(value, NotAnArray):
        return not_an_array(name, value, shape)
    if value.shape != shape:
        return say("{name} has shape {got}, but should have {want}", name=name, got=value.shape, want=shape)
    return None


def not_an_array(name: str, value: NotAnArray, shape: tuple[int, ...]) -> Words:
    """Say what came back in the place of an array."""
    kind = value.description
    return say("{name} is {kind}, but should be an array of shape {want}", name=name, kind=kind, want=shape)


def _mismatch(value: NDArray[Any], error: Extended, wrong: NDArray[np.bool_], expectation: Expectation) -> Comparison:
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    got, want = value[index], float(expectation.expected[index])
    where = f"{expectation.name}[{', '.join(map(str, index))}]" if index else expectation.name
    if np.isfinite(got):
        digits = _telling_digits(float(got), want)
        sentence = say(
            "{where} = {got}, but should be {want} (off by {off}, allowed {allowed})",
            where=where,
            got=f"{float(got):.{digits}g}",
            want=f"{want:.{digits}g}",
            off=f"{float(error[index]):.2g}",
            allowed=f"{float(expectation.allowed[index]):.1e}",
        )
    else:
        sentence = say("{where} = {got}, but should be {want}", where=where, got=float(got), want=f"{want:.4g}")
    told = say("{count} of {size} numbers are wrong", count=int(wrong.sum()), size=wrong.size)
    if wrong.size == 1:
        return Comparison(sentence, counterexample=_shown(value, expectation, index))
    if expectation.time_axis is not None:
        rows = np.asarray(wrong.any(axis=tuple(i for i in range(wrong.ndim) if i != expectation.time_axis)))
        told = _rows_in_words(rows)
    counterexample = _shown(value, expectation, index)
    return Comparison(together("; ", [sentence, told]), counterexample=counterexample)


def _shown(value: NDArray[Any], expectation: Expectation, index: tuple[int, ...]) -> dict[str, Any]:
    return {"index": list(index), "yours": _plain(value), "should_be": _plain(expectation.expected)}


def _telling_digits(got: float, want: float) -> int:
    """As few digits as show that two numbers differ, and at least four."""
    return next((digits for digits in range(4, 17) if f"{got:.{digits}g}" != f"{want:.{digits}g}"), 17)


def _rows_in_words(wrong: NDArray[np.bool_]) -> Words:
    if wrong.all():
        return say("every row is wrong") if wrong.size > 1 else say("the only row is wrong")
    right = _ranges([int(i) for i in np.flatnonzero(~wrong)])
    rows = _ranges([int(i) for i in np.flatnonzero(wrong)])
    return together("; ", [say("right: {rows}", rows=right), say("wrong: {rows}", rows=rows)])


def _ranges(rows: list[int]) -> Words:
    if len(rows) == 1:
        return say("row {row}", row=rows[0])
    if rows == list(range(rows[0], rows[-1] + 1)):
        return say("rows {first} to {last}", first=rows[0], last=rows[-1])
    return say("rows {rows}", rows=", ".join(map(str, rows[:8])) + (" ..." if len(rows) > 8 else ""))


def _plain(array: NDArray[Any]) -> Any:
    """Numbers for JSON; NaN and infinities in words, for JSON has none."""
    if array.size > 64:
        return f"an array of shape {array.shape}"
    flat = [float(x) if np.isfinite(x) else str(float(x)) for x in array.ravel()]
    return np.array(flat, dtype=object).reshape(array.shape).tolist()
