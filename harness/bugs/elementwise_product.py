"""A weight and a vector are multiplied element by element.

What it does
    ``*`` takes the place of ``@`` or np.dot.
Why it is wrong
    Each element of Wh·h is a sum over a row; ``*`` does not sum, and leaves a matrix (hidden_size, hidden_size).
Why it hides
    Broadcasting lets it pass, and with hidden_size 1 even the numbers agree.
Example
    np.tanh(np.dot(Wx, x) + Wh * h + b)
Instead
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)
"""

import ast
from collections.abc import Iterator
from dataclasses import replace

from harness.bugs import patterns
from harness.bugs.framework import EVERYTHING, Change, KnownBug, Sighting
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
행렬 곱 대신 원소별 곱을 쓴다.

하는 일
    `@`나 np.dot 대신 `*`로 가중치와 벡터를 곱한다.
왜 틀렸나
    Wh·h의 각 원소는 한 행과 h의 내적이다. `*`는 더하지 않으므로 (hidden_size, hidden_size) 행렬이 남는다.
왜 안 보이나
    브로드캐스팅 덕분에 오류가 나지 않고, hidden_size가 1이면 숫자도 같다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Put a matrix product in the place of each ``*`` with a weight."""
    stars = [product for product in patterns.products(code) if _is_elementwise(product.node)]
    for product in stars:
        f, weight, vector = product.f, product.f.text(product.weight), product.f.text(product.vector)
        for mended in (f"{vector} @ {weight}.T", f"{weight} @ {vector}", f"{vector} @ {weight}"):
            yield sighting(f, product.node, f.put(product.node, f"({mended})"))
    if len(stars) > 1:
        edits = [one.f.put(one.node, f"({one.f.text(one.vector)} @ {one.f.text(one.weight)}.T)") for one in stars]
        yield sighting(stars[0].f, stars[0].node, *edits)


def _is_elementwise(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Mult)
    return isinstance(node, ast.Call) and patterns.called(node) == "multiply"


BUG = KnownBug(
    name="elementwise-product",
    about=("shapes.cell-output", *EVERYTHING),
    message="{where} multiplies {what} element by element (`*`); a weight and a vector are multiplied by `@` or np.dot",
    korean="{where}: {what}의 곱을 원소별로(`*`) 계산합니다. 가중치와 벡터는 `@`나 np.dot으로 곱합니다",
    changes=(
        Change(lambda right: replace(right, state_term=lambda W, h: W * h), {"what": "Wh·h"}),
        Change(lambda right: replace(right, input_term=lambda W, x: W * x), {"what": "Wx·x"}),
        Change(
            lambda right: replace(right, input_term=lambda W, x: W * x, state_term=lambda W, h: W * h),
            {"what": "Wx·x, Wh·h"},
        ),
    ),
    find=find,
)
