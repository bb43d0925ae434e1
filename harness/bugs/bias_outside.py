"""The bias is added after the tanh instead of inside it.

What it does
    The state is tanh(Wx·x + Wh·h) + b.
Why it is wrong
    The bias belongs to the sum that tanh bends; outside, states leave (-1, 1).
Why it hides
    With small biases the numbers look alive.
Example
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h)) + b
Instead
    np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)
"""

import ast
from collections.abc import Iterator

from harness.bugs import patterns
from harness.bugs.framework import FORMULA, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code

KOREAN = """\
편향을 tanh 안이 아니라 바깥에서 더한다.

하는 일
    상태가 tanh(Wx·x + Wh·h) + b가 된다.
왜 틀렸나
    편향은 tanh가 구부리는 합의 일부이다. 바깥에서 더하면 상태가 (-1, 1)을 벗어난다.
왜 안 보이나
    편향이 작으면 숫자가 그럴듯해 보인다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Move the bias from behind a tanh to inside it."""
    for f in code.functions:
        bends = [call for _, call in patterns.activations(Code(code.source, (f,)))]
        for node in f.nodes:
            match node:
                case ast.BinOp(op=ast.Add(), left=left, right=right) if f.word(right) == "b":
                    kept, bias = left, right
                case ast.BinOp(op=ast.Add(), left=left, right=right) if f.word(left) == "b":
                    kept, bias = right, left
                case ast.AugAssign(op=ast.Add(), target=ast.Name(), value=bias) if f.word(bias) == "b":
                    for call in bends:
                        inside = f.after(call.args[-1], f" + {f.text(bias)}")
                        yield sighting(f, node, inside, f.put(node, "pass"))
                    continue
                case _:
                    continue
            for call in bends:
                if not any(part is node for part in ast.walk(call)):
                    inside = f.after(call.args[-1], f" + {f.text(bias)}")
                    yield sighting(f, node, inside, *patterns.without(f, node, kept))


BUG = KnownBug(
    name="bias-outside",
    about=("numerics.bias-term", *FORMULA),
    message="{where} adds the bias after the tanh; it belongs inside",
    korean="{where}: 편향을 tanh 바깥에서 더합니다. tanh 안에서 더해야 합니다",
    changes=(change(bias=lambda b: 0 * b, finish=lambda h, b: h + b),),
    find=find,
)
