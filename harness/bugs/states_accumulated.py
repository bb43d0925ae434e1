"""Each new state is added to the one before.

What it does
    The state grows: h_t = h_{t-1} + tanh(...).
Why it is wrong
    A new state replaces the old one; what is to be remembered goes through Wh.
Why it hides
    The first row is right.
Example
    hidden_state_t += rnn_cell(input_t, hidden_state_t, Wx, Wh, b)
Instead
    hidden_state_t = rnn_cell(input_t, hidden_state_t, Wx, Wh, b)
"""

from collections.abc import Mapping
from typing import Any

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import initial_state, stacked, step, timesteps
from harness.model import Extended


def layer(a: Mapping[str, Any]) -> Extended:
    """Add up the states."""
    h, states = initial_state(a), []
    for x in timesteps(a):
        h = h + step(x, h, a)
        states.append(h)
    return stacked(states)


BUG = KnownBug(
    name="states-accumulated",
    about="stacking.state-is-carried",
    message="{where} adds each new state to the one before instead of replacing it",
    twins={"layer": layer},
)
