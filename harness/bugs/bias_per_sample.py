"""The bias has one entry for each sample instead of one for each unit.

What it does
    ``b`` is turned into a column, (hidden_size, 1), or made (batch_size, hidden_size).
Why it is wrong
    The bias belongs to the units, and all samples and timesteps share it: (hidden_size,).
Why it hides
    Where there are as many samples as units, broadcasting lets it pass without a word.
Example
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b.reshape(-1, 1))
Instead
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)
"""

import ast
from collections.abc import Iterator

from harness.bugs import patterns
from harness.bugs.framework import EVERYTHING, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
편향이 유닛마다가 아니라 표본마다 하나씩이다.

하는 일
    b를 (hidden_size, 1)로 바꾸거나 (batch_size, hidden_size)로 만든다.
왜 틀렸나
    편향은 유닛마다 하나이고 모든 표본과 모든 시점이 함께 쓴다: (hidden_size,).
왜 안 보이나
    표본의 수가 유닛의 수와 같으면 브로드캐스팅이 아무 말 없이 통과시킨다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Use the bias as it is."""
    for f in code.functions:
        for node in f.nodes:
            match node:
                case ast.Subscript(value=b) if f.word(b) == "b" and "None" in ast.dump(node.slice):
                    yield sighting(f, node, f.put(node, f.text(b)))
                case ast.Subscript(value=b) if f.word(b) == "b" and "newaxis" in ast.dump(node.slice):
                    yield sighting(f, node, f.put(node, f.text(b)))
                case ast.Call(func=ast.Attribute(value=b, attr="reshape")) if f.word(b) == "b":
                    yield sighting(f, node, f.put(node, f.text(b)))
                case ast.Call(args=[b, *_]) if patterns.called(node) in _TURNS and f.word(b) == "b":
                    yield sighting(f, node, f.put(node, f.text(b)))


_TURNS = {"expand_dims", "reshape", "atleast_2d", "vstack"}


BUG = KnownBug(
    name="bias-per-sample",
    about=("numerics.bias-term", "shapes.own-weights", "shapes.cell-output", *EVERYTHING),
    message="{where} uses the bias as a column, so each sample has a bias of its own and not each unit",
    korean="{where}: 편향을 열로 써서, 유닛마다가 아니라 표본마다 편향이 따로 있습니다",
    changes=(change(bias=lambda b: b[:, None]),),
    find=find,
)
