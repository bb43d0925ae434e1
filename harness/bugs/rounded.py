"""States are rounded to four digits.

What it does
    np.round(..., 4) is applied to each state.
Why it is wrong
    Rounding inside the recurrence feeds its error back into every later state.
Why it hides
    Printed with four digits, rounded and exact numbers look the same.
Example
    return np.round(np.tanh(...), 4)
Instead
    return np.tanh(...)
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import cell_and_layer
from harness.model import Extended


def step(x: Extended, h: Extended, a: Mapping[str, Any]) -> Extended:
    """Round each state."""
    state: Extended = np.round(np.tanh(x @ a["Wx"].T + h @ a["Wh"].T + a["b"]), 4)
    return state


BUG = KnownBug(
    name="rounded",
    about="numerics.cell",
    message="{where} rounds its states to four digits",
    twins=cell_and_layer(step),
)
