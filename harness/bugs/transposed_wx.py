"""Wx is used transposed.

What it does
    The input term is x·Wx, which fits only where input_size equals hidden_size.
Why it is wrong
    Wx is (hidden_size, input_size): its rows belong to the units.
Why it hides
    It is silent when the sizes are equal, as in many a demo.
Example
    np.tanh(np.dot(x, Wx) + np.dot(Wh, h) + b)
Instead
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)
"""

from functools import partial

from harness.bugs import patterns
from harness.bugs.framework import FORMULA, KnownBug, change

KOREAN = """\
Wx를 전치해서 곱한다.

하는 일
    Wx·x 대신 Wx의 전치를 곱한다.
왜 틀렸나
    Wx의 행은 은닉 유닛, 열은 입력이다. 전치하면 엉뚱한 원소끼리 만난다.
왜 안 보이나
    input_size와 hidden_size가 같으면 오류 없이 계산된다.
"""


BUG = KnownBug(
    name="transposed-wx",
    about=("numerics.input-term", *FORMULA),
    message="{where} multiplies by Wx transposed",
    korean="{where}: Wx를 전치해서 곱합니다",
    changes=(change(weights=lambda w: (w[0].T, w[1], w[2])),),
    find=partial(patterns.turned_around, "Wx"),
)
