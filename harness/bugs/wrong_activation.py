"""Another function takes the place of tanh.

What it does
    The sum is bent by a sigmoid, by ReLU or the like.
Why it is wrong
    The cell of a vanilla RNN has tanh. A sigmoid keeps states in (0, 1), ReLU above 0, and each next step reads them.
Why it hides
    Shapes are right, and a sigmoid is a familiar sight: the output layer has one.
Example
    1 / (1 + np.exp(-(np.dot(Wx, x) + np.dot(Wh, h) + b)))
Instead
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from harness.bugs import patterns
from harness.bugs.framework import FORMULA, Change, KnownBug, Sighting
from harness.bugs.patterns import sighting
from harness.bugs.source import Code, Function
from harness.model import Extended
from reference import rnn

KOREAN = """\
tanh 대신 다른 활성화 함수를 쓴다.

하는 일
    합에 시그모이드, ReLU, 또는 그 밖의 함수를 쓴다.
왜 틀렸나
    바닐라 RNN의 셀은 tanh를 쓴다. 시그모이드는 상태를 (0, 1)에, ReLU는 0 이상에 가두고, 다음 시점이 그 상태를 읽는다.
왜 안 보이나
    모양이 같고, 시그모이드는 출력층에서 쓰이므로 눈에 익다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Put tanh in the place of whatever bends a sum."""
    for f in code.functions:
        for node in f.nodes:
            match node:
                case ast.BinOp(op=ast.Div(), left=ast.Constant()) if (z := _of_sigmoid(node)) is not None:
                    yield sighting(f, node, f.put(node, f"np.tanh({f.text(z)})"))
                case ast.Call(func=ast.Attribute(attr="maximum") | ast.Name(id="maximum"), args=[left, right]):
                    z = right if isinstance(left, ast.Constant) else left
                    yield sighting(f, node, f.put(node, f"np.tanh({f.text(z)})"))
                case ast.Call(args=[z, *_]) if patterns.called(node) not in ("tanh", *_NO_ACTIVATION) and _is_sum(f, z):
                    yield sighting(f, node, f.put(node, f"np.tanh({f.text(z)})"))


#: Calls that have a sum for their argument and do not bend it.
_NO_ACTIVATION = ("exp", "append", "stack", "array", "print", "asarray", "copy", "dot", "matmul", "reshape")


def _is_sum(f: Function, node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.BinOp) and f.word(node) is None


def _of_sigmoid(division: ast.BinOp) -> ast.expr | None:
    """The ``z`` of ``1 / (1 + np.exp(-z))``."""
    for part in ast.walk(division.right):
        match part:
            case ast.Call(args=[ast.UnaryOp(op=ast.USub(), operand=z)]) if patterns.called(part) == "exp":
                return z
    return None


def _other(what: str, function: Callable[[Extended], Extended]) -> Change:
    return Change(lambda right: replace(right, activation=function), {"what": what})


BUG = KnownBug(
    name="wrong-activation",
    about=FORMULA,
    message="{where} bends the sum by {what}; the cell's activation is tanh",
    korean="{where}: 합에 {what} 함수를 씁니다. 셀의 활성화 함수는 tanh입니다",
    changes=(
        _other("sigmoid", rnn.sigmoid),
        _other("ReLU", lambda z: np.maximum(z, 0)),
        _other("softsign", lambda z: z / (1 + np.abs(z))),
        _other("arctan", np.arctan),
        _other("sin", np.sin),
        _other("clip", lambda z: np.clip(z, -1, 1)),
        _other("softmax", rnn.softmax),
    ),
    find=find,
)
