"""The loop returns after its first step.

What it does
    Only the first timestep is ever computed.
Why it is wrong
    A return inside the loop ends it; the result belongs after it.
Why it hides
    One step looks right, and in Python only the indentation tells.
Example
        for input_t in inputs:
            ...
            return np.stack(total_hidden_states)
Instead
        for input_t in inputs:
            ...
        return np.stack(total_hidden_states)
"""

from collections.abc import Mapping
from typing import Any

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import initial_state, run, step
from harness.model import Extended


def layer(a: Mapping[str, Any]) -> Extended:
    """Return after one step."""
    return run(step, a, initial_state(a))[..., :1, :]


BUG = KnownBug(
    name="early-return",
    about="shapes.layer-output",
    message="{where} returns after the first timestep: the return stands inside the loop",
    twins={"layer": layer},
)
