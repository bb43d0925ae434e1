"""Without a given initial state the layer starts from ones.

What it does
    The first step sees a state of ones.
Why it is wrong
    The agreed initial state is zeros: there is nothing to remember yet.
Why it hides
    Later rows forget where they came from, so only the first ones look odd.
Example
    hidden_state_t = np.ones(hidden_size)
Instead
    hidden_state_t = np.zeros(hidden_size)
"""

from collections.abc import Iterator

import numpy as np

from harness.bugs import patterns
from harness.bugs.framework import FORMULA, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
초기 은닉 상태가 0이 아니라 1이다.

하는 일
    첫 시점이 1로 된 상태를 본다.
왜 틀렸나
    약속한 초기 은닉 상태는 0이다. 아직 기억할 것이 없기 때문이다.
왜 안 보이나
    뒤의 행들은 어디서 왔는지 잊으므로 처음 몇 행만 이상하다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Make zeros instead of ones."""
    for f, call in patterns.calls(code, "ones", "ones_like", "full"):
        if patterns.called(call) == "full":
            yield sighting(f, call, f.put(call, f"np.zeros({f.text(call.args[0])})"))
        else:
            yield sighting(f, call, f.put(call.func, f.text(call.func).replace("ones", "zeros")))


BUG = KnownBug(
    name="initial-state-not-zero",
    about=("stacking.first-row", *FORMULA),
    message="{where} starts from a state of ones, but should start from zeros",
    korean="{where}: 은닉 상태가 1에서 시작합니다. 0에서 시작해야 합니다",
    changes=(change(start=lambda zeros, given: np.ones_like(zeros) if given is None else given),),
    find=find,
)
