"""The first input is seen at every timestep.

What it does
    The input does not change in the loop.
Why it is wrong
    In one-to-many only the first timestep sees it, and then come zeros; a decoder sees its output of the step before.
Why it hides
    Shapes are right, and the outputs change from step to step.
Example
    for _ in range(timesteps):
        h = rnn_cell(input_0, h, Wx, Wh, b)
Instead
    for _ in range(timesteps):
        h = rnn_cell(input_t, h, Wx, Wh, b)
        input_t = np.zeros_like(input_t)
"""

import ast
from collections.abc import Iterator

from harness.bugs import patterns
from harness.bugs.framework import KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
첫 입력을 모든 시점에 다시 넣는다.

하는 일
    반복문 안에서 입력이 바뀌지 않는다.
왜 틀렸나
    일 대 다에서는 첫 시점만 입력을 보고 그다음은 0이다. 디코더는 앞 시점의 출력을 본다.
왜 안 보이나
    모양이 맞고, 출력이 시점마다 달라진다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Change the input after each step."""
    for step in patterns.steps(code):
        f = step.f
        arguments = step.made.args[:1] if isinstance(step.made, ast.Call) else []
        arguments += [one.vector for one in patterns.products(Code(code.source, (f,))) if one.word == "Wx"]
        outputs = [node for node in ast.walk(step.loop) if isinstance(node, ast.Assign) and "output" in ast.dump(node)]
        for name in dict.fromkeys(f.text(one) for one in arguments if isinstance(one, ast.Name)):
            yield sighting(f, step.statement, f.line_after(step.loop.body[-1], f"{name} = np.zeros_like({name})"))
            for made in outputs:
                fed = f.line_after(step.loop.body[-1], f"{name} = {f.text(made.targets[0])}")
                yield sighting(f, step.statement, fed)


BUG = KnownBug(
    name="input-repeated",
    about=("models.one-to-many", "models.encoder-decoder"),
    message="{where} sees its first input at every timestep",
    korean="{where}: 첫 입력을 모든 시점에 다시 넣습니다",
    changes=(change(fed=lambda wanted, y, x: x),),
    find=find,
)
