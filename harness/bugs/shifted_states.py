"""Each row is the state before its input, not after it.

What it does
    The initial state is stored first, and the last state is lost.
Why it is wrong
    Row t is the state after input t.
Why it hides
    The shape is right, and the numbers are, one row late.
Example
    states.append(h); h = rnn_cell(x, h, Wx, Wh, b)
Instead
    h = rnn_cell(x, h, Wx, Wh, b); states.append(h)
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import initial_state, run, step
from harness.model import Extended


def layer(a: Mapping[str, Any]) -> Extended:
    """Store before the step."""
    start = initial_state(a)
    return np.concatenate([start[..., None, :], run(step, a, start)[..., :-1, :]], axis=-2)


BUG = KnownBug(
    name="shifted-states",
    about="stacking.first-row",
    message="{where} stores each state before its step instead of after it: the rows are one late",
    twins={"layer": layer},
)
