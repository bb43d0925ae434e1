"""tanh is applied twice.

What it does
    The state is tanh(tanh(...)).
Why it is wrong
    One activation is asked for; two squeeze every state towards zero.
Why it hides
    States stay in (-1, 1), and keep their signs.
Example
    h = np.tanh(cell(x, h))      # and cell applies tanh, too
Instead
    h = cell(x, h)
"""

import ast
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from harness.bugs import patterns
from harness.bugs.framework import FORMULA, Change, KnownBug, Sighting
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
tanh를 두 번 쓴다.

하는 일
    셀이 tanh를 쓰고, 층이 한 번 더 쓴다.
왜 틀렸나
    식에는 tanh가 하나이다. 한 번 더 쓰면 상태가 모두 작아진다.
왜 안 보이나
    값이 여전히 (-1, 1)에 있고 부호도 맞다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Take one tanh away, the outer ones first."""
    for f, call in patterns.activations(code):
        inner = call.args[0]
        bare = f.text(inner) if isinstance(inner, ast.Call | ast.Name | ast.Subscript) else f"({f.text(inner)})"
        if patterns.is_tanh(call):
            yield sighting(f, call, f.put(call, bare))


BUG = KnownBug(
    name="double-tanh",
    about=FORMULA,
    message="{where} applies tanh twice",
    korean="{where}: tanh를 두 번 씁니다",
    changes=(Change(lambda right: replace(right, activation=lambda z: np.tanh(right.activation(z)))),),
    find=find,
)
