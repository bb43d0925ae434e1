"""The function is right, but in another convention than the assignment's.

What it does
    It takes or returns arrays laid out in another way, or its arguments in another order: weights as (input_size,
    hidden_size), time before batch, a tuple with a cache.
Why it is wrong
    Whoever calls it passes what the assignment says, and gets an error, or numbers that mean something else.
Why it hides
    Each course has its own convention, and in that of the course that it is from the code is right.
Example
    def rnn_cell(x, h, Wx, Wh, b):        # asked for: Wx (hidden_size, input_size)
        return np.tanh(x @ Wx + h @ Wh + b)
Instead
    def rnn_cell(x, h, Wx, Wh, b):
        return np.tanh(x @ Wx.T + h @ Wh.T + b)
"""

from collections.abc import Iterator

from harness.bugs import patterns
from harness.bugs.framework import Evidence, KnownBug, Shown, Sighting
from harness.bugs.source import Code

KOREAN = """\
함수는 맞지만 과제와 다른 규약을 따른다.

하는 일
    배열의 축 순서나 인수의 순서가 과제와 다르다. 가중치가 (input_size, hidden_size)이거나, 시점이 배치보다
    앞이거나, 캐시와 함께 튜플을 돌려준다.
왜 틀렸나
    부르는 쪽은 과제가 정한 대로 넘긴다. 그러면 오류가 나거나 뜻이 다른 값이 나온다.
왜 안 보이나
    규약은 강의마다 다르고, 그 코드가 나온 강의에서는 맞는 코드이다.
"""


def sign(seen: Evidence) -> Shown | None:
    """It was tried in other conventions, and is right in one."""
    if seen.dialect is None:
        return None
    first = seen.loaded.entries[seen.dialect.entries[0]]
    return Shown({"how": seen.dialect.how}, first.place, twin=True, entries=seen.dialect.entries)


def find(code: Code) -> Iterator[Sighting]:
    """Turn each weight around where it is used, all at once."""
    turned = [one for word in ("Wx", "Wh") for one in patterns.turned_around(word, code)]
    if turned:
        first = min(turned, key=lambda one: one.place.line)
        yield Sighting(first.place, {}, tuple(edit for one in turned for edit in one.edits))


BUG = KnownBug(
    name="other-convention",
    about=(
        "shapes.cell-output",
        "numerics.cell",
        "numerics.input-term",
        "shapes.layer-output",
        "stacking.first-row",
        "batches.each-sample",
    ),
    message="{where} follows another convention than this assignment's, and is right in that one: {how}",
    korean="{where}: 과제와 다른 규약을 따르며, 그 규약으로는 맞습니다: {how}",
    sign=sign,
    find=find,
)
