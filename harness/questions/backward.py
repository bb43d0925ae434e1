"""Gradients of the cell, and of the layer through time; what comes from above is random, and never all ones.

An upstream gradient of ones hides a backward pass that goes through time in the wrong order.
"""

from collections.abc import Iterator

import numpy as np

from harness.model import Doubles
from harness.numbers import recurrence, small
from harness.questions.framework import WEIGHTS, Arguments, Named, Question, recurrence_of
from reference import gradient_bounds, oracle, rnn
from reference.bounds import Enclosure
from reference.gradient_bounds import Enclosures


def _cell_cases() -> Iterator[Named]:
    one = np.array([[1.0]])
    # Not the cell's own numbers: a hand-in may be given the state after the step along with these.
    yield "by-hand", (np.array([0.25]), np.array([0.5]), one, one / 2, np.array([0.5]), np.array([1.0]))
    yield "plain", (small((3,), 901), small((4,), 902), *recurrence(3, 4, 903), small((4,), 906))
    yield "square", (small((3,), 911), small((3,), 912), *recurrence(3, 3, 913), small((3,), 916))
    yield "one-unit", (small((2,), 921), small((1,), 922), *recurrence(2, 1, 923), small((1,), 926))
    yield "batch", (small((2, 3), 931), small((2, 4), 932), *recurrence(3, 4, 933), small((2, 4), 936))
    yield "batch-square", (small((3, 3), 941), small((3, 3), 942), *recurrence(3, 3, 943), small((3, 3), 946))
    yield "saturated", (small((3,), 951) * 8, small((4,), 952), *recurrence(3, 4, 953), small((4,), 956))


def _layer_cases() -> Iterator[Named]:
    one, none = np.array([[1.0]]), np.zeros(1)
    yield "by-hand", (np.array([[0.5], [0.0]]), one, one, none, np.array([[0.0], [1.0]]))
    yield "plain", (small((5, 3), 1001), *recurrence(3, 4, 1002), small((5, 4), 1005))
    yield "square", (small((3, 3), 1011), *recurrence(3, 3, 1012), small((3, 3), 1015))
    yield "one-timestep", (small((1, 3), 1021), *recurrence(3, 2, 1022), small((1, 2), 1025))
    last = np.where(np.arange(4)[:, None] == 3, small((4, 3), 1035), 0.0)
    yield "only-last-row", (small((4, 2), 1031), *recurrence(2, 3, 1032), last)
    yield "batch", (small((2, 5, 3), 1041), *recurrence(3, 4, 1042), small((2, 5, 4), 1045))
    yield "batch-square", (small((3, 3, 3), 1051), *recurrence(3, 3, 1052), small((3, 3, 3), 1055))
    initial = small((4,), 1066), small((2, 3), 1076)
    yield "initial-state", (small((4, 3), 1061), *recurrence(3, 4, 1062), small((4, 4), 1065), initial[0])
    yield "batch-initial-state", (small((2, 4, 2), 1071), *recurrence(2, 3, 1072), small((2, 4, 3), 1075), initial[1])


def _in_order(one: Enclosures) -> tuple[Enclosure, ...]:
    return one.inputs, one.state, one.Wx, one.Wh, one.b


def _enclose_cell(a: Arguments, u: float) -> tuple[Enclosure, ...]:
    x, h, upstream = a["input_t"], a["hidden_state_t"], a["doutput_t"]
    return _in_order(gradient_bounds.rnn_cell(x, h, *recurrence_of(a), upstream, u))


def _enclose_layer(a: Arguments, u: float) -> tuple[Enclosure, ...]:
    upstream, initial = a["dtotal_hidden_states"], a.get("hidden_state_0")
    return _in_order(gradient_bounds.rnn_layer(a["inputs"], *recurrence_of(a), upstream, initial, u=u))


def _ask_cell(a: Arguments, device: str) -> tuple[Doubles, ...]:
    x, h, upstream = a["input_t"], a["hidden_state_t"], a["doutput_t"]
    return oracle.rnn_cell_backward(x, h, *recurrence_of(a), upstream, device=device)


def _ask_layer(a: Arguments, device: str) -> tuple[Doubles, ...]:
    upstream, initial = a["dtotal_hidden_states"], a.get("hidden_state_0")
    return oracle.rnn_layer_backward(a["inputs"], *recurrence_of(a), upstream, initial, device=device)


def _known_of_cell(a: Arguments) -> dict[str, Doubles]:
    return {"output_t": rnn.rnn_cell(a["input_t"], a["hidden_state_t"], *recurrence_of(a)).astype(np.float64)}


def _known_of_layer(a: Arguments) -> dict[str, Doubles]:
    states = rnn.rnn_layer(a["inputs"], *recurrence_of(a), a.get("hidden_state_0"))
    return {"total_hidden_states": states.astype(np.float64)}


_OF_WEIGHTS = {"dWx": "H D", "dWh": "H H_before", "db": "H"}

QUESTIONS = {
    "cell_backward": Question(
        ("input_t", "hidden_state_t", *WEIGHTS, "doutput_t"),
        6,
        {"dinput_t": "N D", "dhidden_state_t": "N H", **_OF_WEIGHTS},
        _enclose_cell,
        (_ask_cell,),
        _cell_cases,
        ("output_t",),
        _known_of_cell,
    ),
    "layer_backward": Question(
        ("inputs", *WEIGHTS, "dtotal_hidden_states", "hidden_state_0"),
        5,
        {"dinputs": "N T D", "dhidden_state_0": "N H", **_OF_WEIGHTS},
        _enclose_layer,
        (_ask_layer,),
        _layer_cases,
        ("total_hidden_states",),
        _known_of_layer,
    ),
}
