"""The output is read from the wrong hidden state.

What it does
    It is read from the first state, or from a mean of all, instead of from the last.
Why it is wrong
    Only the last hidden state has seen the whole sequence.
Why it hides
    Shapes are right, and with one timestep the numbers are, too.
Example
    output_layer(total_hidden_states[0], Wy, by, activation)
Instead
    output_layer(total_hidden_states[-1], Wy, by, activation)
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace

from harness.bugs import patterns
from harness.bugs.framework import Change, KnownBug, Sighting
from harness.bugs.patterns import sighting
from harness.bugs.source import Code
from harness.model import Extended

KOREAN = """\
엉뚱한 상태에서 출력을 읽는다.

하는 일
    마지막 상태 대신 첫 상태나 평균에서 읽는다.
왜 틀렸나
    마지막 은닉 상태만이 시퀀스 전체를 보았다.
왜 안 보이나
    모양이 맞고, 시점이 하나이면 숫자도 같다.
"""


def _reading(what: str, read_out: Callable[[Extended], Extended]) -> Change:
    return Change(lambda right: replace(right, read_out=read_out), {"what": what})


def find(code: Code) -> Iterator[Sighting]:
    """Read from the last row."""
    for f in code.functions:
        for node in f.nodes:
            match node:
                case ast.Subscript(value=rows, slice=ast.Constant(value=0) | ast.UnaryOp()) if not _is_shape(rows):
                    yield sighting(f, node, f.put(node, f"{f.text(rows)}[-1]"))
                case ast.Call(args=[rows, *_]) if patterns.called(node) in _REDUCTIONS:
                    yield sighting(f, node, f.put(node, f"{f.text(rows)}[-1]"))
                case ast.Call(func=ast.Attribute(value=rows)) if patterns.called(node) in _REDUCTIONS:
                    yield sighting(f, node, f.put(node, f"{f.text(rows)}[-1]"))


_REDUCTIONS = {"mean", "sum", "max", "average", "amax"}


def _is_shape(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "shape"


BUG = KnownBug(
    name="wrong-state-read-out",
    about=("models.many-to-one", "models.encoder-decoder"),
    message="{where} reads from {what}; many-to-one and the encoder read from the last hidden state",
    korean="{where}: {what}에서 읽습니다. 다 대 일과 인코더는 마지막 은닉 상태에서 읽습니다",
    changes=(
        _reading("the first state", lambda states: states[..., 0, :]),
        _reading("the mean of all states", lambda states: states.mean(axis=-2)),
        _reading("the sum of all states", lambda states: states.sum(axis=-2)),
        _reading("the largest of all states", lambda states: states.max(axis=-2)),
        _reading("the state before the last", lambda states: states[..., -2:, :][..., 0, :]),
    ),
    find=find,
)
