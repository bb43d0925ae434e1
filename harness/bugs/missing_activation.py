"""There is no tanh: the state is the bare sum.

What it does
    The pre-activation is returned as the state.
Why it is wrong
    Without tanh the recurrence is linear, and its states grow without limit.
Why it hides
    For small inputs tanh is nearly the identity.
Example
    np.dot(Wx, x) + np.dot(Wh, h) + b
Instead
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)
"""

from collections.abc import Mapping
from typing import Any

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import cell_and_layer
from harness.model import Extended


def step(x: Extended, h: Extended, a: Mapping[str, Any]) -> Extended:
    """Leave the sum as it is."""
    state: Extended = x @ a["Wx"].T + h @ a["Wh"].T + a["b"]
    return state


BUG = KnownBug(
    name="missing-activation",
    about="numerics.cell",
    message="{where} has no activation: the state is the bare sum, without its tanh",
    twins=cell_and_layer(step),
)
