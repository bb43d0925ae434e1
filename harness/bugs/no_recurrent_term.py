"""The state before plays no part in the new one.

What it does
    Each state is computed from its input alone.
Why it is wrong
    Without Wh·h_{t-1} there is no memory, and no recurrence.
Why it hides
    Shapes and ranges are right, and the numbers change with every input.
Example
    np.tanh(np.dot(Wx, x) + b)
Instead
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)
"""

from collections.abc import Iterator

import numpy as np

from harness.bugs import patterns
from harness.bugs.framework import CARRYING, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
새 상태에 이전 상태가 들어가지 않는다.

하는 일
    상태를 그 시점의 입력만으로 계산한다.
왜 틀렸나
    Wh·h_{t-1}이 없으면 기억이 없고, 순환도 없다.
왜 안 보이나
    모양과 범위가 맞고, 숫자가 입력마다 달라진다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Add a product with Wh, written like the one with Wx."""
    for product in patterns.products(code):
        f = product.f
        Wh, h = f.name_of("Wh"), f.name_of("hidden_state_t") or f.name_of("hidden_state_0")
        if product.word == "Wx" and Wh and h:
            yield sighting(f, product.node, f.after(product.node, f" + {patterns.like(product, Wh, h)}"))


BUG = KnownBug(
    name="no-recurrent-term",
    about=("numerics.recurrent-term", *CARRYING),
    message="{where} leaves out Wh·h_(t-1): the new state does not depend on the one before",
    korean="{where}: Wh·h_(t-1)이 없습니다. 새 상태가 이전 상태와 무관합니다",
    changes=(change(state_term=lambda W, h: np.zeros(W.shape[0], dtype=np.longdouble)),),
    find=find,
)
