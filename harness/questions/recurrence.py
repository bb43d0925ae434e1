"""The cell and the layer: with tanh or relu, alone or with an output read from each state."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from harness.model import Doubles
from harness.numbers import recurrence, small
from harness.questions.framework import OUTPUT, WEIGHTS, Arguments, Named, Question, output_of, recurrence_of
from reference import bounds, oracle
from reference.bounds import Enclosure, exact


def _cell_cases() -> Iterator[Named]:
    one = np.array([[1.0]])
    # Small enough to do by hand, and asked first, so that a failure is shown on it where it can be.
    yield "by-hand", (np.array([0.5]), np.array([0.25]), one, one / 2, np.array([0.125]))
    x, h = small((3,), 11), small((4,), 12)
    Wx, Wh, b = recurrence(3, 4, 13)
    no_x, no_h, no_b = np.zeros(3), np.zeros(4), np.zeros(4)
    yield "plain", (x, h, Wx, Wh, b)
    yield "only-input", (x, no_h, Wx, Wh, no_b)
    yield "only-state", (no_x, h, Wx, Wh, no_b)
    yield "only-bias", (no_x, no_h, Wx, Wh, b)
    yield "one-unit", (small((2,), 21), small((1,), 22), *recurrence(2, 1, 23))
    yield "wide", (small((2,), 31), small((7,), 32), *recurrence(2, 7, 33))
    yield "square", (small((4,), 41), small((4,), 42), *recurrence(4, 4, 43))
    yield "square-only-input", (small((3,), 44), np.zeros(3), *recurrence(3, 3, 45)[:2], np.zeros(3))
    yield "square-only-state", (np.zeros(3), small((3,), 46), *recurrence(3, 3, 47)[:2], np.zeros(3))
    yield "tiny", (x / 2**20, h / 2**20, Wx, Wh, b / 2**20)
    yield "saturated", (x * 64, h, Wx, Wh, b)
    yield "overflowing", (x * 4096, h, Wx, Wh, b)
    yield "batch", (small((2, 3), 14), small((2, 4), 15), *recurrence(3, 4, 16))
    yield "batch-square", (small((3, 3), 17), small((3, 3), 18), *recurrence(3, 3, 19))


def _layer_cases() -> Iterator[Named]:
    one, none = np.array([[1.0]]), np.zeros(1)
    yield "by-hand", (np.array([[0.5], [0.0]]), one, one, none)
    yield "by-hand-initial-state", (np.array([[0.5]]), one, one, none, np.array([1.0]))
    weights = recurrence(3, 4, 53)
    inputs = small((5, 3), 51)
    yield "plain", (inputs, *weights)
    yield "square", (small((4, 4), 61), *recurrence(4, 4, 62))
    yield "one-timestep", (small((1, 3), 63), *recurrence(3, 2, 64))
    yield "one-unit", (small((4, 2), 65), *recurrence(2, 1, 66))
    impulse = np.where(np.arange(5)[:, None] == 0, inputs, 0.0)
    yield "impulse", (impulse, weights[0], weights[1], np.zeros(4))
    yield "no-recurrence", (inputs, weights[0], np.zeros((4, 4)), weights[2])
    yield "initial-state-one-step", (small((1, 2), 71), *recurrence(2, 3, 72), small((3,), 73))
    yield "initial-state", (small((4, 2), 74), *recurrence(2, 3, 75), small((3,), 76))
    yield "initial-state-square", (small((3, 3), 77), *recurrence(3, 3, 78), small((3,), 79))
    Wx, _, b = recurrence(3, 5, 82)
    yield "long", (small((200, 3), 81), Wx, small((5, 5), 83) * 2, b)
    yield "batch", (small((2, 5, 3), 91), *recurrence(3, 4, 92))
    yield "batch-of-one", (small((1, 4, 2), 93), *recurrence(2, 3, 94))
    yield "batch-square", (small((3, 3, 3), 95), *recurrence(3, 3, 96))
    yield "batch-initial-state", (small((3, 4, 2), 97), *recurrence(2, 5, 98), small((3, 5), 99))


def _without_wild_ones(cases: Callable[[], Iterator[Named]]) -> Iterator[Named]:
    """A relu does not saturate, so nothing is to be learned from sums that only a tanh keeps in bounds."""
    for name, arguments in cases():
        if name not in ("long", "saturated", "overflowing"):
            yield name, arguments


def _with_output(
    cases: Callable[[], Iterator[Named]], weights_end: int, left_out: tuple[str, ...] = ()
) -> Iterator[Named]:
    """The same problems with outputs read from each state by a softmax.

    Parameters
    ----------
    weights_end : how many arguments there are up to the bias, after which those of the output layer stand
    """
    for seed, (name, arguments) in enumerate(cases()):
        if name not in left_out:
            hidden_size = np.shape(arguments[weights_end - 1])[0]
            outputs = hidden_size if "square" in name else 2
            output = small((outputs, hidden_size), 400 + seed), small((outputs,), 500 + seed), "softmax"
            yield name, (*arguments[:weights_end], *output, *arguments[weights_end:])


def _enclose_cell(a: Arguments, u: float, nonlinearity: str = "tanh") -> tuple[Enclosure, ...]:
    return (bounds.rnn_cell(exact(a["input_t"]), exact(a["hidden_state_t"]), *recurrence_of(a), u, nonlinearity),)


def _enclose_layer(a: Arguments, u: float, nonlinearity: str = "tanh") -> tuple[Enclosure, ...]:
    initial = a.get("hidden_state_0")
    states = bounds.rnn_layer(exact(a["inputs"]), *recurrence_of(a), initial, u=u, nonlinearity=nonlinearity)
    return states, states[..., -1, :], states[..., first_piece(states.value) :, :]


def _enclose_cell_with_output(a: Arguments, u: float) -> tuple[Enclosure, ...]:
    (state,) = _enclose_cell(a, u)
    return state, bounds.output_layer(state, *output_of(a), u)


def _enclose_layer_with_output(a: Arguments, u: float) -> tuple[Enclosure, ...]:
    states = _enclose_layer(a, u)
    return states[0], bounds.output_layer(states[0], *output_of(a), u), states[1]


def first_piece(states: Any) -> int:
    """Where a sequence is cut that is given in two pieces; the first has one timestep at least."""
    return max(1, int(states.shape[-2]) // 2)


def _ask_cell(a: Arguments, device: str, nonlinearity: str = "tanh") -> tuple[Doubles, ...]:
    x, h = a["input_t"], a["hidden_state_t"]
    return (oracle.rnn_cell(x, h, *recurrence_of(a), device=device, nonlinearity=nonlinearity),)


def _ask_layer(
    a: Arguments, device: str, *, batch_first: bool = True, nonlinearity: str = "tanh"
) -> tuple[Doubles, ...]:
    states = oracle.rnn_layer(
        a["inputs"],
        *recurrence_of(a),
        a.get("hidden_state_0"),
        device=device,
        batch_first=batch_first,
        nonlinearity=nonlinearity,
    )
    return states, states[..., -1, :], states[..., first_piece(states) :, :]


def _ask_cell_with_output(a: Arguments, device: str) -> tuple[Doubles, ...]:
    (state,) = _ask_cell(a, device)
    return state, oracle.output_layer(state, *output_of(a), device=device)


def _ask_layer_with_output(a: Arguments, device: str) -> tuple[Doubles, ...]:
    states, last, _ = _ask_layer(a, device)
    return states, oracle.output_layer(states, *output_of(a), device=device), last


_CELL, _LAYER = ("input_t", "hidden_state_t", *WEIGHTS), ("inputs", *WEIGHTS)
_STATES = {"total_hidden_states": "N T H", "last_hidden_state": "N H", "later_hidden_states": "N T H"}
_relu: dict[str, Any] = {"nonlinearity": "relu"}

QUESTIONS = {
    "cell": Question(_CELL, 5, {"output_t": "N H"}, _enclose_cell, (_ask_cell,), _cell_cases),
    "relu_cell": Question(
        _CELL,
        5,
        {"output_t": "N H"},
        partial(_enclose_cell, **_relu),
        (partial(_ask_cell, **_relu),),
        partial(_without_wild_ones, _cell_cases),
    ),
    "cell_with_output": Question(
        (*_CELL, *OUTPUT),
        8,
        {"output_t": "N H", "output": "N O"},
        _enclose_cell_with_output,
        (_ask_cell_with_output,),
        partial(_with_output, _cell_cases, 5),
    ),
    "layer": Question(
        (*_LAYER, "hidden_state_0"),
        4,
        _STATES,
        _enclose_layer,
        (_ask_layer, partial(_ask_layer, batch_first=False)),
        _layer_cases,
    ),
    "relu_layer": Question(
        (*_LAYER, "hidden_state_0"),
        4,
        _STATES,
        partial(_enclose_layer, **_relu),
        (partial(_ask_layer, **_relu),),
        partial(_without_wild_ones, _layer_cases),
    ),
    "layer_with_output": Question(
        (*_LAYER, *OUTPUT, "hidden_state_0"),
        7,
        {"total_hidden_states": "N T H", "outputs": "N T O", "last_hidden_state": "N H"},
        _enclose_layer_with_output,
        (_ask_layer_with_output,),
        partial(_with_output, _layer_cases, 4, ("long",)),
    ),
}
