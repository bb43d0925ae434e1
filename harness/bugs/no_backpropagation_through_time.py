"""Nothing goes back through time: each row's gradient ends at its own step.

What it does
    Each step is taken back with the gradient of its own row alone.
Why it is wrong
    A state also decides all later rows; what they owe to it comes back by the step after it, and must be added.
Why it hides
    The last timestep is right, the shapes are right, and training still lowers the loss.
Example
    dx, dh_prev, *_ = rnn_step_backward(dh[:, t], cache[t])
Instead
    dx, dh_prev, *_ = rnn_step_backward(dh[:, t] + dh_prev, cache[t])
"""

import ast
from collections.abc import Iterator

from harness.bugs import patterns
from harness.bugs.framework import KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code, Function

KOREAN = """\
시간을 거슬러 역전파하지 않는다.

하는 일
    시점마다 자기 행의 기울기만으로 거슬러 간다.
왜 틀렸나
    상태는 그 뒤의 모든 행에도 영향을 준다. 뒤 시점에서 돌아오는 기울기를 더해야 한다.
왜 안 보이나
    마지막 시점은 맞고 모양도 맞으며, 학습을 하면 손실도 줄어든다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Add what came back from the step after, by each name that the loop assigns and that was there before it."""
    for f, loop in patterns.loops(code):
        for row in _rows(f, loop):
            for name in _carried(f, loop):
                yield sighting(f, row, f.put(row, f"({f.text(row)} + {name})"))


def _rows(f: Function, loop: ast.AST) -> Iterator[ast.Subscript]:
    """Where a loop reads a row of the upstream gradient."""
    for node in ast.walk(loop):
        match node:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Load()) if f.words.get(name) == "dtotal_hidden_states":
                yield node


def _carried(f: Function, loop: ast.stmt) -> Iterator[str]:
    before = {
        node.id
        for node in f.nodes
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.lineno < loop.lineno
    }
    assigned = [node.id for node in ast.walk(loop) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    yield from (name for name in dict.fromkeys(assigned) if name in before)


BUG = KnownBug(
    name="no-backpropagation-through-time",
    about=("backward.through-time", "backward.layer-inputs", "backward.layer-weights"),
    message="{where} does not go back through time: what later rows owe to a state is left out",
    korean="{where}: 시간을 거슬러 역전파하지 않습니다. 뒤 시점에서 돌아오는 기울기를 더하지 않습니다",
    changes=(change(from_later=lambda own, later: own),),
    find=find,
)
