"""tanh is applied twice.

What it does
    The state is tanh(tanh(...)).
Why it is wrong
    One activation is asked for; two squeeze every state towards zero.
Why it hides
    States stay in (-1, 1), and keep their signs.
Example
    h = np.tanh(cell(x, h))      # and cell applies tanh, too
Instead
    h = cell(x, h)
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import cell_and_layer
from harness.model import Extended


def step(x: Extended, h: Extended, a: Mapping[str, Any]) -> Extended:
    """Bend twice."""
    state: Extended = np.tanh(np.tanh(x @ a["Wx"].T + h @ a["Wh"].T + a["b"]))
    return state


BUG = KnownBug(
    name="double-tanh",
    about="numerics.cell",
    message="{where} applies tanh twice",
    twins=cell_and_layer(step),
)
