"""For each entry, the same question put to the reference and to the oracle.

A new entry is one more `Question`: how to enclose its answer, how to ask torch, and what its result is called.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.model import Argument, Doubles
from reference import bounds, oracle
from reference.bounds import Enclosure, exact

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """How an entry is answered.

    Attributes
    ----------
    parameters : the words for its arguments, in their order
    required : how many of them can't be left out
    result : the word for what comes back, for messages and for the convention
    axes : the canonical axes of it
    enclose : from named arguments (longdouble arrays) and a unit roundoff to an enclosure
    oracles : ways to ask torch, each from named arguments (float64 arrays) and a device to its answer
    """

    parameters: tuple[str, ...]
    required: int
    result: str
    axes: str
    enclose: Callable[[Arguments, float], Enclosure]
    oracles: tuple[Callable[[Arguments, str], Doubles], ...]


def named_arguments(parameters: tuple[str, ...], arguments: tuple[Argument, ...], dtype: Any) -> dict[str, Any]:
    """Pair arguments with their names; arrays in the precision asked for."""
    return {
        name: value.astype(dtype) if isinstance(value, np.ndarray) else value
        for name, value in zip(parameters, arguments, strict=False)
    }


def _recurrence(a: Arguments, suffix: str = "") -> tuple[Any, Any, Any]:
    return a[f"Wx{suffix}"], a[f"Wh{suffix}"], a[f"b{suffix}"]


def _output(a: Arguments) -> tuple[Any, Any, str]:
    return a["Wy"], a["by"], a["activation"]


def _enclose_cell(a: Arguments, u: float) -> Enclosure:
    return bounds.rnn_cell(exact(a["input_t"]), exact(a["hidden_state_t"]), *_recurrence(a), u)


def _enclose_layer(a: Arguments, u: float) -> Enclosure:
    return bounds.rnn_layer(exact(a["inputs"]), *_recurrence(a), a.get("hidden_state_0"), u=u)


def _enclose_many_to_many(a: Arguments, u: float) -> Enclosure:
    states = bounds.rnn_layer(exact(a["inputs"]), *_recurrence(a), u=u)
    return bounds.output_layer(states, *_output(a), u)


def _enclose_many_to_one(a: Arguments, u: float) -> Enclosure:
    states = bounds.rnn_layer(exact(a["inputs"]), *_recurrence(a), u=u)
    return bounds.output_layer(states[..., -1, :], *_output(a), u)


def _enclose_one_to_many(a: Arguments, u: float) -> Enclosure:
    state = exact(np.zeros(a["Wh"].shape[0]))
    return bounds.unroll(state, exact(a["input_0"]), a["timesteps"], _recurrence(a), _output(a), False, u)


def _enclose_encoder_decoder(a: Arguments, u: float) -> Enclosure:
    states = bounds.rnn_layer(exact(a["inputs"]), *_recurrence(a, "_encoder"), u=u)
    start = exact(np.zeros(a["Wx_decoder"].shape[1]))
    return bounds.unroll(states[..., -1, :], start, a["timesteps"], _recurrence(a, "_decoder"), _output(a), True, u)


def _oracle_layer(batch_first: bool) -> "Callable[[Arguments, str], Doubles]":
    def ask(a: Arguments, device: str) -> Doubles:
        return oracle.rnn_layer(
            a["inputs"], *_recurrence(a), a.get("hidden_state_0"), device=device, batch_first=batch_first
        )

    return ask


def _oracle_states(a: Arguments, device: str, suffix: str = "") -> Doubles:
    return oracle.rnn_layer(a["inputs"], *_recurrence(a, suffix), device=device)


def _oracle_one_to_many(a: Arguments, device: str) -> Doubles:
    state = np.zeros(a["Wh"].shape[0])
    return oracle.unroll(state, a["input_0"], a["timesteps"], _recurrence(a), _output(a), False, device=device)


def _oracle_encoder_decoder(a: Arguments, device: str) -> Doubles:
    context = _oracle_states(a, device, "_encoder")[-1]
    start = np.zeros(a["Wx_decoder"].shape[1])
    return oracle.unroll(context, start, a["timesteps"], _recurrence(a, "_decoder"), _output(a), True, device=device)


_WEIGHTS, _OUTPUT = ("Wx", "Wh", "b"), ("Wy", "by", "activation")
_TWICE = tuple(f"{weight}_{part}" for part in ("encoder", "decoder") for weight in _WEIGHTS)

QUESTIONS: dict[str, Question] = {
    "cell": Question(
        ("input_t", "hidden_state_t", *_WEIGHTS),
        5,
        "output_t",
        "N H",
        _enclose_cell,
        (lambda a, device: oracle.rnn_cell(a["input_t"], a["hidden_state_t"], *_recurrence(a), device=device),),
    ),
    "layer": Question(
        ("inputs", *_WEIGHTS, "hidden_state_0"),
        4,
        "total_hidden_states",
        "N T H",
        _enclose_layer,
        (_oracle_layer(True), _oracle_layer(False)),
    ),
    "output_layer": Question(
        ("h", *_OUTPUT),
        4,
        "output",
        "N T O",
        lambda a, u: bounds.output_layer(exact(a["h"]), *_output(a), u),
        (lambda a, device: oracle.output_layer(a["h"], *_output(a), device=device),),
    ),
    "many_to_one": Question(
        ("inputs", *_WEIGHTS, *_OUTPUT),
        7,
        "output",
        "N O",
        _enclose_many_to_one,
        (lambda a, device: oracle.output_layer(_oracle_states(a, device)[..., -1, :], *_output(a), device=device),),
    ),
    "many_to_many": Question(
        ("inputs", *_WEIGHTS, *_OUTPUT),
        7,
        "outputs",
        "N T O",
        _enclose_many_to_many,
        (lambda a, device: oracle.output_layer(_oracle_states(a, device), *_output(a), device=device),),
    ),
    "one_to_many": Question(
        ("input_0", "timesteps", *_WEIGHTS, *_OUTPUT),
        8,
        "outputs",
        "N T O",
        _enclose_one_to_many,
        (_oracle_one_to_many,),
    ),
    "encoder_decoder": Question(
        ("inputs", "timesteps", *_TWICE, *_OUTPUT),
        11,
        "outputs",
        "N T O",
        _enclose_encoder_decoder,
        (_oracle_encoder_decoder,),
    ),
}
