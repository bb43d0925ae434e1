"""Each term has a tanh of its own.

What it does
    The state is tanh(Wx·x) + tanh(Wh·h) + b, or the like.
Why it is wrong
    tanh bends the sum; bent apart, the terms no longer weigh against each other, and states leave (-1, 1).
Why it hides
    For small numbers the two agree.
Example
    np.tanh(np.dot(Wx, x)) + np.tanh(np.dot(Wh, h)) + b
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
    """Bend each term by itself."""
    state: Extended = np.tanh(x @ a["Wx"].T) + np.tanh(h @ a["Wh"].T) + a["b"]
    return state


BUG = KnownBug(
    name="tanh-per-term",
    about="numerics.cell",
    message="{where} applies tanh to each term instead of to their sum",
    twins=cell_and_layer(step),
)
