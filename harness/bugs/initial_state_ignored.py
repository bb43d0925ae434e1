"""An initial state that is given is not used.

What it does
    The layer always starts from zeros.
Why it is wrong
    Whoever passes an initial state, a decoder above all, wants the recurrence to go on from it.
Why it hides
    Without an initial state everything is right.
Example
    hidden_state_t = np.zeros(hidden_size)
Instead
    hidden_state_t = np.zeros(hidden_size) if hidden_state_0 is None else hidden_state_0
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import initial_state, run, step
from harness.model import Extended


def layer(a: Mapping[str, Any]) -> Extended:
    """Start from zeros whatever is given."""
    return run(step, a, np.zeros_like(initial_state(a)))


BUG = KnownBug(
    name="initial-state-ignored",
    about="stacking.initial-state",
    message="{where} ignores the initial state that it is given, and starts from zeros",
    twins={"layer": layer},
)
