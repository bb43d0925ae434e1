"""Each row is the state before its input, not after it.

What it does
    The initial state is stored first, and the last state is lost.
Why it is wrong
    Row t is the state after input t.
Why it hides
    The shape is right, and the numbers are, one row late.
Example
    states.append(h); h = rnn_cell(x, h, Wx, Wh, b)
Instead
    h = rnn_cell(x, h, Wx, Wh, b); states.append(h)
"""

import ast
from collections.abc import Iterator

from harness.bugs import patterns
from harness.bugs.framework import CARRYING, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
각 행이 그 입력을 본 뒤가 아니라 보기 전의 상태이다.

하는 일
    초기 은닉 상태가 첫 행이 되고, 마지막 상태는 사라진다.
왜 틀렸나
    t번째 행은 입력 t를 본 다음의 상태이다.
왜 안 보이나
    모양이 맞고, 숫자도 한 행씩 늦을 뿐 맞다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Exchange the statement that stores the state and the one that makes it; or take the other rows."""
    for step in patterns.steps(code):
        f, body = step.f, step.loop.body
        if step.statement in body:
            for stored in body[: body.index(step.statement)]:
                if _stores(stored):
                    made, kept = f.text_of_statement(step.statement), f.text_of_statement(stored)
                    edits = f.put_statement(stored, made), f.put_statement(step.statement, kept)
                    yield sighting(f, stored, *edits)
    for f, value in patterns.results(code):
        for node in ast.walk(value):
            match node:
                case ast.Subscript(value=rows, slice=ast.Slice(lower=None, upper=ast.UnaryOp())):
                    yield sighting(f, node, f.put(node, f"{f.text(rows)}[1:]"))


def _stores(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="append"))):
            return True
        case ast.Assign(targets=[ast.Subscript()]) | ast.AugAssign(value=ast.List()):
            return True
    return False


BUG = KnownBug(
    name="shifted-states",
    about=("stacking.first-row", *CARRYING),
    message="{where} stores each state before its step instead of after it: the rows are one late",
    korean="{where}: 상태를 계산한 뒤가 아니라 계산하기 전에 저장합니다. 행이 하나씩 밀립니다",
    changes=(change(stored=lambda moments: moments[-2].state),),
    find=find,
)
