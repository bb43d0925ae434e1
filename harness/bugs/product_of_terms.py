"""The input term and the recurrent term are multiplied instead of added.

What it does
    The pre-activation is (Wx·x) * (Wh·h) + b.
Why it is wrong
    The formula is a sum; with a state of zeros the product forgets the input.
Why it hides
    Some notes write the sum with a * in a comment, and both have the same shape.
Example
    np.tanh(np.dot(Wx, x) * np.dot(Wh, h) + b)
Instead
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)
"""

import ast
from collections.abc import Iterator

from harness.bugs import patterns
from harness.bugs.framework import FORMULA, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
입력 항과 순환 항을 더하지 않고 곱한다.

하는 일
    합 대신 (Wx·x) * (Wh·h) + b를 쓴다.
왜 틀렸나
    식은 합이다. 상태가 0이면 곱은 입력을 잊어버린다.
왜 안 보이나
    어떤 강의 노트는 주석에 합을 *로 적어 두고, 둘은 모양도 같다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Put a plus between two products with weights, or between names."""
    for f in code.functions:
        inner = {product.node for product in patterns.products(Code(code.source, (f,)))}
        for node in f.nodes:
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and node not in inner:
                yield sighting(f, node, f.put(node, f"{f.text(node.left)} + {f.text(node.right)}"))
            elif isinstance(node, ast.Call) and patterns.called(node) == "multiply" and len(node.args) == 2:
                yield sighting(f, node, f.put(node, f"({f.text(node.args[0])} + {f.text(node.args[1])})"))


BUG = KnownBug(
    name="product-of-terms",
    about=FORMULA,
    message="{where} multiplies Wx·x by Wh·h; they are added",
    korean="{where}: Wx·x와 Wh·h를 곱합니다. 더해야 합니다",
    changes=(change(total=lambda x, h, b: x * h + b),),
    find=find,
)
