"""The bias is never added.

What it does
    The pre-activation is Wx·x + Wh·h.
Why it is wrong
    The bias moves each unit off zero; without it a zero input and a zero state give zero for ever.
Why it hides
    Where the bias starts as zeros, as it usually does, nothing can be seen.
Example
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h))
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
    """Leave out the bias."""
    state: Extended = np.tanh(x @ a["Wx"].T + h @ a["Wh"].T)
    return state


BUG = KnownBug(
    name="missing-bias",
    about="numerics.bias-term",
    message="{where} leaves out the bias b",
    twins=cell_and_layer(step),
)
