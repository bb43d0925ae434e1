"""A template was never filled in.

What it does
    The body is pass, None, or raise NotImplementedError.
Why it is wrong
    It was not attempted, rather than wrong.
Why it hides
    A template can be defined without an error.
Example
    def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
        pass
Instead
    def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
        return np.tanh(np.dot(Wx, input_t) + np.dot(Wh, hidden_state_t) + b)
"""

from harness.bugs.framework import EVERYTHING, Evidence, KnownBug, Shown

KOREAN = """\
틀을 채우지 않았다.

하는 일
    함수의 몸통이 pass, None, NotImplementedError이다.
왜 틀렸나
    시도하지 않은 것이지 틀린 것이 아니다.
왜 안 보이나
    틀은 오류 없이 정의된다.
"""


def sign(seen: Evidence) -> Shown | None:
    """An entry that the worker found unfinished."""
    for entry in seen.loaded.entries.values():
        if entry.unfinished:
            return Shown({"where": entry.name, "what": entry.unfinished}, entry.place)
    return None


BUG = KnownBug(
    name="not-attempted",
    about=("shapes.cell-output", *EVERYTHING),
    message="{where} is still the template (`{what}`): not attempted, rather than wrong",
    korean="{where}: 아직 틀 그대로입니다(`{what}`). 틀린 것이 아니라 시도하지 않은 것입니다",
    sign=sign,
)
