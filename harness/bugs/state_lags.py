"""The state is carried one step late.

What it does
    Step t starts from the state of step t-2.
Why it is wrong
    Each step must start from the state of the step before.
Why it hides
    The first row is right, and memory seems to work.
Example
    previous, current = current, rnn_cell(input_t, previous, Wx, Wh, b)
Instead
    current = rnn_cell(input_t, current, Wx, Wh, b)
"""

import ast
from collections.abc import Iterator

from harness.bugs import patterns
from harness.bugs.framework import CARRYING, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
은닉 상태를 한 시점 늦게 넘긴다.

하는 일
    시점 t가 시점 t-2의 상태에서 시작한다.
왜 틀렸나
    각 시점은 바로 앞 시점의 상태에서 시작해야 한다.
왜 안 보이나
    첫 행은 맞고, 기억도 있는 것처럼 보인다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Carry the row of this step and not the one before; or start the step from another variable of the loop."""
    for f, loop in patterns.loops(code):
        for node in ast.walk(loop):
            match node:
                case ast.Assign(value=ast.Subscript(slice=ast.BinOp(op=ast.Sub(), left=index)) as value):
                    yield sighting(f, node, f.put(value.slice, f.text(index)))
    for step in patterns.steps(code):
        others = sorted(patterns.assigned_in(step.loop) - patterns.assigned_in(_head(step.loop)))
        for state in step.reads:
            for name in others:
                if name != patterns.first_name(state):
                    yield sighting(step.f, step.statement, step.f.put(state, name))


def _head(loop: patterns.Loop) -> ast.AST:
    return loop.target if isinstance(loop, ast.For) else loop.test


BUG = KnownBug(
    name="state-lags",
    about=CARRYING,
    message="{where} carries the hidden state one step late: row t is computed from row t-2",
    korean="{where}: 은닉 상태를 한 시점 늦게 넘깁니다. t번째 행을 t-2번째 행으로 계산합니다",
    changes=(change(carried=lambda moments: moments[max(len(moments) - 2, 0)].state),),
    find=find,
)
