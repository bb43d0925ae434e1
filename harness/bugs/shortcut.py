"""A ready-made RNN does the work.

What it does
    torch.nn.RNN, Keras' SimpleRNN or the like stands in for cell and layer.
Why it is wrong
    The assignment is to write them by hand.
Why it hides
    Every number may be right.
Example
    output, _ = torch.nn.RNN(input_size, hidden_size)(inputs)
Instead
    for input_t in inputs:
        hidden_state_t = np.tanh(np.dot(Wx, input_t) + np.dot(Wh, hidden_state_t) + b)
"""

import re
from collections.abc import Iterator

from harness.bugs import patterns
from harness.bugs.framework import EVERYTHING, Evidence, KnownBug, Shown, Sighting
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
이미 만들어진 RNN을 부른다.

하는 일
    torch.nn.RNN이나 Keras의 SimpleRNN이 셀과 층을 대신한다.
왜 틀렸나
    과제는 셀과 층을 손으로 쓰는 것이다.
왜 안 보이나
    숫자는 모두 맞을 수 있다.
"""


_REFUSED = re.compile(
    r"(torch\.nn\.\w+) is a ready-made RNN|((?:tensorflow|keras|jax|flax|mxnet|torch)[\w.]*) is not available"
)
_READY_MADE = {"RNN", "RNNCell", "LSTM", "LSTMCell", "GRU", "GRUCell", "SimpleRNN", "SimpleRNNCell"}


def sign(seen: Evidence) -> Shown | None:
    """A call ended at what the worker refuses."""
    told = [(reply.message, reply.place) for reply in seen.replies.values()]
    told += [(problem.message, problem.place) for problem in seen.loaded.problems]
    for message, place in told:
        if found := _REFUSED.search(str(message)):
            return Shown({"name": found[1] or found[2]}, place)
    return None


def find(code: Code) -> Iterator[Sighting]:
    """Where it is made or called."""
    for f, call in patterns.calls(code, *_READY_MADE):
        yield sighting(f, call)


BUG = KnownBug(
    name="shortcut",
    about=EVERYTHING,
    message="{where} calls a ready-made RNN ({name}); this assignment asks for one made by hand",
    korean="{where}: 이미 만들어진 RNN({name})을 부릅니다. 이 과제는 직접 만들기를 요구합니다",
    find=find,
    sign=sign,
)
