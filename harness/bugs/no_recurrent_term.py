"""The state before plays no part in the new one.

What it does
    Each state is computed from its input alone.
Why it is wrong
    Without Wh·h_{t-1} there is no memory, and no recurrence.
Why it hides
    Shapes and ranges are right, and the numbers change with every input.
Example
    np.tanh(np.dot(Wx, x) + b)
Instead
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import cell_and_layer
from harness.model import Extended


def step(x: Extended, h: Extended, a: Mapping[str, Any]) -> Extended:
    """Leave out the recurrent term."""
    state: Extended = np.tanh(x @ a["Wx"].T + a["b"])
    return state


BUG = KnownBug(
    name="no-recurrent-term",
    about="numerics.recurrent-term",
    message="{where} leaves out Wh·h_{{t-1}}: the new state does not depend on the one before",
    twins=cell_and_layer(step),
)
