"""The output is fed back where it does not belong.

What it does
    The output of a timestep becomes the next input, or the next hidden state.
Why it is wrong
    The next timestep goes on from the hidden state; in one-to-many its input is zeros.
Why it hides
    Where the sizes happen to fit nothing complains.
Example
    hidden_state_t = output_t
Instead
    hidden_state_t = rnn_cell(input_t, hidden_state_t, Wx, Wh, b)
"""

import ast
from collections.abc import Iterator
from dataclasses import replace

from harness.bugs import patterns
from harness.bugs.framework import Change, KnownBug, Sighting
from harness.bugs.patterns import sighting
from harness.bugs.source import Code, Function

KOREAN = """\
출력을 되돌려 넣는다.

하는 일
    출력을 다음 시점의 입력이나 상태로 쓴다.
왜 틀렸나
    다음 시점은 은닉 상태에서 이어진다. 일 대 다에서 둘째 시점부터 입력은 0이다.
왜 안 보이나
    크기가 우연히 맞으면 오류가 나지 않는다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """In a loop, do not assign the output to what the next step reads."""
    for f, loop in patterns.loops(code):
        outputs = {
            target.id
            for node in ast.walk(loop)
            if isinstance(node, ast.Assign) and ("output" in ast.dump(node.value) or _weighs_with_wy(f, node.value))
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(loop):
            match node:
                case ast.Assign(targets=[ast.Name()], value=ast.Name(id=name) as value) if name in outputs:
                    yield sighting(f, node, f.put(value, f"np.zeros_like({f.text(node.targets[0])})"))
                    yield sighting(f, node, f.put(node, "pass"))


def _weighs_with_wy(f: Function, value: ast.expr) -> bool:
    return any(f.word(part) == "Wy" for part in ast.walk(value))


BUG = KnownBug(
    name="output-fed-back",
    about=("models.one-to-many", "models.encoder-decoder"),
    message="{where} feeds the output back {what}",
    korean="{where}: 출력을 {what} 되돌려 넣습니다",
    changes=(
        Change(lambda right: replace(right, fed=lambda wanted, y, x: y), {"what": "as the next input"}),
        Change(lambda right: replace(right, fed_state=lambda h, y: y), {"what": "as the next state"}),
    ),
    find=find,
)
