"""Lay canonical arrays out as an assignment declares them, and back.

A convention is declared in the assignment, axis by axis, and never guessed from a shape: ``Wx = "D H"`` says that
students keep the weights the other way round from the canonical ``"H D"``.
"""

from dataclasses import replace
from typing import Any

import einops
import numpy as np
from numpy.typing import NDArray

from harness.errors import InputError
from harness.model import Argument, Assignment, Case, Doubles, Entry, NotAnArray, Value
from harness.questions import QUESTIONS
from harness.words import Words, say

CANONICAL = {
    "input_t": "N D",
    "hidden_state_t": "N H",
    "inputs": "N T D",
    "hidden_state_0": "N H",
    "input_0": "N D",
    "h": "N T H",
    "Wx": "H D",
    "Wh": "H H",
    "b": "H",
    "Wy": "O H",
    "by": "O",
} | {question.result: question.axes for question in QUESTIONS.values()}


def check_convention(assignment: Assignment) -> None:
    """Refuse entries that there are not, other arguments than theirs, and axes that are not those of the array.

    Raises
    ------
    InputError
    """
    for entry in assignment.entries:
        _check_arguments(entry, assignment.name)
    for word, axes in assignment.convention.items():
        if word not in CANONICAL:
            raise InputError(f"assignment {assignment.name}: convention.{word}: there is no array of that name")
        if sorted(axes.split()) != sorted(CANONICAL[word].split()):
            raise InputError(
                f"assignment {assignment.name}: convention.{word}: {axes!r} must be the axes"
                f" {CANONICAL[word]!r}, in any order"
            )


def _check_arguments(entry: Entry, assignment: str) -> None:
    where = f"assignment {assignment}: entries.{entry.name}"
    if entry.name not in QUESTIONS:
        raise InputError(f"{where}: there is no such entry; there are {', '.join(QUESTIONS)}")
    question = QUESTIONS[entry.name]
    if entry.parameters != question.parameters:
        raise InputError(f"{where}.parameters: must be {', '.join(question.parameters)}, in this order")
    if entry.required != question.required:
        raise InputError(f"{where}.required: must be {question.required}, for so many are always given")


def lay_out(case: Case, entry: Entry, assignment: Assignment) -> Case:
    """Turn a canonical case into the assignment's layout: arguments, expectation and bounds."""
    arguments: tuple[Argument, ...] = tuple(
        to_layout(value, word, assignment) if isinstance(value, np.ndarray) else value
        for word, value in zip(entry.parameters, case.arguments, strict=False)
    )
    result = QUESTIONS[case.entry].result
    parts = [to_layout(array, result, assignment) for array in (case.expected, case.allowed, case.allowed_single)]
    return replace(case, arguments=arguments, expected=parts[0], allowed=parts[1], allowed_single=parts[2])


def strip_extra_row(value: Value, case: Case, entry: Entry, assignment: Assignment) -> Value | Words:
    """Take the declared row of the initial state off a layer's result.

    Returns
    -------
    The result without it, or what is wrong in words. A result that is no array is left to the checks.
    """
    result = QUESTIONS[case.entry].result
    if assignment.extra_row == "none" or result != "total_hidden_states" or isinstance(value, NotAnArray):
        return value
    axis = _trimmed(assignment.convention.get(result, ""), case.expected.ndim).split().index("T")
    longer = list(case.expected.shape)
    longer[axis] += 1
    if value.shape != tuple(longer):
        return say(
            "{name} has shape {got}, but should have {want}, with the initial state as its {which} row",
            name=result,
            got=value.shape,
            want=tuple(longer),
            which=assignment.extra_row,
        )
    at = 0 if assignment.extra_row == "first" else longer[axis] - 1
    given = dict(zip(entry.parameters, case.arguments, strict=False)).get("hidden_state_0", 0.0)
    if not np.array_equal(value.take(at, axis).astype(np.float64), np.broadcast_to(given, value.take(at, axis).shape)):
        return say("the {which} row of {name} is not the initial state", which=assignment.extra_row, name=result)
    return np.delete(value, at, axis)


def axes_of(word: str, assignment: Assignment) -> str:
    """The axes of an array as the assignment lays it out; empty for what is no array."""
    word = word.removesuffix("_encoder").removesuffix("_decoder")
    return assignment.convention.get(word) or CANONICAL.get(word, "")


def to_layout(array: NDArray[Any], word: str, assignment: Assignment) -> NDArray[Any]:
    """Rearrange a canonical array into the declared axes."""
    return _rearrange(array, CANONICAL.get(word, ""), assignment.convention.get(word, ""))


def to_canonical(array: NDArray[Any], word: str, assignment: Assignment) -> NDArray[Any]:
    """Rearrange an array in the declared axes into the canonical ones."""
    return _rearrange(array, assignment.convention.get(word, ""), CANONICAL.get(word, ""))


def _rearrange(array: NDArray[Any], source: str, target: str) -> NDArray[Any]:
    source, target = _trimmed(source, array.ndim), _trimmed(target, array.ndim)
    if source == target or "" in (source, target):
        return array
    return np.ascontiguousarray(einops.rearrange(array, f"{source} -> {target}"))


def _trimmed(axes: str, ndim: int) -> str:
    """Leave out the axes that an array does not have: first the batch, then the timesteps."""
    names = axes.split()
    for optional in ("N", "T"):
        if len(names) > ndim and optional in names:
            names.remove(optional)
    return " ".join(names) if len(names) == ndim else ""


def canonical(value: Value, word: str, assignment: Assignment) -> Doubles | None:
    """Take an array of numbers for its canonical layout; None for anything else."""
    if isinstance(value, NotAnArray) or value.dtype.kind not in "fiu":
        return None
    return to_canonical(value.astype(np.float64), word, assignment)
