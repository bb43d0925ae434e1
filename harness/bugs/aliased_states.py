"""Every row is the same array: the last state.

What it does
    One buffer is appended again and again, and overwritten in place.
Why it is wrong
    Each row must keep the state that it had at its timestep.
Why it hides
    While the loop runs every printed state is right.
Example
    state[:] = np.tanh(...); states.append(state)
Instead
    state = np.tanh(...); states.append(state)
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import initial_state, run, step
from harness.model import Extended


def layer(a: Mapping[str, Any]) -> Extended:
    """Repeat the last state."""
    states = run(step, a, initial_state(a))
    return np.broadcast_to(states[..., -1:, :], states.shape).copy()


BUG = KnownBug(
    name="aliased-states",
    about="stacking.rows-in-order",
    message="{where} returns the last state in every row: one array is overwritten and stacked again and again",
    twins={"layer": layer},
)
