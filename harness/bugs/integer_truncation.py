"""The states are stored as integers.

What it does
    A result of integers cuts every state to 0.
Why it is wrong
    States lie between -1 and 1; as integers nothing is left of them.
Why it hides
    The loop itself is right, and so are the shapes.
Example
    total_hidden_states = np.zeros((timesteps, hidden_size), dtype=int)
Instead
    total_hidden_states = np.zeros((timesteps, hidden_size))
"""

import ast
from collections.abc import Iterator

import numpy as np

from harness.bugs import patterns
from harness.bugs.framework import FORMULA, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code, Function

KOREAN = """\
상태를 정수로 저장한다.

하는 일
    정수 배열에 담으면 모든 상태가 0으로 잘린다.
왜 틀렸나
    상태는 -1과 1 사이에 있다. 정수로 바꾸면 남는 것이 없다.
왜 안 보이나
    반복문도 모양도 모두 맞다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Make the array of floating-point numbers, or leave the conversion out."""
    for f in code.functions:
        for node in f.nodes:
            match node:
                case ast.Call(func=ast.Attribute(value=value, attr="astype"), args=[kind]) if _is_integer(f, kind):
                    yield sighting(f, node, *patterns.without(f, node, value))
                case ast.Call() if given := patterns.keyword(node, "dtype"):
                    if _is_integer(f, given.value):
                        yield sighting(f, node, f.put(given.value, "float"))
                case ast.Call(args=[_, kind]) if _is_integer(f, kind):
                    yield sighting(f, node, f.put(kind, "float"))


def _is_integer(f: Function, kind: ast.expr) -> bool:
    return "int" in f.text(kind).lower()


BUG = KnownBug(
    name="integer-truncation",
    about=("stacking.first-row", *FORMULA),
    message="{where} stores its states as integers, which cuts them all to 0",
    korean="{where}: 상태를 정수로 저장해서 모두 0이 됩니다",
    changes=(
        change(stacked=lambda rows, start: np.trunc(np.stack(rows, axis=-2))),
        change(finish=lambda h, b: np.trunc(h)),
    ),
    find=find,
)
