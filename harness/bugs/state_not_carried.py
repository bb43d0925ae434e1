"""Every step starts from the initial state.

What it does
    The new state is computed and stored, but the next step does not see it.
Why it is wrong
    Each hidden state must be computed from the one before it; that is what makes the network recurrent.
Why it hides
    The first row is right, the shapes are right, and the numbers change with the input.
Example
    output_t = rnn_cell(input_t, hidden_state_t, Wx, Wh, b)   # and hidden_state_t stays what it was
Instead
    hidden_state_t = rnn_cell(input_t, hidden_state_t, Wx, Wh, b)
"""

import ast
from collections.abc import Iterator

from harness.bugs import patterns
from harness.bugs.framework import CARRYING, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
은닉 상태를 다음 시점으로 넘기지 않는다.

하는 일
    모든 시점이 초기 은닉 상태에서 시작한다.
왜 틀렸나
    h_t는 h_{t-1}로 계산한다. 넘기지 않으면 기억이 없는 층이다.
왜 안 보이나
    첫 행은 맞고, 다른 행도 입력에 따라 달라진다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Where a loop starts each step from a state that it does not assign, or resets, carry the new one."""
    for step in patterns.steps(code):
        f, assigned = step.f, patterns.assigned_in(step.loop)
        for state in {patterns.first_name(read): read for read in step.reads}.values():
            name = patterns.first_name(state)
            resets = list(_resets(step.loop, name))
            if resets and name:
                whole = f.text(resets[0])
                yield sighting(f, resets[0], f.line_before(step.loop, whole), f.put(resets[0], "pass"))
            if not name or (name in assigned and not resets):
                continue
            if step.target is not None:
                made = f.text(step.target)
                yield sighting(f, step.statement, f.line_after(step.statement, f"{f.text(state)} = {made}"))
            else:
                carried = f.line_before(step.statement, f"{f.text(state)} = {f.text(step.made)}")
                yield sighting(f, step.statement, carried, f.put(step.made, f.text(state)))


def _resets(loop: ast.AST, name: str | None) -> Iterator[ast.Assign]:
    """The statements of a loop that make a state of zeros."""
    for node in ast.walk(loop):
        match node:
            case ast.Assign(targets=[target], value=ast.Call() as call) if patterns.first_name(target) == name:
                if patterns.called(call) in ("zeros", "zeros_like"):
                    yield node


BUG = KnownBug(
    name="state-not-carried",
    about=CARRYING,
    message="{where} never carries the hidden state: every step starts from the initial one",
    korean="{where}: 은닉 상태를 다음 시점으로 넘기지 않습니다. 모든 시점이 초기 은닉 상태에서 시작합니다",
    changes=(
        change(carried=lambda moments: moments[0].state),
        # The new state is thrown away altogether: what is kept of each step is the initial one.
        change(carried=lambda moments: moments[0].state, stored=lambda moments: moments[0].state),
    ),
    find=find,
)
