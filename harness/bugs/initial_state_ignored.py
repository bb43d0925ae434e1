"""An initial state that is given is not used.

What it does
    The layer always starts from zeros.
Why it is wrong
    Whoever passes an initial state, a decoder above all, wants the recurrence to go on from it.
Why it hides
    Without an initial state everything is right.
Example
    hidden_state_t = np.zeros(hidden_size)
Instead
    hidden_state_t = np.zeros(hidden_size) if hidden_state_0 is None else hidden_state_0
"""

import ast
from collections.abc import Iterator

from harness.bugs import patterns
from harness.bugs.framework import MODELS, Evidence, KnownBug, Shown, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code
from harness.dialects import takes_no_initial_state
from harness.model import Outcome

KOREAN = """\
주어진 초기 은닉 상태를 무시한다.

하는 일
    무엇을 받든 0에서 시작한다.
왜 틀렸나
    초기 은닉 상태를 받으면 첫 시점은 거기서 시작한다. 디코더가 바로 그렇게 쓴다.
왜 안 보이나
    초기 상태를 주지 않는 시험은 모두 통과한다.
"""


def sign(seen: Evidence) -> Shown | None:
    """The layer has no parameter for it."""
    replies = [reply for key, reply in seen.replies.items() if key.startswith("layer.initial-state|")]
    asked = any(one.id == "stacking.initial-state" and one.outcome is Outcome.RAISED for one in seen.checks)
    return Shown() if asked and any(takes_no_initial_state(reply) for reply in replies) else None


def find(code: Code) -> Iterator[Sighting]:
    """Make zeros only where no state is given."""
    for f in code.functions:
        given = next((name for name, word in f.words.items() if word == "hidden_state_0"), None)
        if f.entry != "layer" or not isinstance(f.node, ast.FunctionDef):
            continue
        arguments = f.node.args
        last: ast.expr | ast.arg = (arguments.defaults or arguments.args)[-1]
        new = (f.after(last, ", hidden_state_0=None"),) if given is None else ()
        name = given or "hidden_state_0"
        for node in f.nodes:
            match node:
                case ast.Assign(value=ast.Call() as call) if patterns.called(call) in ("zeros", "zeros_like"):
                    edits = *new, f.after(call, f" if {name} is None else {name}")
                    yield sighting(f, node, *edits)


BUG = KnownBug(
    name="initial-state-ignored",
    about=("stacking.initial-state", *MODELS),
    message="{where} takes no notice of an initial state: it starts from zeros whatever it is given",
    korean="{where}: 주어진 초기 은닉 상태를 무시하고 0에서 시작합니다",
    changes=(change(start=lambda zeros, given: zeros),),
    find=find,
    sign=sign,
)
