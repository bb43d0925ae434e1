"""The states are stacked as columns.

What it does
    The result is (hidden_size, timesteps).
Why it is wrong
    Each timestep is a row: (timesteps, hidden_size).
Why it hides
    Where timesteps equals hidden_size the shape is right, too.
Example
    np.stack(total_hidden_states, axis=-1)
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
상태를 열로 쌓는다.

하는 일
    결과가 (hidden_size, timesteps)이다.
왜 틀렸나
    시점마다 한 행이다: (timesteps, hidden_size).
왜 안 보이나
    timesteps와 hidden_size가 같으면 모양까지 맞다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Stack before the last axis, or leave out the transpose of the result."""
    for f, call in patterns.calls(code, "stack", "column_stack", "dstack"):
        yield sighting(f, call, *patterns.stack_before_last(f, call))
    for f, value in patterns.results(code):
        for node in ast.walk(value):
            match node:
                case ast.Attribute(value=inner, attr="T") | ast.Call(func=ast.Attribute(value=inner, attr="transpose")):
                    yield sighting(f, node, *patterns.without(f, node, inner))
                case ast.Call(args=[inner, *_]) if patterns.called(node) in ("transpose", "swapaxes"):
                    yield sighting(f, node, f.put(node, f.text(inner)))


BUG = KnownBug(
    name="wrong-stack-axis",
    about=ROWS,
    message="{where} stacks the states as columns, (hidden_size, timesteps), instead of rows",
    korean="{where}: 상태를 행이 아니라 열로 쌓습니다. 결과가 (hidden_size, timesteps)입니다",
    changes=(
        change(stacked=lambda rows, start: np.stack(rows, axis=-1)),
        change(stacked=lambda rows, start: np.stack(rows, axis=1)),
        change(stacked=lambda rows, start: np.stack(rows).T),
    ),
    find=find,
)
