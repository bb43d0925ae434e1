"""The named cases: inputs, what is expected of them, and how close is close enough.

All numbers are multiples of 1/64, so that they are exact in single precision too. Recurrent weights are
contractive, except in the one case that is judged step by step. Sizes are all distinct, so that a transpose does
not fit, and then again all equal, where a wrong one fits by luck.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from harness.errors import GraderFault
from harness.model import Argument, Assignment, Case, Doubles, Entry, Extended
from harness.questions import QUESTIONS, named_arguments
from reference import bounds
from reference.bounds import DOUBLE, EXTENDED, SINGLE, Enclosure

#: A case whose bound in double precision is wider than this tells too little, and is not made.
CERTIFIED = 1e-11

Named = tuple[str, tuple[Argument, ...]]


def make_case(name: str, entry: Entry, arguments: tuple[Argument, ...], *, stepwise: bool = False) -> Case:
    """Ask the reference, and certify that its bound is tight.

    Raises
    ------
    GraderFault
        When the bound is wider than `CERTIFIED` and the case is not to be judged step by step.
    """
    named = named_arguments(entry.parameters, arguments, np.longdouble)
    enclose = partial(QUESTIONS[entry.name].enclose, named)
    if stepwise:
        expected = np.asarray(enclose(EXTENDED).value)
        return Case(name, entry.name, arguments, expected, expected * np.nan, expected * np.nan, stepwise=True)
    case = Case(name, entry.name, arguments, *_expectation(enclose(EXTENDED), enclose(DOUBLE), enclose(SINGLE)))
    if not float(case.allowed.max()) < CERTIFIED:
        raise GraderFault(f"case {name} is not certified: its bound is {float(case.allowed.max()):.1e}")
    return case


def expect_step_by_step(
    inputs: Doubles, weights: tuple[Doubles, Doubles, Doubles], initial: Doubles, states: Doubles
) -> tuple[Extended, Extended, Extended]:
    """What each state should be, given the states before it as they are: the one-step residual's other half.

    Parameters
    ----------
    inputs : (T, D)
    weights : ``Wx, Wh, b``
    initial : (H,)
    states : (T, H), the student's own

    Returns
    -------
    expected, allowed, allowed_single : each (T, H)
    """
    Wx, Wh, b = (np.asarray(weight, dtype=np.longdouble) for weight in weights)
    before = bounds.exact(np.concatenate([initial[None], states[:-1]]))
    step = partial(bounds.rnn_cell, bounds.exact(inputs), before, Wx, Wh, b)
    return _expectation(step(EXTENDED), step(DOUBLE), step(SINGLE))


def named_cases(assignment: Assignment) -> dict[str, Case]:
    """Make every named case for the entries of an assignment, in canonical layout."""
    cases: dict[str, Case] = {}
    for entry in assignment.entries:
        for name, arguments in _NAMED.get(entry.name, _nothing)():
            stepwise = name == "layer.long"
            cases[name] = make_case(name, entry, arguments, stepwise=stepwise)
    return cases


def small(shape: tuple[int, ...], seed: int, largest: float = 1.0) -> Doubles:
    """Draw multiples of 1/64 in ``[-largest, largest]``, none of them zero."""
    rng = np.random.Generator(np.random.PCG64(seed))
    steps = int(64 * largest)
    numbers = rng.integers(1, steps, size=shape, endpoint=True) * rng.choice([-1, 1], size=shape)
    array: Doubles = numbers / 64.0
    return array


def contractive(hidden_size: int, seed: int) -> Doubles:
    """Draw a nonsymmetric ``Wh`` whose rows sum to at most 3/4 in absolute value: errors die out in time."""
    return _to_grid(small((hidden_size, hidden_size), seed), 0.75)


def recurrence(input_size: int, hidden_size: int, seed: int) -> tuple[Doubles, Doubles, Doubles]:
    """Draw ``Wx (H, D)``, a contractive ``Wh (H, H)``, and ``b (H,)`` of distinct entries."""
    b = (np.arange(hidden_size) * 7 % 13 + 1 + seed % 3) / 32.0 * np.where(np.arange(hidden_size) % 2, -1, 1)
    return small((hidden_size, input_size), seed + 1), contractive(hidden_size, seed + 2), b


def _to_grid(weights: Doubles, largest_row_sum: float) -> Doubles:
    row_sum = float(np.abs(weights).sum(axis=1).max())
    scaled: Doubles = np.trunc(weights * (largest_row_sum / max(row_sum, largest_row_sum)) * 64) / 64.0
    return np.where(scaled == 0, np.sign(weights) / 64, scaled)


def _expectation(extended: Enclosure, double: Enclosure, single: Enclosure) -> tuple[Extended, Extended, Extended]:
    return extended.value, bounds.allowed(double, extended), bounds.allowed(single, extended)


def _nothing() -> Iterator[Named]:
    yield from ()


def _cell_cases() -> Iterator[Named]:
    one = np.array([[1.0]])
    # Small enough to do by hand, and asked first, so that a failure is shown on it where it can be.
    yield "cell.by-hand", (np.array([0.5]), np.array([0.25]), one, one / 2, np.array([0.125]))
    x, h = small((3,), 11), small((4,), 12)
    Wx, Wh, b = recurrence(3, 4, 13)
    no_x, no_h, no_b = np.zeros(3), np.zeros(4), np.zeros(4)
    yield "cell.plain", (x, h, Wx, Wh, b)
    yield "cell.only-input", (x, no_h, Wx, Wh, no_b)
    yield "cell.only-state", (no_x, h, Wx, Wh, no_b)
    yield "cell.only-bias", (no_x, no_h, Wx, Wh, b)
    yield "cell.one-unit", (small((2,), 21), small((1,), 22), *recurrence(2, 1, 23))
    yield "cell.wide", (small((2,), 31), small((7,), 32), *recurrence(2, 7, 33))
    yield "cell.square", (small((4,), 41), small((4,), 42), *recurrence(4, 4, 43))
    yield "cell.square-only-input", (small((3,), 44), np.zeros(3), *recurrence(3, 3, 45)[:2], np.zeros(3))
    yield "cell.square-only-state", (np.zeros(3), small((3,), 46), *recurrence(3, 3, 47)[:2], np.zeros(3))
    yield "cell.tiny", (x / 2**20, h / 2**20, Wx, Wh, b / 2**20)
    yield "cell.saturated", (x * 64, h, Wx, Wh, b)
    yield "cell.overflowing", (x * 4096, h, Wx, Wh, b)


def _layer_cases() -> Iterator[Named]:
    one, none = np.array([[1.0]]), np.zeros(1)
    yield "layer.by-hand", (np.array([[0.5], [0.0]]), one, one, none)
    yield "layer.by-hand-initial-state", (np.array([[0.5]]), one, one, none, np.array([1.0]))
    weights = recurrence(3, 4, 53)
    inputs = small((5, 3), 51)
    yield "layer.plain", (inputs, *weights)
    yield "layer.square", (small((4, 4), 61), *recurrence(4, 4, 62))
    yield "layer.one-timestep", (small((1, 3), 63), *recurrence(3, 2, 64))
    yield "layer.one-unit", (small((4, 2), 65), *recurrence(2, 1, 66))
    impulse = np.where(np.arange(5)[:, None] == 0, inputs, 0.0)
    yield "layer.impulse", (impulse, weights[0], weights[1], np.zeros(4))
    yield "layer.no-recurrence", (inputs, weights[0], np.zeros((4, 4)), weights[2])
    yield "layer.initial-state-one-step", (small((1, 2), 71), *recurrence(2, 3, 72), small((3,), 73))
    yield "layer.initial-state", (small((4, 2), 74), *recurrence(2, 3, 75), small((3,), 76))
    yield "layer.initial-state-square", (small((3, 3), 77), *recurrence(3, 3, 78), small((3,), 79))
    Wx, _, b = recurrence(3, 5, 82)
    yield "layer.long", (small((200, 3), 81), Wx, small((5, 5), 83) * 2, b)
    yield "layer.batch", (small((2, 5, 3), 91), *recurrence(3, 4, 92))
    yield "layer.batch-of-one", (small((1, 4, 2), 93), *recurrence(2, 3, 94))
    yield "layer.batch-square", (small((3, 3, 3), 95), *recurrence(3, 3, 96))
    yield "layer.batch-initial-state", (small((3, 4, 2), 97), *recurrence(2, 5, 98), small((3, 5), 99))


def _output_layer_cases() -> Iterator[Named]:
    Wy, by = small((5, 4), 101), small((5,), 102)
    for activation in ("sigmoid", "softmax"):
        yield f"output_layer.{activation}", (small((4,), 103), Wy, by, activation)
        yield f"output_layer.{activation}-square", (small((3,), 104), small((3, 3), 105), small((3,), 106), activation)
        yield f"output_layer.{activation}-rows", (small((3, 4), 107), Wy, by, activation)
        yield f"output_layer.{activation}-rows-square", (small((5, 5), 108), small((5, 5), 109), by, activation)
        yield f"output_layer.{activation}-large", (small((4,), 110), Wy * 2048, by, activation)
    yield "output_layer.softmax-batch", (small((2, 3, 4), 111), Wy, by, "softmax")


def _sequence_cases(entry: str) -> Iterator[Named]:
    for seed, activation in ((120, "sigmoid"), (140, "softmax")):
        output = small((2, 4), seed), small((2,), seed + 1), activation
        yield f"{entry}.{activation}", (small((5, 3), seed + 2), *recurrence(3, 4, seed + 3), *output)
    square = small((3, 3), 160), small((3,), 161), "softmax"
    yield f"{entry}.square", (small((3, 3), 162), *recurrence(3, 3, 163), *square)
    yield f"{entry}.one-timestep", (small((1, 3), 164), *recurrence(3, 3, 165), *square)


def _one_to_many_cases() -> Iterator[Named]:
    for seed, activation in ((220, "sigmoid"), (240, "softmax")):
        output = small((5, 4), seed), small((5,), seed + 1), activation
        yield f"one_to_many.{activation}", (small((3,), seed + 2), 6, *recurrence(3, 4, seed + 3), *output)
    square = small((3, 3), 260), small((3,), 261), "softmax"
    yield "one_to_many.square", (small((3,), 262), 3, *recurrence(3, 3, 263), *square)
    two = small((2, 4), 266), small((2,), 267), "sigmoid"
    yield "one_to_many.one-timestep", (small((3,), 264), 1, *recurrence(3, 4, 265), *two)


def _encoder_decoder_cases() -> Iterator[Named]:
    for seed, activation in ((320, "sigmoid"), (340, "softmax")):
        output = small((2, 4), seed), small((2,), seed + 1), activation
        encoder, decoder = recurrence(3, 4, seed + 2), recurrence(2, 4, seed + 5)
        yield f"encoder_decoder.{activation}", (small((5, 3), seed + 8), 6, *encoder, *decoder, *output)
    square = recurrence(3, 3, 362), recurrence(3, 3, 365)
    output = small((3, 3), 360), small((3,), 361), "softmax"
    yield "encoder_decoder.square", (small((3, 3), 368), 3, *square[0], *square[1], *output)
    yield "encoder_decoder.one-timestep", (small((4, 3), 369), 1, *square[0], *square[1], *output)


_NAMED: Mapping[str, Any] = {
    "cell": _cell_cases,
    "layer": _layer_cases,
    "output_layer": _output_layer_cases,
    "many_to_one": partial(_sequence_cases, "many_to_one"),
    "many_to_many": partial(_sequence_cases, "many_to_many"),
    "one_to_many": _one_to_many_cases,
    "encoder_decoder": _encoder_decoder_cases,
}
