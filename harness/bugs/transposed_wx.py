"""Wx is used transposed.

What it does
    The input term is x·Wx, which fits only where input_size equals hidden_size.
Why it is wrong
    Wx is (hidden_size, input_size): its rows belong to the units.
Why it hides
    It is silent when the sizes are equal, as in many a demo.
Example
    np.tanh(np.dot(x, Wx) + np.dot(Wh, h) + b)
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
    """Use Wx transposed."""
    state: Extended = np.tanh(x @ a["Wx"] + h @ a["Wh"].T + a["b"])
    return state


BUG = KnownBug(
    name="transposed-wx",
    about="numerics.input-term",
    message="{where} uses Wx transposed: it runs only where input_size equals hidden_size",
    twins=cell_and_layer(step),
)
