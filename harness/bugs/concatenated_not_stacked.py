"""The states are concatenated into one long vector.

What it does
    The result has timesteps · hidden_size numbers in a row.
Why it is wrong
    Stacking makes a new axis, one row for each timestep; concatenating runs the states together.
Why it hides
    All the right numbers are there, in the right order.
Example
    np.concatenate(total_hidden_states, axis=-1)
Instead
    np.stack(total_hidden_states, axis=0)
"""

from collections.abc import Mapping
from typing import Any

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import initial_state, run, step
from harness.model import Extended


def layer(a: Mapping[str, Any]) -> Extended:
    """Concatenate."""
    states = run(step, a, initial_state(a))
    return states.reshape(*states.shape[:-2], -1)


BUG = KnownBug(
    name="concatenated-not-stacked",
    about="shapes.layer-output",
    message="{where} concatenates the states into one long vector instead of stacking them into rows",
    twins={"layer": layer},
)
