"""Only the last state is returned.

What it does
    The result is (hidden_size,).
Why it is wrong
    The layer is asked for the states of all timesteps.
Why it hides
    For many-to-one models the last state is all that is read.
Example
    return hidden_state_t
Instead
    return np.stack(total_hidden_states, axis=0)
"""

from collections.abc import Mapping
from typing import Any

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import initial_state, run, step
from harness.model import Extended


def layer(a: Mapping[str, Any]) -> Extended:
    """Return the last state."""
    return run(step, a, initial_state(a))[..., -1, :]


BUG = KnownBug(
    name="last-state-only",
    about="shapes.layer-output",
    message="{where} returns only the last hidden state; the states of all timesteps are asked for",
    twins={"layer": layer},
)
