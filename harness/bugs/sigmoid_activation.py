"""The activation is a sigmoid instead of tanh.

What it does
    States lie in (0, 1).
Why it is wrong
    The vanilla RNN bends by tanh; a sigmoid is for gates and for outputs.
Why it hides
    Everything runs, and the states stay bounded.
Example
    1 / (1 + np.exp(-(np.dot(Wx, x) + np.dot(Wh, h) + b)))
Instead
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)
"""

from collections.abc import Mapping
from typing import Any

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import cell_and_layer
from harness.model import Extended
from reference import rnn


def step(x: Extended, h: Extended, a: Mapping[str, Any]) -> Extended:
    """Bend by a sigmoid."""
    state: Extended = rnn.sigmoid(x @ a["Wx"].T + h @ a["Wh"].T + a["b"])
    return state


BUG = KnownBug(
    name="sigmoid-activation",
    about="numerics.cell",
    message="{where} uses a sigmoid where tanh is asked for",
    twins=cell_and_layer(step),
)
