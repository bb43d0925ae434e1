"""On the way back, Wh is multiplied the way it was on the way there.

What it does
    The gradient of the state before is Wh·da, as if it went forward.
Why it is wrong
    Going forward, h enters the sum by Wh·h; going back, what h owes to the sum comes by Wh^T·da.
Why it hides
    Wh is square, so the shapes fit, and nothing of the forward pass changes.
Example
    dh_prev = np.dot(da, Wh)        # after a = np.dot(h_prev, Wh)
Instead
    dh_prev = np.dot(da, Wh.T)
"""

from functools import partial

from harness.bugs import patterns
from harness.bugs.framework import KnownBug, change

KOREAN = """\
역전파에서 Wh를 전치하지 않는다.

하는 일
    이전 상태의 기울기를 순전파 때와 같은 방향으로 Wh에 곱한다.
왜 틀렸나
    순전파에서 h는 Wh·h로 합에 들어간다. 역전파에서는 전치한 Wh에 da를 곱해야 한다.
왜 안 보이나
    Wh는 정사각 행렬이라 모양이 맞고, 순전파의 결과는 그대로다.
"""

BUG = KnownBug(
    name="backward-wh-not-transposed",
    about=(
        "backward.cell-state",
        "backward.through-time",
        "backward.layer-initial-state",
        "backward.layer-inputs",
        "backward.layer-weights",
    ),
    message="{where} goes back through Wh the way it went forward: Wh is not transposed",
    korean="{where}: 역전파에서 Wh를 순전파와 같은 방향으로 곱합니다. 전치해야 합니다",
    changes=(change(to_state=lambda da, Wh: da @ Wh.T),),
    find=partial(patterns.turned_around, "Wh"),
)
