"""The hidden state outlives the call.

What it does
    The state is kept on the object or in a global, and not set back when a new sequence begins.
Why it is wrong
    The state of one sequence says nothing about the next; the same call must give the same answer.
Why it hides
    The first call is always right.
Example
    def forward(self, inputs):
        for input_t in inputs:
            self.h = np.tanh(self.Wx @ input_t + self.Wh @ self.h + self.b)
Instead
    def forward(self, inputs):
        self.h = np.zeros(self.b.shape)
        for input_t in inputs:
            self.h = np.tanh(self.Wx @ input_t + self.Wh @ self.h + self.b)
"""

import ast
from collections.abc import Iterator

import numpy as np

from harness.bugs import patterns
from harness.bugs.framework import Evidence, KnownBug, Shown, Sighting
from harness.bugs.patterns import sighting
from harness.bugs.source import Code, Function
from harness.convention import canonical
from reference import rnn

KOREAN = """\
은닉 상태가 다음 호출까지 살아남는다.

하는 일
    상태를 객체나 전역 변수에 두고, 호출할 때 되돌리지 않는다.
왜 틀렸나
    한 시퀀스의 상태는 다음 시퀀스와 아무 상관이 없다. 같은 호출은 같은 답을 내야 한다.
왜 안 보이나
    처음 한 번은 언제나 맞다.
"""


def sign(seen: Evidence) -> Shown | None:
    """The second of two equal calls starts from the last state of the first."""
    name = "layer.plain"
    reply = seen.replies.get(f"{name}|2|False")
    if reply is None or name not in seen.bank.canonical or len(reply.values) != 2:
        return None
    case = seen.bank.canonical[name]
    entry = next(one for one in seen.assignment.entries if one.name == case.entry)
    values = reply.about(case.part).values
    first, second = (canonical(value, seen.bank.cases[name], entry, seen.assignment) for value in values)
    if first is None or second is None or first.shape != case.expected.shape != () or second.shape != first.shape:
        return None
    inputs, Wx, Wh, b = (np.asarray(one, dtype=np.longdouble) for one in case.arguments[:4])
    went_on = rnn.rnn_layer(inputs, Wx, Wh, b, first[..., -1, :].astype(np.longdouble))
    near = 1e3 * float(case.allowed.max())
    if np.abs(second - went_on).max() <= near < np.abs(second - first).max():
        return Shown(twin=True)
    return None


def find(code: Code) -> Iterator[Sighting]:
    """Set the state back where the layer begins."""
    for f in code.functions:
        b = f.name_of("b")
        if f.entry != "layer" or not isinstance(f.node, ast.FunctionDef) or b is None:
            continue
        kept = {f.text(read) for step in patterns.steps(code) for read in step.reads}
        attributes = [node for g in code.functions for node in g.nodes if isinstance(node, ast.Attribute)]
        kept |= {f"self.{node.attr}" for node in attributes if _is_kept(f, node)}
        for state in sorted(kept):
            if state.startswith("self.") or any(
                state in one.names for one in f.node.body if isinstance(one, ast.Global)
            ):
                yield sighting(f, f.first, f.line_before(f.first, f"{state} = np.zeros({b}.shape)"))


def _is_kept(f: Function, node: ast.Attribute) -> bool:
    is_own = isinstance(node.value, ast.Name) and node.value.id == "self"
    return is_own and f.word(node) in ("hidden_state_t", "hidden_state_0")


BUG = KnownBug(
    name="state-survives-call",
    about=("conduct.same-call-twice",),
    message="{where} goes on from where the call before it ended: the state is not set back to zeros",
    korean="{where}: 이전 호출이 끝난 상태에서 이어서 시작합니다. 상태를 0으로 되돌리지 않습니다",
    find=find,
    sign=sign,
)
