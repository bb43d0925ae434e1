"""The rows come back in reverse order.

What it does
    The last state is the first row.
Why it is wrong
    Row t is the state after input t.
Why it hides
    Every number is right; only its place is not.
Example
    total_hidden_states.insert(0, output_t)
Instead
    total_hidden_states.append(output_t)
"""

import numpy as np

from harness.bugs import patterns
from harness.bugs.framework import CARRYING, KnownBug, change

KOREAN = """\
행이 거꾸로 된 순서로 나온다.

하는 일
    마지막 상태가 첫 행이다.
왜 틀렸나
    t번째 행은 입력 t 다음의 상태이다.
왜 안 보이나
    숫자는 모두 맞고, 자리만 틀렸다.
"""


BUG = KnownBug(
    name="rows-reversed",
    about=("stacking.rows-in-order", *CARRYING),
    message="{where} returns its rows in reverse order",
    korean="{where}: 행을 거꾸로 된 순서로 돌려줍니다",
    changes=(change(stacked=lambda rows, start: np.stack(rows[::-1], axis=-2)),),
    find=patterns.forwards,
)
