"""The pieces that twins are made of: a right step, a right run, and how a wrong step makes a wrong layer.

Arguments are canonical and come by name; leading axes, if any, are a batch.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from harness.bugs.framework import Twin
from harness.model import Extended
from reference import rnn

Step = Callable[[Extended, Extended, Mapping[str, Any]], Extended]


def step(x: Extended, h: Extended, a: Mapping[str, Any]) -> Extended:
    """Take one right step."""
    state: Extended = rnn.rnn_cell(x, h, a["Wx"], a["Wh"], a["b"])
    return state


def initial_state(a: Mapping[str, Any]) -> Extended:
    """Return the state that a right layer starts from."""
    given: Extended | None = a.get("hidden_state_0")
    start: Extended = rnn.zero_state(a["inputs"], a["Wh"]) if given is None else given
    return start


def timesteps(a: Mapping[str, Any]) -> Iterator[Extended]:
    """Yield the inputs in the order of time."""
    yield from np.moveaxis(a["inputs"], -2, 0)


def stacked(states: list[Extended]) -> Extended:
    """Stack states into rows."""
    rows: Extended = np.stack(states, axis=-2)
    return rows


def run(one_step: Step, a: Mapping[str, Any], start: Extended) -> Extended:
    """Run a step over the timesteps and stack the states."""
    h, states = start, []
    for x in timesteps(a):
        h = one_step(x, h, a)
        states.append(h)
    return stacked(states)


def cell_and_layer(one_step: Step) -> dict[str, Twin]:
    """Make the twins of a bug in the cell: the cell itself, and a layer that runs it."""
    return {
        "cell": lambda a: one_step(a["input_t"], a["hidden_state_t"], a),
        "layer": partial(_run_from_initial_state, one_step),
    }


def _run_from_initial_state(one_step: Step, a: Mapping[str, Any]) -> Extended:
    return run(one_step, a, initial_state(a))
