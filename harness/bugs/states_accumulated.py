"""Each new state is added to the one before.

What it does
    The state grows: h_t = h_{t-1} + tanh(...).
Why it is wrong
    A new state replaces the old one; what is to be remembered goes through Wh.
Why it hides
    The first row is right.
Example
    hidden_state_t += rnn_cell(input_t, hidden_state_t, Wx, Wh, b)
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
새 상태를 이전 상태에 더한다.

하는 일
    상태가 h_t = h_{t-1} + tanh(...)로 자란다.
왜 틀렸나
    새 상태는 이전 상태를 대신한다. 기억할 것은 Wh를 거쳐 간다.
왜 안 보이나
    첫 행은 맞다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Let the new state take the place of the old one."""
    for step in patterns.steps(code):
        f = step.f
        match step.statement:
            case ast.AugAssign(target=target, op=ast.Add(), value=value):
                yield sighting(f, step.statement, f.put(step.statement, f"{f.text(target)} = {f.text(value)}"))
            case ast.Assign(value=ast.BinOp(op=ast.Add(), left=left, right=right) as whole):
                kept = left if any(part is step.made for part in ast.walk(left)) else right
                yield sighting(f, step.statement, f.put(whole, f.text(kept)))


BUG = KnownBug(
    name="states-accumulated",
    about=CARRYING,
    message="{where} adds each new state to the one before instead of replacing it",
    korean="{where}: 새 상태로 바꾸지 않고 이전 상태에 더합니다",
    changes=(change(renewed=lambda before, new: before + new),),
    find=find,
)
