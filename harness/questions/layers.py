"""Layers on layers, both directions, and sequences of unequal lengths."""

from collections.abc import Iterator

import numpy as np

from harness.model import Doubles
from harness.numbers import recurrence, small
from harness.questions.framework import OUTPUT, WEIGHTS, Arguments, Named, Question, output_of, recurrence_of
from reference import bounds, oracle
from reference.bounds import Enclosure, exact


def _two(suffixes: tuple[str, str]) -> tuple[str, ...]:
    return tuple(f"{weight}{suffix}" for suffix in suffixes for weight in WEIGHTS)


_LAYERS, _DIRECTIONS = ("_1", "_2"), ("_forward", "_backward")


def _two_layers_cases() -> Iterator[Named]:
    plain = *recurrence(3, 4, 601), *recurrence(4, 4, 604)
    yield "plain", (small((5, 3), 600), *plain)
    yield "square", (small((3, 3), 610), *recurrence(3, 3, 611), *recurrence(3, 3, 614))
    yield "one-timestep", (small((1, 2), 620), *recurrence(2, 3, 621), *recurrence(3, 3, 624))
    yield "batch", (small((2, 5, 3), 630), *plain)
    yield "initial-state", (small((4, 3), 640), *plain, small((2, 4), 641))
    yield "batch-initial-state", (small((3, 4, 3), 650), *plain, small((2, 3, 4), 651))


def _two_layers_to_one_cases() -> Iterator[Named]:
    for seed, (name, arguments) in enumerate(_two_layers_cases()):
        outputs = 3 if name == "square" else 2
        Wy, by = small((outputs, len(arguments[6])), 660 + seed), small((outputs,), 670 + seed)  # type: ignore[arg-type]
        yield name, (*arguments[:7], Wy, by, "linear", *arguments[7:])


def _bidirectional_cases() -> Iterator[Named]:
    plain = *recurrence(3, 4, 701), *recurrence(3, 4, 704)
    yield "plain", (small((5, 3), 700), *plain)
    yield "square", (small((3, 3), 710), *recurrence(3, 3, 711), *recurrence(3, 3, 714))
    yield "one-timestep", (small((1, 3), 720), *plain)
    yield "batch", (small((2, 5, 3), 730), *plain)
    yield "initial-state", (small((4, 3), 740), *plain, small((2, 4), 741))


def _masked_cases() -> Iterator[Named]:
    weights = recurrence(3, 4, 801)
    yield "plain", (small((3, 5, 3), 800), np.array([5, 2, 4]), *weights)
    yield "one-timestep", (small((2, 4, 3), 810), np.array([1, 3]), *weights)
    yield "square", (small((3, 3, 3), 820), np.array([1, 2, 3]), *recurrence(3, 3, 821))
    yield "initial-state", (small((2, 4, 3), 830), np.array([3, 4]), *weights, small((2, 4), 831))


def _enclose_two_layers(a: Arguments, u: float) -> tuple[Enclosure, ...]:
    weights = [recurrence_of(a, suffix) for suffix in _LAYERS]
    return bounds.stacked_layers(exact(a["inputs"]), weights, a.get("hidden_states_0"), u=u)


def _enclose_two_layers_to_one(a: Arguments, u: float) -> tuple[Enclosure, ...]:
    states, _ = _enclose_two_layers(a, u)
    return (bounds.output_layer(states[..., -1, :], *output_of(a), u),)


def _enclose_bidirectional(a: Arguments, u: float) -> tuple[Enclosure, ...]:
    there, back = (recurrence_of(a, suffix) for suffix in _DIRECTIONS)
    return (bounds.bidirectional_layer(exact(a["inputs"]), there, back, a.get("hidden_states_0"), u=u),)


def _enclose_masked(a: Arguments, u: float) -> tuple[Enclosure, ...]:
    initial = a.get("hidden_state_0")
    return bounds.masked_layer(exact(a["inputs"]), a["lengths"], *recurrence_of(a), initial, u=u)


def _ask_two_layers(a: Arguments, device: str) -> tuple[Doubles, ...]:
    weights = [recurrence_of(a, suffix) for suffix in _LAYERS]
    return oracle.stacked_layers(a["inputs"], weights, a.get("hidden_states_0"), device=device)


def _ask_two_layers_to_one(a: Arguments, device: str) -> tuple[Doubles, ...]:
    states, _ = _ask_two_layers(a, device)
    return (oracle.output_layer(states[..., -1, :], *output_of(a), device=device),)


def _ask_bidirectional(a: Arguments, device: str) -> tuple[Doubles, ...]:
    there, back = (recurrence_of(a, suffix) for suffix in _DIRECTIONS)
    return (oracle.bidirectional_layer(a["inputs"], there, back, a.get("hidden_states_0"), device=device),)


def _ask_masked(a: Arguments, device: str) -> tuple[Doubles, ...]:
    return oracle.masked_layer(a["inputs"], a["lengths"], *recurrence_of(a), a.get("hidden_state_0"), device=device)


QUESTIONS = {
    "two_layers": Question(
        ("inputs", *_two(_LAYERS), "hidden_states_0"),
        7,
        {"total_hidden_states": "N T H", "last_hidden_states": "L N H"},
        _enclose_two_layers,
        (_ask_two_layers,),
        _two_layers_cases,
    ),
    "two_layers_to_one": Question(
        ("inputs", *_two(_LAYERS), *OUTPUT, "hidden_states_0"),
        10,
        {"output": "N O"},
        _enclose_two_layers_to_one,
        (_ask_two_layers_to_one,),
        _two_layers_to_one_cases,
    ),
    "bidirectional_layer": Question(
        ("inputs", *_two(_DIRECTIONS), "hidden_states_0"),
        7,
        {"total_hidden_states": "N T H"},
        _enclose_bidirectional,
        (_ask_bidirectional,),
        _bidirectional_cases,
    ),
    "masked_layer": Question(
        ("inputs", "lengths", *WEIGHTS, "hidden_state_0"),
        5,
        {"total_hidden_states": "N T H", "last_hidden_state": "N H"},
        _enclose_masked,
        (_ask_masked,),
        _masked_cases,
    ),
}
