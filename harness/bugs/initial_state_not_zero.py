"""Without a given initial state the layer starts from ones.

What it does
    The first step sees a state of ones.
Why it is wrong
    The agreed initial state is zeros: there is nothing to remember yet.
Why it hides
    Later rows forget where they came from, so only the first ones look odd.
Example
    hidden_state_t = np.ones(hidden_size)
Instead
    hidden_state_t = np.zeros(hidden_size)
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import initial_state, run, step
from harness.model import Extended


def layer(a: Mapping[str, Any]) -> Extended:
    """Start from ones."""
    start = initial_state(a)
    return run(step, a, start if a.get("hidden_state_0") is not None else np.ones_like(start))


BUG = KnownBug(
    name="initial-state-not-zero",
    about="stacking.first-row",
    message="{where} starts from a state of ones, but should start from zeros",
    twins={"layer": layer},
)
