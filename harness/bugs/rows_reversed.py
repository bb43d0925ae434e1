"""The rows come back in reverse order.

What it does
    The last state is the first row.
Why it is wrong
    Row t is the state after input t.
Why it hides
    Every number is right; only its place is not.
Example
    total_hidden_states.insert(0, output_t)
Instead
    total_hidden_states.append(output_t)
"""

from collections.abc import Mapping
from typing import Any

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import initial_state, run, step
from harness.model import Extended


def layer(a: Mapping[str, Any]) -> Extended:
    """Turn the rows around."""
    return run(step, a, initial_state(a))[..., ::-1, :]


BUG = KnownBug(
    name="rows-reversed",
    about="stacking.rows-in-order",
    message="{where} returns its rows in reverse order",
    twins={"layer": layer},
)
