"""The derivative of the tanh is taken twice, or of the wrong thing.

What it does
    The gradient is multiplied by (1 − h²)², or by 1 − tanh(h)², where h is the tanh already.
Why it is wrong
    The slope of the tanh at a is 1 − tanh(a)². With h = tanh(a) that is 1 − h², once.
Why it hides
    For small states h and tanh(h) are nearly the same, and 1 − h² is nearly 1.
Example
    da = dh * (1 - np.tanh(h) ** 2)
Instead
    da = dh * (1 - h ** 2)
"""

import ast
from collections.abc import Iterator

import numpy as np

from harness.bugs.framework import Change, KnownBug, Sighting, change
from harness.bugs.patterns import is_tanh, sighting
from harness.bugs.source import Code
from harness.model import Extended

KOREAN = """\
tanh의 미분을 두 번 하거나 엉뚱한 곳에서 한다.

하는 일
    기울기에 (1 − h²)²를 곱하거나, 이미 tanh인 h에 다시 tanh를 씌워 1 − tanh(h)²를 곱한다.
왜 틀렸나
    a에서 tanh의 기울기는 1 − tanh(a)²이다. h = tanh(a)이므로 1 − h²를 한 번만 곱한다.
왜 안 보이나
    상태가 작으면 h와 tanh(h)가 거의 같고, 1 − h²는 거의 1이다.
"""


def _ways() -> Iterator[Change]:
    def at_the_state(h: Extended) -> Extended:
        return 1 - np.tanh(h) ** 2

    yield Change(change(slope=lambda h: (1 - h**2) ** 2).apply, {"how": "it multiplies by 1 − h² twice"})
    yield Change(change(slope=at_the_state).apply, {"how": "it takes 1 − tanh(h)², and h is the tanh already"})


def find(code: Code) -> Iterator[Sighting]:
    """Take the inner tanh, the square, or the second factor away."""
    for f in code.functions:
        for node in f.nodes:
            match node:
                case ast.BinOp(left=ast.Constant(value=1), op=ast.Sub(), right=right):
                    for part in ast.walk(right):
                        if isinstance(part, ast.Call) and is_tanh(part) and len(part.args) == 1:
                            yield sighting(f, node, f.put(part, f.text(part.args[0])))
                case ast.BinOp(left=ast.BinOp(op=ast.Sub()) as base, op=ast.Pow(), right=ast.Constant(value=2)):
                    yield sighting(f, node, f.put(node, f"({f.text(base)})"))
                case ast.BinOp(left=ast.BinOp(op=ast.Mult()) as once, op=ast.Mult(), right=ast.BinOp(op=ast.Sub())):
                    yield sighting(f, node, f.put(node, f.text(once)))
                case ast.AugAssign(op=ast.Mult(), value=ast.BinOp(op=ast.Sub())):
                    yield sighting(f, node, f.put_statement(node, "pass"))


BUG = KnownBug(
    name="tanh-derivative-twice",
    about=("backward.cell-input", "backward.cell-weights", "backward.layer-inputs", "backward.layer-weights"),
    message="{where} does not go back through the tanh as it should: {how}",
    korean="{where}: tanh를 잘못 거슬러 갑니다: {how}",
    changes=tuple(_ways()),
    find=find,
)
