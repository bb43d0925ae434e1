"""Each term has a tanh of its own.

What it does
    The state is tanh(Wx·x) + tanh(Wh·h) + b, or the like.
Why it is wrong
    tanh bends the sum; bent apart, the terms no longer weigh against each other, and states leave (-1, 1).
Why it hides
    For small numbers the two agree.
Example
    np.tanh(np.dot(Wx, x)) + np.tanh(np.dot(Wh, h)) + b
Instead
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)
"""

import ast
from collections.abc import Iterator

import numpy as np

from harness.bugs import patterns
from harness.bugs.framework import FORMULA, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
항마다 tanh를 따로 쓴다.

하는 일
    상태가 tanh(Wx·x) + tanh(Wh·h) + b 같은 것이 된다.
왜 틀렸나
    tanh는 합을 구부린다. 따로 구부리면 두 항이 더는 서로 겨루지 않고, 상태가 (-1, 1)을 벗어난다.
왜 안 보이나
    숫자가 작으면 둘은 거의 같다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Take the tanh from the terms, and put one around their sum."""
    for f in code.functions:
        for node in f.nodes:
            if not isinstance(node, ast.BinOp) or isinstance(f.parents.get(node), ast.BinOp):
                continue
            bent = [part for part in ast.walk(node) if patterns.is_tanh(part)]
            if len(bent) < 2:
                continue
            edits = [f.before(node, "np.tanh("), f.after(node, ")")]
            for call in bent:
                assert isinstance(call, ast.Call)
                edits += patterns.without(f, call, call.args[0])
            yield sighting(f, node, *edits)


BUG = KnownBug(
    name="tanh-per-term",
    about=FORMULA,
    message="{where} applies tanh to each term instead of to their sum",
    korean="{where}: 합이 아니라 항마다 tanh를 씁니다",
    changes=(
        change(total=lambda x, h, b: np.tanh(x) + np.tanh(h) + b, activation=lambda z: z),
        change(total=lambda x, h, b: np.tanh(x) + np.tanh(h + b), activation=lambda z: z),
        change(total=lambda x, h, b: np.tanh(x + b) + np.tanh(h), activation=lambda z: z),
        change(total=lambda x, h, b: np.tanh(x) + np.tanh(h) + np.tanh(b), activation=lambda z: z),
    ),
    find=find,
)
