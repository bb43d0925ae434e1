"""Wx is applied to the state and Wh to the input.

What it does
    The sum is Wh·x + Wx·h, which fits only where input_size equals hidden_size.
Why it is wrong
    Each weight belongs to its own vector.
Why it hides
    It is silent when the sizes are equal.
Example
    np.tanh(np.dot(Wh, x) + np.dot(Wx, h) + b)
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
    """Swap the weights."""
    state: Extended = np.tanh(x @ a["Wh"].T + h @ a["Wx"].T + a["b"])
    return state


BUG = KnownBug(
    name="swapped-weights",
    about="numerics.input-term",
    message="{where} applies Wh to the input and Wx to the state: they are swapped",
    twins=cell_and_layer(step),
)
