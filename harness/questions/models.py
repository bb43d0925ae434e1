"""The output layer, and the shapes that RNNs come in."""

from collections.abc import Iterator

import numpy as np

from harness.model import Doubles
from harness.numbers import recurrence, small
from harness.questions.framework import OUTPUT, WEIGHTS, Arguments, Named, Question, output_of, recurrence_of
from reference import bounds, oracle
from reference.bounds import Enclosure, exact


def _output_layer_cases() -> Iterator[Named]:
    Wy, by = small((5, 4), 101), small((5,), 102)
    for activation in ("sigmoid", "softmax"):
        yield activation, (small((4,), 103), Wy, by, activation)
        yield f"{activation}-square", (small((3,), 104), small((3, 3), 105), small((3,), 106), activation)
        yield f"{activation}-rows", (small((3, 4), 107), Wy, by, activation)
        yield f"{activation}-rows-square", (small((5, 5), 108), small((5, 5), 109), by, activation)
        yield f"{activation}-large", (small((4,), 110), Wy * 2048, by, activation)
    yield "softmax-batch", (small((2, 3, 4), 111), Wy, by, "softmax")


def _sequence_cases() -> Iterator[Named]:
    for seed, activation in ((120, "sigmoid"), (140, "softmax")):
        output = small((2, 4), seed), small((2,), seed + 1), activation
        yield activation, (small((5, 3), seed + 2), *recurrence(3, 4, seed + 3), *output)
    square = small((3, 3), 160), small((3,), 161), "softmax"
    yield "square", (small((3, 3), 162), *recurrence(3, 3, 163), *square)
    yield "one-timestep", (small((1, 3), 164), *recurrence(3, 3, 165), *square)


def _one_to_many_cases() -> Iterator[Named]:
    for seed, activation in ((220, "sigmoid"), (240, "softmax")):
        output = small((5, 4), seed), small((5,), seed + 1), activation
        yield activation, (small((3,), seed + 2), 6, *recurrence(3, 4, seed + 3), *output)
    square = small((3, 3), 260), small((3,), 261), "softmax"
    yield "square", (small((3,), 262), 3, *recurrence(3, 3, 263), *square)
    two = small((2, 4), 266), small((2,), 267), "sigmoid"
    yield "one-timestep", (small((3,), 264), 1, *recurrence(3, 4, 265), *two)


def _encoder_decoder_cases() -> Iterator[Named]:
    for seed, activation in ((320, "sigmoid"), (340, "softmax")):
        output = small((2, 4), seed), small((2,), seed + 1), activation
        encoder, decoder = recurrence(3, 4, seed + 2), recurrence(2, 4, seed + 5)
        yield activation, (small((5, 3), seed + 8), 6, *encoder, *decoder, *output)
    square = recurrence(3, 3, 362), recurrence(3, 3, 365)
    output = small((3, 3), 360), small((3,), 361), "softmax"
    yield "square", (small((3, 3), 368), 3, *square[0], *square[1], *output)
    yield "one-timestep", (small((4, 3), 369), 1, *square[0], *square[1], *output)


def _enclose_many_to_many(a: Arguments, u: float) -> tuple[Enclosure, ...]:
    states = bounds.rnn_layer(exact(a["inputs"]), *recurrence_of(a), u=u)
    return (bounds.output_layer(states, *output_of(a), u),)


def _enclose_many_to_one(a: Arguments, u: float) -> tuple[Enclosure, ...]:
    states = bounds.rnn_layer(exact(a["inputs"]), *recurrence_of(a), u=u)
    return (bounds.output_layer(states[..., -1, :], *output_of(a), u),)


def _enclose_one_to_many(a: Arguments, u: float) -> tuple[Enclosure, ...]:
    state = exact(np.zeros(a["Wh"].shape[0]))
    return (bounds.unroll(state, exact(a["input_0"]), a["timesteps"], recurrence_of(a), output_of(a), False, u),)


def _enclose_encoder_decoder(a: Arguments, u: float) -> tuple[Enclosure, ...]:
    states = bounds.rnn_layer(exact(a["inputs"]), *recurrence_of(a, "_encoder"), u=u)
    start = exact(np.zeros(a["Wx_decoder"].shape[1]))
    return (
        bounds.unroll(states[..., -1, :], start, a["timesteps"], recurrence_of(a, "_decoder"), output_of(a), True, u),
    )


def _oracle_states(a: Arguments, device: str, suffix: str = "") -> Doubles:
    return oracle.rnn_layer(a["inputs"], *recurrence_of(a, suffix), device=device)


def _oracle_one_to_many(a: Arguments, device: str) -> tuple[Doubles, ...]:
    state = np.zeros(a["Wh"].shape[0])
    return (oracle.unroll(state, a["input_0"], a["timesteps"], recurrence_of(a), output_of(a), False, device=device),)


def _oracle_encoder_decoder(a: Arguments, device: str) -> tuple[Doubles, ...]:
    context = _oracle_states(a, device, "_encoder")[-1]
    start = np.zeros(a["Wx_decoder"].shape[1])
    return (
        oracle.unroll(context, start, a["timesteps"], recurrence_of(a, "_decoder"), output_of(a), True, device=device),
    )


def _enclose_output_layer(a: Arguments, u: float) -> tuple[Enclosure, ...]:
    return (bounds.output_layer(exact(a["h"]), *output_of(a), u),)


def _oracle_output_layer(a: Arguments, device: str) -> tuple[Doubles, ...]:
    return (oracle.output_layer(a["h"], *output_of(a), device=device),)


def _oracle_many_to_one(a: Arguments, device: str) -> tuple[Doubles, ...]:
    return (oracle.output_layer(_oracle_states(a, device)[..., -1, :], *output_of(a), device=device),)


def _oracle_many_to_many(a: Arguments, device: str) -> tuple[Doubles, ...]:
    return (oracle.output_layer(_oracle_states(a, device), *output_of(a), device=device),)


_TWICE = tuple(f"{weight}_{part}" for part in ("encoder", "decoder") for weight in WEIGHTS)

QUESTIONS = {
    "output_layer": Question(
        ("h", *OUTPUT), 4, {"output": "N T O"}, _enclose_output_layer, (_oracle_output_layer,), _output_layer_cases
    ),
    "many_to_one": Question(
        ("inputs", *WEIGHTS, *OUTPUT),
        7,
        {"output": "N O"},
        _enclose_many_to_one,
        (_oracle_many_to_one,),
        _sequence_cases,
    ),
    "many_to_many": Question(
        ("inputs", *WEIGHTS, *OUTPUT),
        7,
        {"outputs": "N T O"},
        _enclose_many_to_many,
        (_oracle_many_to_many,),
        _sequence_cases,
    ),
    "one_to_many": Question(
        ("input_0", "timesteps", *WEIGHTS, *OUTPUT),
        8,
        {"outputs": "N T O"},
        _enclose_one_to_many,
        (_oracle_one_to_many,),
        _one_to_many_cases,
    ),
    "encoder_decoder": Question(
        ("inputs", "timesteps", *_TWICE, *OUTPUT),
        11,
        {"outputs": "N T O"},
        _enclose_encoder_decoder,
        (_oracle_encoder_decoder,),
        _encoder_decoder_cases,
    ),
}
