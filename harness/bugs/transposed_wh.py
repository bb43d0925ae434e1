"""Wh is used transposed.

What it does
    The recurrent term is Wh^T·h.
Why it is wrong
    Row i of Wh says how the old state feeds unit i; transposed, column i does.
Why it hides
    Wh is square, so both products have the right shape.
Example
    np.tanh(np.dot(Wx, x) + np.dot(h, Wh) + b)
Instead
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)
"""

from functools import partial

from harness.bugs import patterns
from harness.bugs.framework import FORMULA, KnownBug, change

KOREAN = """\
Wh를 전치해서 곱한다.

하는 일
    Wh·h 대신 Wh의 전치를 곱한다.
왜 틀렸나
    h_t[i]는 Wh의 i번째 행과 h_{t-1}의 내적이다. 전치하면 유닛 사이의 연결이 거꾸로 된다.
왜 안 보이나
    Wh는 정사각 행렬이라 모양이 언제나 맞는다.
"""


BUG = KnownBug(
    name="transposed-wh",
    about=("numerics.recurrent-term", *FORMULA),
    message="{where} multiplies by Wh transposed",
    korean="{where}: Wh를 전치해서 곱합니다",
    changes=(change(weights=lambda w: (w[0], w[1].T, w[2])),),
    find=partial(patterns.turned_around, "Wh"),
)
