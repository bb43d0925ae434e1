"""Wh is used transposed.

What it does
    The recurrent term is Wh^T·h.
Why it is wrong
    Row i of Wh says how the old state feeds unit i; transposed, column i does.
Why it hides
    Wh is square, so both products have the right shape.
Example
    np.tanh(np.dot(Wx, x) + np.dot(h, Wh) + b)
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
    """Use Wh transposed."""
    state: Extended = np.tanh(x @ a["Wx"].T + h @ a["Wh"] + a["b"])
    return state


BUG = KnownBug(
    name="transposed-wh",
    about="numerics.recurrent-term",
    message="{where} uses Wh transposed: Wh is square, so it runs, with the wrong numbers",
    twins=cell_and_layer(step),
)
