"""The activation is a rectifier instead of tanh.

What it does
    Negative sums become zero, positive ones stay as they are.
Why it is wrong
    The vanilla RNN bends by tanh; a rectified recurrence can grow without limit.
Why it hides
    Everything runs, and zeros look like a quiet unit.
Example
    np.maximum(0, np.dot(Wx, x) + np.dot(Wh, h) + b)
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
    """Bend by a rectifier."""
    state: Extended = np.maximum(x @ a["Wx"].T + h @ a["Wh"].T + a["b"], 0)
    return state


BUG = KnownBug(
    name="relu-activation",
    about="numerics.cell",
    message="{where} uses a rectifier (ReLU) where tanh is asked for",
    twins=cell_and_layer(step),
)
