"""The bias is never added.

What it does
    The pre-activation is Wx·x + Wh·h.
Why it is wrong
    The bias moves each unit off zero; without it a zero input and a zero state give zero for ever.
Why it hides
    Where the bias starts as zeros, as it usually does, nothing can be seen.
Example
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h))
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
편향을 더하지 않는다.

하는 일
    합에 Wx·x와 Wh·h만 있다.
왜 틀렸나
    식은 tanh(Wx·x + Wh·h + b)이다. 편향이 없으면 입력과 상태가 모두 0일 때 상태는 언제나 0이다.
왜 안 보이나
    편향을 0으로 초기화해 두면 차이가 나지 않는다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Add the bias to each sum."""
    for f, term in patterns.terms(code):
        b = f.name_of("b")
        if b and not any(f.word(part) == "b" for part in ast.walk(term)):
            yield sighting(f, term, f.after(term, f" + {b}"))


BUG = KnownBug(
    name="missing-bias",
    about=("numerics.bias-term", *FORMULA),
    message="{where} leaves out the bias b",
    korean="{where}: 편향 b를 더하지 않습니다",
    changes=(change(bias=lambda b: 0 * b),),
    find=find,
)
