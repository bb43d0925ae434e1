"""There is no tanh: the state is the bare sum.

What it does
    The pre-activation is returned as the state.
Why it is wrong
    Without tanh the recurrence is linear, and its states grow without limit.
Why it hides
    For small inputs tanh is nearly the identity.
Example
    np.dot(Wx, x) + np.dot(Wh, h) + b
Instead
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)
"""

from collections.abc import Iterator

from harness.bugs import patterns
from harness.bugs.framework import FORMULA, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
tanh가 없다.

하는 일
    상태가 합 그대로이다.
왜 틀렸나
    tanh가 없으면 층 전체가 선형이고, 상태가 (-1, 1)을 벗어나 시점이 지날수록 커질 수 있다.
왜 안 보이나
    모양은 맞고, 숫자가 작으면 tanh(x)와 x는 거의 같다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Put a tanh around each sum."""
    for f, term in patterns.terms(code):
        yield sighting(f, term, f.put(term, f"np.tanh({f.text(term)})"))


BUG = KnownBug(
    name="missing-activation",
    about=FORMULA,
    message="{where} leaves out the tanh: the state is the bare sum",
    korean="{where}: tanh가 없습니다. 합을 그대로 상태로 씁니다",
    changes=(change(activation=lambda z: z),),
    find=find,
)
