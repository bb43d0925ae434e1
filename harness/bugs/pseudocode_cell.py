"""The cell of the pseudocode was left as it is.

What it does
    Input and state are given to tanh side by side, as in tanh(x, h).
Why it is wrong
    tanh takes one number. The second argument of np.tanh is ``out``: the result overwrites the state.
Why it hides
    Where the sizes are equal it runs, without any weight.
Example
    output_t = tanh(input_t, hidden_state_t)
Instead
    output_t = np.tanh(np.dot(Wx, input_t) + np.dot(Wh, hidden_state_t) + b)
"""

import ast
from collections.abc import Iterator

from harness.bugs.framework import EVERYTHING, KnownBug, Sighting
from harness.bugs.source import Source

KOREAN = """\
의사 코드의 셀이 그대로 남아 있다.

하는 일
    tanh(x, h)처럼 입력과 상태를 tanh에 나란히 준다.
왜 틀렸나
    tanh는 숫자 하나를 받는다. np.tanh의 두 번째 인수는 out이라서, 결과로 상태를 덮어쓴다.
왜 안 보이나
    크기가 같으면 오류 없이 돌아가고, 가중치는 쓰이지 않는다.
"""


def clue(source: Source) -> Iterator[Sighting]:
    """Find a call of tanh with two arguments."""
    left = {node: pair for _, node in source.of(ast.Call) if (pair := _input_and_state(node))}
    for f in source.functions if left else ():
        for node in f.nodes:
            if isinstance(node, ast.Call) and (pair := left.pop(node, None)):
                x, h = map(f.text, pair)
                Wx, Wh, b = (f.name_of(word) for word in ("Wx", "Wh", "b"))
                edits = (f.put(node, f"np.tanh({x} @ {Wx}.T + {h} @ {Wh}.T + {b})"),) if Wx and Wh and b else ()
                yield Sighting(f.place(node), {}, edits)


def _input_and_state(call: ast.Call) -> tuple[ast.expr, ast.expr] | None:
    match call:
        case ast.Call(func=ast.Name(id="tanh") | ast.Attribute(attr="tanh"), args=[x, h]):
            return x, h
    return None


BUG = KnownBug(
    name="pseudocode-cell",
    about=("numerics.cell", *EVERYTHING),
    message="{line} gives tanh two arguments: np.tanh takes one and writes its result into the second; the cell is"
    " tanh(Wx·x + Wh·h + b)",
    korean="{line}: tanh에 인수를 두 개 줍니다. np.tanh는 하나를 받고, 두 번째 인수에는 결과를 덮어씁니다."
    " 셀은 tanh(Wx·x + Wh·h + b)입니다",
    clue=clue,
)
