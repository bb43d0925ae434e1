"""The states are stored as integers.

What it does
    A result of integers cuts every state to 0.
Why it is wrong
    States lie between -1 and 1; as integers nothing is left of them.
Why it hides
    The loop itself is right, and so are the shapes.
Example
    total_hidden_states = np.zeros((timesteps, hidden_size), dtype=int)
Instead
    total_hidden_states = np.zeros((timesteps, hidden_size))
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import initial_state, run, step
from harness.model import Extended


def layer(a: Mapping[str, Any]) -> Extended:
    """Cut to integers."""
    return np.trunc(run(step, a, initial_state(a)))


BUG = KnownBug(
    name="integer-truncation",
    about="stacking.first-row",
    message="{where} stores its states as integers, which cuts them all to 0",
    twins={"layer": layer},
)
