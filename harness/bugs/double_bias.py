"""The bias is added twice.

What it does
    Both terms bring the bias along.
Why it is wrong
    The formula has one bias; two are as wrong as none.
Why it hides
    Where the bias starts as zeros nothing can be seen.
Example
    np.tanh((np.dot(Wx, x) + b) + (np.dot(Wh, h) + b))
Instead
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)
"""

import ast
from collections.abc import Iterator

from harness.bugs.framework import FORMULA, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
편향을 두 번 더한다.

하는 일
    두 항이 저마다 편향을 더한다.
왜 틀렸나
    식에는 편향이 하나뿐이다. 두 번 더하는 것도 빼먹는 것만큼 틀리다.
왜 안 보이나
    편향을 0으로 초기화해 두면 아무것도 드러나지 않는다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Take one of the biases away; the last one first."""
    found = []
    for f in code.functions:
        for node in f.nodes:
            match node:
                case ast.BinOp(op=ast.Add(), left=left, right=right) if f.word(right) == "b":
                    found.append(sighting(f, right, f.put(node, f.text(left))))
                case ast.BinOp(op=ast.Add(), left=left, right=right) if f.word(left) == "b":
                    found.append(sighting(f, left, f.put(node, f.text(right))))
                case ast.BinOp(op=ast.Mult(), left=ast.Constant(value=2), right=right) if f.word(right) == "b":
                    found.append(sighting(f, node, f.put(node, f.text(right))))
                case ast.AugAssign(op=ast.Add(), target=ast.Name(), value=value) if f.word(value) == "b":
                    found.append(sighting(f, node, f.put(node, "pass")))
    yield from reversed(found)


BUG = KnownBug(
    name="double-bias",
    about=("numerics.bias-term", *FORMULA),
    message="{where} adds the bias b twice",
    korean="{where}: 편향 b를 두 번 더합니다",
    changes=(change(bias=lambda b: 2 * b),),
    find=find,
)
