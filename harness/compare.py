"""Compare what came back with what should have: first the decision, as a record, then the words for it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.model import Case, Extended, NotAnArray, Value


@dataclass(frozen=True)
class Expectation:
    """What a value should be.

    Attributes
    ----------
    name : what it is called in messages, ``total_hidden_states``
    rows : whether its second-to-last axis are timesteps, so that wrong rows can be told
    """

    name: str
    expected: Extended
    allowed: Extended
    allowed_single: Extended
    rows: bool = False


@dataclass(frozen=True)
class Comparison:
    """The decision.

    Attributes
    ----------
    problem : in words, None when the value is right
    single : right, but only as a result of single precision
    counterexample : ``yours``, ``should_be`` and the like, for the reports
    """

    problem: str | None
    single: bool = False
    counterexample: dict[str, Any] | None = None


def expectation_of(case: Case, name: str, *, rows: bool) -> Expectation:
    """Take the expectation of a case."""
    return Expectation(name, case.expected, case.allowed, case.allowed_single, rows)


def compare(value: Value, expectation: Expectation) -> Comparison:
    """Decide whether a value is right: its kind, its shape, its numbers within the bound."""
    problem = shape_problem(value, expectation.expected.shape, expectation.name)
    if problem or isinstance(value, NotAnArray):
        return Comparison(problem)
    if value.dtype.kind == "c":
        return Comparison(f"{expectation.name} has complex numbers, but should have real ones")
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


def shape_problem(value: Value, shape: tuple[int, ...], name: str) -> str | None:
    """Say what is wrong with the kind or the shape of a value, or None."""
    if isinstance(value, NotAnArray):
        return f"{name} is {value.description}, but should be an array of shape {shape}"
    if value.shape != shape:
        return f"{name} has shape {value.shape}, but should have {shape}"
    return None


def _mismatch(value: NDArray[Any], error: Extended, wrong: NDArray[np.bool_], expectation: Expectation) -> Comparison:
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    got, want = value[index], float(expectation.expected[index])
    where = f"{expectation.name}[{', '.join(map(str, index))}]" if index else expectation.name
    if np.isfinite(got):
        digits = _telling_digits(float(got), want)
        off = f"off by {float(error[index]):.2g}, allowed {float(expectation.allowed[index]):.1e}"
        sentence = f"{where} = {float(got):.{digits}g}, but should be {want:.{digits}g} ({off})"
    else:
        sentence = f"{where} = {float(got)}, but should be {want:.4g}"
    told = f"{int(wrong.sum())} of {wrong.size} numbers are wrong"
    if expectation.rows and wrong.ndim >= 2:
        rows = np.asarray(wrong.any(axis=tuple(i for i in range(wrong.ndim) if i != wrong.ndim - 2)))
        told = _rows_in_words(rows)
    counterexample = {"index": list(index), "yours": _plain(value), "should_be": _plain(expectation.expected)}
    return Comparison(f"{sentence}; {told}", counterexample=counterexample)


def _telling_digits(got: float, want: float) -> int:
    """As few digits as show that two numbers differ, and at least four."""
    return next((digits for digits in range(4, 17) if f"{got:.{digits}g}" != f"{want:.{digits}g}"), 17)


def _rows_in_words(wrong: NDArray[np.bool_]) -> str:
    if wrong.all():
        return "every row is wrong" if wrong.size > 1 else "the only row is wrong"
    right = [int(i) for i in np.flatnonzero(~wrong)]
    return f"{_ranges(right, 'right')}; {_ranges([int(i) for i in np.flatnonzero(wrong)], 'wrong')}"


def _ranges(rows: list[int], what: str) -> str:
    if len(rows) == 1:
        return f"row {rows[0]} is {what}"
    if rows == list(range(rows[0], rows[-1] + 1)):
        return f"rows {rows[0]} to {rows[-1]} are {what}"
    shown = ", ".join(map(str, rows[:8])) + (" ..." if len(rows) > 8 else "")
    return f"rows {shown} are {what}"


def _plain(array: NDArray[Any]) -> Any:
    """Numbers for JSON; NaN and infinities in words, for JSON has none."""
    if array.size > 64:
        return f"an array of shape {array.shape}"
    flat = [float(x) if np.isfinite(x) else str(float(x)) for x in array.ravel()]
    return np.array(flat, dtype=object).reshape(array.shape).tolist()
