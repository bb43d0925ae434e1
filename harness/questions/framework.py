"""What a question is made of: its arguments, its answers, who is asked, and the named cases that ask it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.model import Argument, Doubles
from reference.bounds import Enclosure

Arguments = Mapping[str, Any]
#: What a case is for, and its arguments.
Named = tuple[str, tuple[Argument, ...]]


def _nothing(a: Arguments) -> Mapping[str, Doubles]:
    return {}


@dataclass(frozen=True)
class Question:
    """How an entry is answered.

    Attributes
    ----------
    parameters : the words for its arguments, in canonical order
    required : how many of them can't be left out
    parts : the words for what comes back, with their canonical axes; the first says it all where there is but one
    enclose : from named arguments (longdouble arrays) and a unit roundoff to an enclosure of each part
    oracles : ways to ask torch, each from named arguments (float64 arrays) and a device to its answer for each part
    cases : the named problems, in canonical layout
    knows : words for what a hand-in may be given of the forward pass, along with the question
    known : that, from named arguments
    """

    parameters: tuple[str, ...]
    required: int
    parts: Mapping[str, str]
    enclose: Callable[[Arguments, float], tuple[Enclosure, ...]]
    oracles: tuple[Callable[[Arguments, str], tuple[Doubles, ...]], ...]
    cases: Callable[[], Iterator[Named]]
    knows: tuple[str, ...] = ()
    known: Callable[[Arguments], Mapping[str, Doubles]] = _nothing

    @property
    def result(self) -> str:
        """The first part."""
        return next(iter(self.parts))


def named_arguments(parameters: tuple[str, ...], arguments: tuple[Argument, ...], dtype: Any) -> dict[str, Any]:
    """Pair arguments with their names; arrays of numbers in the precision asked for, lengths as they are."""
    return {
        name: value.astype(dtype) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value
        for name, value in zip(parameters, arguments, strict=False)
    }


WEIGHTS, OUTPUT = ("Wx", "Wh", "b"), ("Wy", "by", "activation")


def recurrence_of(a: Arguments, suffix: str = "") -> tuple[Any, Any, Any]:
    """Take the weights of a recurrence from named arguments: ``Wx``, ``Wh``, ``b``, or with a suffix."""
    return a[f"Wx{suffix}"], a[f"Wh{suffix}"], a[f"b{suffix}"]


def output_of(a: Arguments) -> tuple[Any, Any, str]:
    """Take the weights and the activation of an output layer from named arguments."""
    return a["Wy"], a["by"], a["activation"]
