"""The states are concatenated into one long vector.

What it does
    The result has timesteps · hidden_size numbers in a row.
Why it is wrong
    Stacking makes a new axis, one row for each timestep; concatenating runs the states together.
Why it hides
    All the right numbers are there, in the right order.
Example
    np.concatenate(total_hidden_states, axis=-1)
Instead
    np.stack(total_hidden_states, axis=0)
"""

import ast
from collections.abc import Iterator

import numpy as np

from harness.bugs import patterns
from harness.bugs.framework import ROWS, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
상태를 쌓지 않고 한 줄로 이어 붙인다.

하는 일
    결과가 timesteps · hidden_size개의 숫자가 늘어선 벡터이다.
왜 틀렸나
    쌓으면(stack) 시점마다 한 행인 새 축이 생기고, 이어 붙이면(concatenate) 상태들이 한데 흘러든다.
왜 안 보이나
    맞는 숫자가 모두, 맞는 순서로 있다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Stack instead, or leave out what flattens the rows."""
    for f, call in patterns.calls(code, "concatenate", "hstack", "append"):
        if call.args and f.text(call.func).startswith(("np.", "numpy.")):
            yield sighting(f, call, *patterns.stack_before_last(f, call))
    for f, call in patterns.calls(code, "reshape", "flatten", "ravel"):
        if isinstance(call.func, ast.Attribute):
            yield sighting(f, call, *patterns.without(f, call, call.func.value))


BUG = KnownBug(
    name="concatenated-not-stacked",
    about=ROWS,
    message="{where} concatenates the states into one long vector instead of stacking them into rows",
    korean="{where}: 상태를 행으로 쌓지 않고 하나의 긴 벡터로 이어 붙입니다",
    changes=(
        change(stacked=lambda rows, start: np.concatenate(rows, axis=-1)),
        change(stacked=lambda rows, start: np.concatenate(rows, axis=0)),
        change(stacked=lambda rows, start: np.stack(rows, axis=-2).ravel()),
    ),
    find=find,
)
