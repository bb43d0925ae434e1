"""The loop returns after its first step.

What it does
    Only the first timestep is ever computed.
Why it is wrong
    A return inside the loop ends it; the result belongs after it.
Why it hides
    One step looks right, and in Python only the indentation tells.
Example
        for input_t in inputs:
            ...
            return np.stack(total_hidden_states)
Instead
        for input_t in inputs:
            ...
        return np.stack(total_hidden_states)
"""

import ast
from collections.abc import Iterator

import numpy as np

from harness.bugs import patterns
from harness.bugs.framework import ROWS, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
반복문이 첫 시점 뒤에 끝난다.

하는 일
    첫 시점만 계산된다.
왜 틀렸나
    반복문 안의 return은 반복문을 끝낸다. 결과는 반복문이 끝난 뒤에 돌려준다.
왜 안 보이나
    한 시점은 맞아 보이고, 파이썬에서는 들여쓰기만이 둘을 가른다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Move a return from the body of a loop to behind it."""
    for f, loop in patterns.loops(code):
        for node in ast.walk(loop):
            if isinstance(node, ast.Return):
                yield sighting(f, node, f.put(node, "pass"), f.line_after(loop, f.text_of_statement(node)))


BUG = KnownBug(
    name="early-return",
    about=ROWS,
    message="{where} returns after the first timestep: the return stands inside the loop",
    korean="{where}: 첫 시점 뒤에 돌려줍니다. return이 반복문 안에 있습니다",
    changes=(
        change(stacked=lambda rows, start: np.stack(rows[:1], axis=-2)),
        change(stacked=lambda rows, start: rows[0]),
    ),
    find=find,
)
