"""The state is carried one step late.

What it does
    Step t starts from the state of step t-2.
Why it is wrong
    Each step must start from the state of the step before.
Why it hides
    The first row is right, and memory seems to work.
Example
    previous, current = current, rnn_cell(input_t, previous, Wx, Wh, b)
Instead
    current = rnn_cell(input_t, current, Wx, Wh, b)
"""

from collections.abc import Mapping
from typing import Any

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import initial_state, stacked, step, timesteps
from harness.model import Extended


def layer(a: Mapping[str, Any]) -> Extended:
    """Carry the state one step late."""
    before, current, states = initial_state(a), initial_state(a), []
    for x in timesteps(a):
        before, current = current, step(x, before, a)
        states.append(current)
    return stacked(states)


BUG = KnownBug(
    name="state-lags",
    about="stacking.state-is-carried",
    message="{where} carries the hidden state one step late: row t is computed from row t-2",
    twins={"layer": layer},
)
