"""The states are stacked as columns.

What it does
    The result is (hidden_size, timesteps).
Why it is wrong
    Each timestep is a row: (timesteps, hidden_size).
Why it hides
    Where timesteps equals hidden_size the shape is right, too.
Example
    np.stack(total_hidden_states, axis=-1)
Instead
    np.stack(total_hidden_states, axis=0)
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import initial_state, run, step
from harness.model import Extended


def layer(a: Mapping[str, Any]) -> Extended:
    """Stack as columns."""
    return np.swapaxes(run(step, a, initial_state(a)), -1, -2)


BUG = KnownBug(
    name="wrong-stack-axis",
    about="shapes.layer-output",
    message="{where} stacks the states as columns, (hidden_size, timesteps), instead of rows",
    twins={"layer": layer},
)
