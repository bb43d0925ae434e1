"""The bias is added twice.

What it does
    Both terms bring the bias along.
Why it is wrong
    The formula has one bias; two are as wrong as none.
Why it hides
    Where the bias starts as zeros nothing can be seen.
Example
    np.tanh((np.dot(Wx, x) + b) + (np.dot(Wh, h) + b))
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
    """Add the bias twice."""
    state: Extended = np.tanh(x @ a["Wx"].T + h @ a["Wh"].T + 2 * a["b"])
    return state


BUG = KnownBug(
    name="double-bias",
    about="numerics.bias-term",
    message="{where} adds the bias b twice",
    twins=cell_and_layer(step),
)
