"""The input term and the recurrent term are multiplied instead of added.

What it does
    The pre-activation is (Wx·x) * (Wh·h) + b.
Why it is wrong
    The formula is a sum; with a state of zeros the product forgets the input.
Why it hides
    Some notes write the sum with a * in a comment, and both have the same shape.
Example
    np.tanh(np.dot(Wx, x) * np.dot(Wh, h) + b)
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
    """Multiply the terms."""
    state: Extended = np.tanh((x @ a["Wx"].T) * (h @ a["Wh"].T) + a["b"])
    return state


BUG = KnownBug(
    name="product-of-terms",
    about="numerics.cell",
    message="{where} multiplies Wx·x by Wh·h; they are added",
    twins=cell_and_layer(step),
)
