"""The sum is carried on, before its tanh.

What it does
    Each row is tanh of its sum, but the next step starts from the sum itself.
Why it is wrong
    The hidden state is what comes out of the tanh, and it is what the next step sees.
Why it hides
    The first row is right, and every row lies in (-1, 1).
Example
    a = Wx @ x + Wh @ a + b; states.append(np.tanh(a))
Instead
    h = np.tanh(Wx @ x + Wh @ h + b); states.append(h)
"""

import ast
from collections.abc import Iterator

from harness.bugs import patterns
from harness.bugs.framework import CARRYING, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
tanh를 쓰기 전의 합을 넘긴다.

하는 일
    행마다 합의 tanh를 저장하지만, 다음 시점은 합에서 시작한다.
왜 틀렸나
    은닉 상태는 tanh를 거친 값이고, 다음 시점은 그 값을 본다.
왜 안 보이나
    첫 행이 맞고, 모든 행이 (-1, 1)에 있다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Apply tanh where the sum is made, and no more where it is stored."""
    for f, loop in patterns.loops(code):
        bends = {ast.unparse(call.args[0]): call for call in _bends_of_names(loop)}
        for node in ast.walk(loop):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in bends:
                    edits = f.put(value, f"np.tanh({f.text(value)})"), f.put(bends[name], name)
                    yield sighting(f, node, *edits)


def _bends_of_names(loop: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(loop):
        if isinstance(node, ast.Call) and patterns.is_tanh(node) and isinstance(node.args[0], ast.Name):
            yield node


BUG = KnownBug(
    name="preactivation-carried",
    about=CARRYING,
    message="{where} carries the sum before its tanh into the next step, instead of the state",
    korean="{where}: 상태가 아니라 tanh를 쓰기 전의 합을 다음 시점으로 넘깁니다",
    changes=(change(carried=lambda moments: moments[-1].total),),
    find=find,
)
