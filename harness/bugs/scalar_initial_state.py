"""The initial hidden state is the number 0 and no vector.

What it does
    hidden_state_t begins as 0.
Why it is wrong
    A state is a vector (hidden_size,). np.dot(Wh, 0) is a matrix of zeros, so the first state becomes a matrix.
Why it hides
    Pseudocode says "initialise to 0", and means zeros.
Example
    hidden_state_t = 0
Instead
    hidden_state_t = np.zeros((hidden_size,))
"""

import ast
from collections.abc import Iterator

from harness.bugs import patterns
from harness.bugs.framework import EVERYTHING, KnownBug, Sighting
from harness.bugs.source import Code, Source
from harness.model import Place

KOREAN = """\
초기 은닉 상태가 벡터가 아니라 숫자 0이다.

하는 일
    hidden_state_t = 0으로 시작한다.
왜 틀렸나
    상태는 (hidden_size,) 모양의 벡터이다. np.dot(Wh, 0)은 벡터가 아니라 0으로 된 행렬이라서, 첫 상태가 행렬이 된다.
왜 안 보이나
    '0(벡터)로 초기화'라고 적힌 의사 코드를 그대로 옮기면 이렇게 된다.
"""


def clue(source: Source) -> Iterator[Sighting]:
    """Find a state that is assigned 0 and then read by the step of a loop."""
    zeroed = [(cell, *pair) for cell, node in source.of(ast.Assign) for pair in _zeroed(node)]
    if not zeroed:
        return
    read = _states(source)
    sizes = [node.id for _, node in source.of(ast.Name) if source.word(node.id) == "hidden_size"]
    biases = [node.arg for _, node in source.of(ast.arg) if source.word(node.arg) == "b"]
    zeros = f"np.zeros({biases[0]}.shape)" if biases else f"np.zeros(({sizes[0]},))" if sizes else None
    for cell, target, number in zeroed:
        if target.id in read:
            edits = (source.span(cell, number, zeros),) if zeros else ()
            yield Sighting(Place(target.lineno, cell), {}, edits)


def _zeroed(node: ast.AST) -> Iterator[tuple[ast.Name, ast.Constant]]:
    """A name that is assigned 0, and the 0."""
    match node:
        case ast.Assign(targets=[ast.Name() as target], value=ast.Constant(value=int() | float() as value) as number):
            if not value and not isinstance(value, bool):
                yield target, number


def _states(source: Source) -> set[str]:
    """The names that steps read as their state: the factors of Wh, and what stands for a state in a call."""
    code = Code(source, source.functions)
    found = {patterns.first_name(one.vector) for one in patterns.products(code) if one.word == "Wh"}
    for _, node in source.of(ast.Call):
        names = [one.id for one in node.args if isinstance(one, ast.Name)]
        found |= {name for name in names if source.is_word(name, "hidden_state_t")}
    return {name for name in found if name}


BUG = KnownBug(
    name="scalar-initial-state",
    about=EVERYTHING,
    message="{line} starts the hidden state as the number 0; it is a vector of zeros, of shape (hidden_size,)",
    korean="{line}: 은닉 상태가 숫자 0에서 시작합니다. (hidden_size,) 모양의 0벡터여야 합니다",
    clue=clue,
)
