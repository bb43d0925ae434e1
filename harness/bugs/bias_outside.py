"""The bias is added after the tanh instead of inside it.

What it does
    The state is tanh(Wx·x + Wh·h) + b.
Why it is wrong
    The bias belongs to the sum that tanh bends; outside, states leave (-1, 1).
Why it hides
    With small biases the numbers look alive.
Example
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h)) + b
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
    """Add the bias outside."""
    state: Extended = np.tanh(x @ a["Wx"].T + h @ a["Wh"].T) + a["b"]
    return state


BUG = KnownBug(
    name="bias-outside",
    about="numerics.bias-term",
    message="{where} adds the bias after the tanh; it belongs inside",
    twins=cell_and_layer(step),
)
