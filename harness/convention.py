"""Lay canonical arrays out as an assignment declares them, and back.

A convention is declared in the assignment, axis by axis, and never guessed from a shape: ``Wx = "D H"`` says that
students keep the weights the other way round from the canonical ``"H D"``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import einops
import numpy as np
from numpy.typing import NDArray

from harness.errors import InputError
from harness.model import Argument, Assignment, Case, Doubles, Entry, NotAnArray, Value
from harness.numbers import small
from harness.questions import QUESTIONS, named_arguments
from harness.questions.recurrence import first_piece
from harness.templates import given_to, objects_in
from harness.words import Words, say

#: The axes of arguments; of what is one of several (``Wx_encoder``, ``Wx_1``) by the name without its ending. Those of
#: results are with the questions, and those of a gradient are those of what it is the gradient of.
CANONICAL = {
    "input_t": "N D",
    "hidden_state_t": "N H",
    "inputs": "N T D",
    "hidden_state_0": "N H",
    "hidden_states_0": "L N H",
    "lengths": "N",
    "input_0": "N D",
    "h": "N T H",
    "output_t": "N H",
    "total_hidden_states": "N T H",
    "Wx": "H D",
    "Wh": "H H_before",
    "b": "H",
    "Wy": "O H",
    "by": "O",
    "inputs_first": "N T D",
    "inputs_rest": "N T D",
}
_RESULTS = {part: axes for question in QUESTIONS.values() for part, axes in question.parts.items()}
_ENDINGS = re.compile(r"_(encoder|decoder|forward|backward|ih|hh|1|2)$")
#: Counts that a constructor or a call may be given.
SIZES = ("batch_size", "timesteps", "input_size", "hidden_size", "output_size")


def canonical_axes(word: str) -> list[str]:
    """The canonical axes of an argument; none of what is no array."""
    return _axes(word, CANONICAL).split()


def _axes(word: str, table: Mapping[str, str]) -> str:
    """Look a word up in a table of axes: as it is, without its endings, or as the gradient of what it is named for."""
    while word not in table and (shorter := _ENDINGS.sub("", word)) != word:
        word = shorter
    if word not in table and word.startswith("d"):
        return _axes(word[1:], table) if word[1:] else ""
    return table.get(word, "")


def axes_of(word: str, assignment: Assignment, question: str = "") -> str:
    """The axes of an array as the assignment lays it out; empty for what is no array.

    Parameters
    ----------
    question : whose result it is, if it is one
    """
    return _axes(word, assignment.convention) or _canonical(word, question)


@cache
def _canonical(word: str, question: str) -> str:
    parts = QUESTIONS[question].parts if question else {}
    return parts.get(word) or _axes(word, CANONICAL) or _RESULTS.get(word, "")


def check_convention(assignment: Assignment) -> None:
    """Refuse axes that are not those of the array, and words that nothing is known by.

    Raises
    ------
    InputError
    """
    for word, axes in assignment.convention.items():
        where = f"assignment {assignment.name}: convention.{word}"
        canonical = _canonical(word, "")
        if not canonical:
            raise InputError(f"{where}: there is no array of that name")
        if axes.split().count("H") == 2 and "H_before" in canonical:
            raise InputError(
                f"{where}: {axes!r} must say which axis the state before has:"
                " 'H H_before' for Wh @ h, 'H_before H' for h @ Wh"
            )
        named = sorted(axis for axis in axes.split() if axis != "1")
        without_batch = sorted(axis for axis in canonical.split() if axis != "N")
        if named != sorted(canonical.split()) and not (assignment.batch == "never" and named == without_batch):
            raise InputError(f"{where}: {axes!r} must be the axes {canonical!r}, in any order")
    for word, joined in assignment.joined.items():
        where = f"assignment {assignment.name}: convention.{word}"
        for part in joined.parts:
            if not canonical_axes(part):
                raise InputError(f"{where}: there is no array {part!r} to join")
        others = [axis for axis in joined.axes.split() if axis != "*"]
        if joined.axes.split().count("*") != 1 or any(set(others) - set(canonical_axes(part)) for part in joined.parts):
            raise InputError(
                f"{where}: {joined.axes!r} must be axes that all have, and one * along which they are joined"
            )


def lay_out(case: Case, entry: Entry, assignment: Assignment) -> Case:
    """Turn a canonical case into the assignment's layout: what is given, what is expected, and the bounds."""
    scale = _batch_of(case, entry) if _is_mean(case.part, assignment) else 1
    parts = [
        to_layout(array / scale, case.part, assignment, case.question)
        for array in (case.expected, case.allowed, case.allowed_single)
    ]
    given = Given(case, entry, assignment)
    words = dict.fromkeys(given_words(entry, assignment))
    return replace(
        case,
        given={word: value for word in words if (value := given.word(word)) is not None or entry.call is not None},
        expected=parts[0],
        allowed=parts[1],
        allowed_single=parts[2],
    )


def laid_out_result(value: Doubles, case: Case, entry: Entry, assignment: Assignment) -> NDArray[Any]:
    """Lay a canonical answer to a canonical case out as a hand-in would return it."""
    scale = _batch_of(case, entry) if _is_mean(case.part, assignment) else 1
    if value.ndim != case.expected.ndim and (column := _column(case.part, assignment, case.question)) is not None:
        return np.expand_dims(value, column)  # of the wrong form, but of columns or rows all the same
    return to_layout(value / scale, case.part, assignment, case.question)


def given_words(entry: Entry, assignment: Assignment) -> Iterator[str]:
    """Every word that goes along with a call: the entry's own, of the forward pass, of objects that it is given."""
    if entry.call is None and not entry.forward:
        yield from entry.parameters
        return
    yield from given_to(entry)
    entries = {one.name: one for one in assignment.entries}
    for other in related(entry):
        yield from given_words(entries[other], assignment)


def related(entry: Entry) -> tuple[str, ...]:
    """The entries that are called, or made, along with an entry."""
    return (*((entry.forward,) if entry.forward else ()), *objects_in(entry.call or ()))


class Given:
    """The words of one problem, laid out.

    Parameters
    ----------
    case : a canonical case
    """

    def __init__(self, case: Case, entry: Entry, assignment: Assignment) -> None:
        self._named: dict[str, Any] = named_arguments(entry.parameters, case.arguments, np.float64)
        self._question, self._entry, self._assignment = QUESTIONS[case.question], entry, assignment
        along = [one for one in assignment.entries if one.name in related(entry)]
        self._always = {word for one in (entry, *along) for word in one.always}

    def word(self, word: str) -> Argument | None:
        """What stands for a word; None for what may be left out and is."""
        value = self._value(word)
        return to_layout(value, word, self._assignment) if isinstance(value, np.ndarray) else value

    def _value(self, word: str) -> Argument | None:
        named, assignment = self._named, self._assignment
        if word in assignment.joined:
            return self._joined(word)
        if word in named:
            value: Argument = named[word]
            return value
        if word in self._always:
            return self._zero_state(word)
        if word.endswith(("_ih", "_hh")) and word[:-3] in named:
            # A quarter and three quarters, exact in any precision: whoever uses one of the two alone is wrong.
            quarter: Doubles = named[word[:-3]] / 4
            return quarter if word.endswith("_ih") else named[word[:-3]] - quarter
        if word in SIZES:
            return self._size(word)
        if word in ("inputs_first", "inputs_rest"):
            inputs = named["inputs"]
            cut = first_piece(inputs)
            piece: Doubles = inputs[..., :cut, :] if word == "inputs_first" else inputs[..., cut:, :]
            return piece
        if word in ("Wy", "by") and word not in named:  # of a forward pass that is asked for its states alone
            H = self._size("hidden_size") or 1
            return small((2, H), 1) if word == "Wy" else small((2,), 2)
        if word not in self._question.knows:
            return None
        exact = named_arguments(self._entry.parameters, tuple(named.values()), np.longdouble)
        return self._question.known(exact)[word]

    def _joined(self, word: str) -> Doubles:
        joined = self._assignment.joined[word]
        kept = [axis for axis in joined.axes.split() if axis != "*"]
        parts = []
        for part in joined.parts:
            value = self._value(part)
            assert isinstance(value, np.ndarray)
            axes = canonical_axes(part)
            (free,) = [axis for axis in axes if axis not in kept] or [""]
            parts.append(einops.rearrange(value, f"{' '.join(axes)} -> {joined.axes.replace('*', free)}"))
        packed: Doubles = einops.pack(parts, joined.axes)[0]
        return packed

    def _size(self, word: str) -> int | None:
        named = self._named
        match word:
            case "input_size":
                return next((int(one.shape[1]) for name, one in named.items() if _first(name, "Wx")), None)
            case "hidden_size":
                return next((int(one.shape[0]) for name, one in named.items() if _first(name, "Wh")), None)
            case "output_size":
                return int(named["Wy"].shape[0]) if "Wy" in named else None
        for name, one in named.items():
            axes = canonical_axes(name)
            axis = "N" if word == "batch_size" else "T"
            if axis in axes and np.ndim(one) == len(axes):
                return int(one.shape[axes.index(axis)])
        return 1

    def _zero_state(self, word: str) -> Doubles:
        first, H = next(iter(self._named.values())), self._size("hidden_size") or 1
        batch = first.shape[: first.ndim - (2 if "inputs" in self._named else 1)]
        return np.zeros((2, *batch, H)) if word == "hidden_states_0" else np.zeros((*batch, H))


def _first(name: str, word: str) -> bool:
    return name == word or name in (f"{word}_1", f"{word}_encoder", f"{word}_forward")


def strip_extra_row(value: Value, case: Case, assignment: Assignment) -> Value | Words:
    """Take the declared row of the initial state off a layer's result.

    Returns
    -------
    The result without it, or what is wrong in words. A result that is no array is left to the checks.
    """
    if assignment.extra_row == "none" or case.part != "total_hidden_states" or isinstance(value, NotAnArray):
        return value
    axis = time_axis(case, assignment)
    if axis is None:
        return value
    longer = list(case.expected.shape)
    longer[axis] += 1
    if value.shape != tuple(longer):
        return say(
            "{name} has shape {got}, but should have {want}, with the initial state as its {which} row",
            name=case.part,
            got=value.shape,
            want=tuple(longer),
            which=assignment.extra_row,
        )
    at = 0 if assignment.extra_row == "first" else longer[axis] - 1
    given = case.given.get("hidden_state_0")
    row = value.take(at, axis).astype(np.float64)
    start = np.zeros(row.shape) if not isinstance(given, np.ndarray) else given
    if not np.array_equal(row, np.broadcast_to(start, row.shape)):
        return say("the {which} row of {name} is not the initial state", which=assignment.extra_row, name=case.part)
    return np.delete(value, at, axis)


def with_extra_row(value: NDArray[Any], case: Case, assignment: Assignment) -> NDArray[Any]:
    """Put the declared row of the initial state to a layer's result, as a hand-in would.

    Parameters
    ----------
    value : laid out; of another shape than is expected it stays as it is
    case : laid out
    """
    axis = time_axis(case, assignment)
    if assignment.extra_row == "none" or case.part != "total_hidden_states" or value.shape != case.expected.shape:
        return value
    assert axis is not None
    given = case.given.get("hidden_state_0")
    row = given if isinstance(given, np.ndarray) else np.zeros(value.take(0, axis).shape)
    rows = [np.expand_dims(row, axis), value]
    return np.concatenate(rows if assignment.extra_row == "first" else rows[::-1], axis)


def time_axis(case: Case, assignment: Assignment) -> int | None:
    """Which axis of a laid-out result are the timesteps; None where there are none."""
    axes = _trimmed(axes_of(case.part, assignment, case.question), case.expected.ndim)
    return axes.index("T") if "T" in axes else None


def to_layout(array: NDArray[Any], word: str, assignment: Assignment, question: str = "") -> NDArray[Any]:
    """Rearrange a canonical array into the declared axes."""
    if word in assignment.joined:
        return array
    canonical = _canonical(word, question).split()
    source = _trimmed(" ".join(canonical), array.ndim)
    left_out = set(canonical) - set(source)
    target = [axis for axis in axes_of(word, assignment, question).split() if axis not in left_out]
    return _rearranged(array, source, target)


def to_canonical(array: NDArray[Any], word: str, assignment: Assignment, question: str = "") -> NDArray[Any]:
    """Rearrange an array in the declared axes into the canonical ones."""
    declared = axes_of(word, assignment, question)
    source = _trimmed(declared, array.ndim)
    left_out = set(declared.split()) - set(source)
    target = [axis for axis in _canonical(word, question).split() if axis in source and axis not in left_out]
    return _rearranged(array, source, target)


def _rearranged(array: NDArray[Any], source: list[str], target: list[str]) -> NDArray[Any]:
    if source == target or sorted(set(source) - {"1"}) != sorted(set(target) - {"1"}):
        return array  # what does not have these axes stays as it is, and is told by its shape
    if any(axis == "1" and length != 1 for axis, length in zip(source, array.shape, strict=True)):
        return array
    return np.ascontiguousarray(einops.rearrange(array, f"{' '.join(source)} -> {' '.join(target)}"))


def _trimmed(axes: str, ndim: int) -> list[str]:
    """Leave out the axes that an array does not have: first the batch, then the timesteps; none where nothing fits."""
    names = axes.split()
    for optional in ("N", "T"):
        if len(names) > ndim and optional in names:
            names.remove(optional)
    return names if len(names) == ndim else []


def canonical(value: Value, case: Case, entry: Entry, assignment: Assignment) -> Doubles | None:
    """Take a result of numbers for its canonical layout; None for anything else.

    Parameters
    ----------
    case : laid out, whose expectation says what shape the result should have
    """
    if isinstance(value, NotAnArray) or value.dtype.kind not in "fiu":
        return None
    column = _column(case.part, assignment, case.question)
    if value.ndim != case.expected.ndim and column is not None:
        alone = value.ndim and value.shape[column] == 1
        return value.squeeze(column).astype(np.float64) if alone else None
    back = to_canonical(value.astype(np.float64), case.part, assignment, case.question)
    return back * _batch_of(case, entry) if _is_mean(case.part, assignment) else back


def _column(part: str, assignment: Assignment, question: str) -> int | None:
    """Where the layout of a result has an axis of length one: last, first, or nowhere."""
    axes = axes_of(part, assignment, question).split()
    return -1 if axes[-1:] == ["1"] else 0 if axes[:1] == ["1"] else None


def _is_mean(part: str, assignment: Assignment) -> bool:
    return assignment.gradients == "mean" and part.startswith(("dW", "db"))


def _batch_of(case: Case, entry: Entry) -> int:
    """How many samples a problem has."""
    for word, value in zip(entry.parameters, case.arguments, strict=False):
        axes = canonical_axes(word)
        if "N" in axes and np.ndim(value) == len(axes):
            return int(np.shape(value)[axes.index("N")])
    return 1
