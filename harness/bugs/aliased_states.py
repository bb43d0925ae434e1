"""Every row is the same array: the last state.

What it does
    One buffer is appended again and again, and overwritten in place.
Why it is wrong
    Each row must keep the state that it had at its timestep.
Why it hides
    While the loop runs every printed state is right.
Example
    state[:] = np.tanh(...); states.append(state)
Instead
    state = np.tanh(...); states.append(state)
"""

import ast
from collections.abc import Iterator

import numpy as np

from harness.bugs.framework import CARRYING, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
모든 행이 같은 배열, 곧 마지막 상태이다.

하는 일
    버퍼 하나를 제자리에서 덮어쓰면서 계속 append한다.
왜 틀렸나
    행마다 그 시점의 상태를 간직해야 한다.
왜 안 보이나
    반복문이 도는 동안 출력해 보면 모두 맞다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Keep a copy of each state."""
    for f in code.functions:
        for node in f.nodes:
            match node:
                case ast.Call(func=ast.Attribute(attr="append"), args=[row]):
                    yield sighting(f, node, f.put(row, f"np.array({f.text(row)})"))
                case ast.AugAssign(value=ast.List(elts=[row])):
                    yield sighting(f, node, f.put(row, f"np.array({f.text(row)})"))
                case ast.Assign(targets=[ast.Subscript(slice=ast.Name())], value=ast.Name() as row):
                    yield sighting(f, node, f.put(row, f"np.array({f.text(row)})"))


BUG = KnownBug(
    name="aliased-states",
    about=("stacking.rows-in-order", *CARRYING),
    message="{where} returns the last state in every row: one array is overwritten and stacked again and again",
    korean="{where}: 모든 행이 마지막 상태입니다. 같은 배열을 덮어쓰면서 계속 쌓습니다",
    changes=(change(stacked=lambda rows, start: np.stack([rows[-1]] * len(rows), axis=-2)),),
    find=find,
)
