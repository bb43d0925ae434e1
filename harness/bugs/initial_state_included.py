"""The initial state is returned as an extra first row.

What it does
    The result has timesteps + 1 rows.
Why it is wrong
    One row for each timestep is asked for.
Why it hides
    The rows are right, each one place further down.
Example
    total_hidden_states = [hidden_state_0]
Instead
    total_hidden_states = []
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import initial_state, run, step
from harness.model import Extended


def layer(a: Mapping[str, Any]) -> Extended:
    """Put the initial state in front."""
    start = initial_state(a)
    return np.concatenate([start[..., None, :], run(step, a, start)], axis=-2)


BUG = KnownBug(
    name="initial-state-included",
    about="shapes.layer-output",
    message="{where} returns the initial state as an extra first row",
    twins={"layer": layer},
)
