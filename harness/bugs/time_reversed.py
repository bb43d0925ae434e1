"""The sequence is run from its last input to its first.

What it does
    The first row is the state after the last input.
Why it is wrong
    Row t is the state after inputs 0 to t.
Why it hides
    Shapes are right, and each number is a possible one.
Example
    for input_t in inputs[::-1]:
Instead
    for input_t in inputs:
"""

from collections.abc import Mapping
from typing import Any

from harness.bugs.framework import KnownBug
from harness.bugs.recurrences import initial_state, run, step
from harness.model import Extended


def layer(a: Mapping[str, Any]) -> Extended:
    """Run backwards."""
    return run(step, {**a, "inputs": a["inputs"][..., ::-1, :]}, initial_state(a))


BUG = KnownBug(
    name="time-reversed",
    about="stacking.rows-in-order",
    message="{where} runs through the timesteps backwards",
    twins={"layer": layer},
)
