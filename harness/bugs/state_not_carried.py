"""Every step starts from the initial state.

What it does
    The new state is computed and stored, but the next step does not see it.
Why it is wrong
    Each hidden state must be computed from the one before it; that is what makes the network recurrent.
Why it hides
    The first row is right, the shapes are right, and the numbers change with the input.
Example
    output_t = rnn_cell(input_t, hidden_state_t, Wx, Wh, b)   # and hidden_state_t stays what it was
Instead
    hidden_state_t = rnn_cell(input_t, hidden_state_t, Wx, Wh, b)
"""

from collections.abc import Mapping
from typing import Any

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import initial_state, stacked, step, timesteps
from harness.model import Extended


def layer(a: Mapping[str, Any]) -> Extended:
    """Run every step from the initial state."""
    start = initial_state(a)
    return stacked([step(x, start, a) for x in timesteps(a)])


BUG = KnownBug(
    name="state-not-carried",
    about="stacking.state-is-carried",
    message="the hidden state is never carried: {where} starts every step from the initial state",
    twins={"layer": layer},
)
