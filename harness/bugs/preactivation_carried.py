"""The sum is carried on, before its tanh.

What it does
    Each row is tanh of its sum, but the next step starts from the sum itself.
Why it is wrong
    The hidden state is what comes out of the tanh, and it is what the next step sees.
Why it hides
    The first row is right, and every row lies in (-1, 1).
Example
    a = Wx @ x + Wh @ a + b; states.append(np.tanh(a))
Instead
    h = np.tanh(Wx @ x + Wh @ h + b); states.append(h)
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import initial_state, stacked, timesteps
from harness.model import Extended


def layer(a: Mapping[str, Any]) -> Extended:
    """Carry the pre-activation."""
    h, states = initial_state(a), []
    for x in timesteps(a):
        h = x @ a["Wx"].T + h @ a["Wh"].T + a["b"]
        states.append(np.tanh(h))
    return stacked(states)


BUG = KnownBug(
    name="preactivation-carried",
    about="stacking.state-is-carried",
    message="{where} carries the sum before its tanh into the next step, instead of the state",
    twins={"layer": layer},
)
