"""The loop runs one step too few: the last timestep is left out, or the first.

What it does
    The row of that timestep stays zero, or is not there.
Why it is wrong
    Every input makes a state, and every state is a row.
Why it hides
    Where the rows are made beforehand the shape is right, and so are all rows but one.
Example
    for t in range(timesteps - 1):
Instead
    for t in range(timesteps):
"""

import ast
from collections.abc import Iterator

import numpy as np

from harness.bugs import patterns
from harness.bugs.framework import CARRYING, KnownBug, Sighting, change
from harness.bugs.parts import Moment
from harness.bugs.patterns import sighting
from harness.bugs.source import Code
from harness.model import Extended

KOREAN = """\
반복문이 한 번 덜 돈다. 마지막 시점이나 첫 시점이 빠진다.

하는 일
    그 시점의 행이 0으로 남거나 아예 없다.
왜 틀렸나
    입력마다 상태가 하나씩 생기고, 상태마다 행이 하나이다.
왜 안 보이나
    행을 미리 만들어 두면 모양이 맞고, 한 행 말고는 모두 맞다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Let a loop run over everything."""
    for f, loop in patterns.loops(code):
        for node in ast.walk(loop.iter if isinstance(loop, ast.For) else loop.test):
            match node:
                case ast.BinOp(left=length, op=ast.Sub(), right=ast.Constant(value=1)):
                    yield sighting(f, node, f.put(node, f.text(length)))
                case ast.Call(args=[ast.Constant(value=1), length]) if patterns.called(node) == "range":
                    yield sighting(f, node, f.put(node, f"range({f.text(length)})"))
                case ast.Subscript(value=value, slice=ast.Slice()):
                    yield sighting(f, node, f.put(node, f.text(value)))


def _all_but_the_last(rows: list[Extended]) -> Extended:
    """What `numpy.array` makes of the rows, also of none."""
    return np.stack(rows[:-1], axis=-2) if rows[1:] else np.zeros(0, dtype=np.longdouble)


def _without_the_first(moments: list[Moment]) -> Extended:
    """From which state the next step starts: the first one never was."""
    return moments[0 if len(moments) == 2 else -1].state


BUG = KnownBug(
    name="step-left-out",
    about=("shapes.layer-output", "stacking.rows-in-order", *CARRYING),
    message="{where} leaves out a timestep: its loop runs one step too few",
    korean="{where}: 반복문이 한 번 덜 돌아 한 시점이 빠집니다",
    changes=(
        change(stacked=lambda rows, start: np.stack([*rows[:-1], np.zeros_like(rows[-1])], axis=-2)),
        change(stacked=lambda rows, start: np.stack(rows[:-1], axis=-2)),
        change(stacked=lambda rows, start: _all_but_the_last(rows)),
        change(
            carried=_without_the_first,
            stacked=lambda rows, start: np.stack([np.zeros_like(rows[0]), *rows[1:]], axis=-2),
        ),
        change(carried=_without_the_first, stacked=lambda rows, start: np.stack(rows[1:], axis=-2)),
    ),
    find=find,
)
