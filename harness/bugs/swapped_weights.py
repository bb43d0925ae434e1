"""Wx is applied to the state and Wh to the input.

What it does
    The sum is Wh·x + Wx·h, which fits only where input_size equals hidden_size.
Why it is wrong
    Each weight belongs to its own vector.
Why it hides
    It is silent when the sizes are equal.
Example
    np.tanh(np.dot(Wh, x) + np.dot(Wx, h) + b)
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
Wx를 상태에, Wh를 입력에 곱한다.

하는 일
    합이 Wh·x + Wx·h가 되고, input_size와 hidden_size가 같을 때만 계산된다.
왜 틀렸나
    가중치마다 제 벡터가 있다.
왜 안 보이나
    두 크기가 같으면 조용히 지나간다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Exchange the weights of a formula, or of the call of a cell."""
    for f in code.functions:
        found = {product.word: product for product in patterns.products(Code(code.source, (f,)))}
        if "Wx" in found and "Wh" in found:
            x, h = found["Wx"], found["Wh"]
            edits = (f.put(_bare(x.weight), f.text(_bare(h.weight))), f.put(_bare(h.weight), f.text(_bare(x.weight))))
            yield sighting(f, x.node, *edits)
        for node in f.nodes:
            if isinstance(node, ast.Call):
                words = [f.word(one) for one in node.args]
                if words.count("Wx") == words.count("Wh") == 1:
                    x_argument, h_argument = node.args[words.index("Wx")], node.args[words.index("Wh")]
                    edits = f.put(x_argument, f.text(h_argument)), f.put(h_argument, f.text(x_argument))
                    yield sighting(f, node, *edits)


def _bare(weight: ast.expr) -> ast.expr:
    return weight.value if isinstance(weight, ast.Attribute) and weight.attr == "T" else weight


BUG = KnownBug(
    name="swapped-weights",
    about=("numerics.input-term", *FORMULA),
    message="{where} applies Wh to the input and Wx to the state: they are swapped",
    korean="{where}: Wh를 입력에, Wx를 상태에 곱합니다. 서로 바뀌었습니다",
    changes=(change(weights=lambda w: (w[1], w[0], w[2])),),
    find=find,
)
