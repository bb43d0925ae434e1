"""The initial state is returned as an extra first row.

What it does
    The result has timesteps + 1 rows.
Why it is wrong
    One row for each timestep is asked for.
Why it hides
    The rows are right, each one place further down.
Example
    total_hidden_states = [hidden_state_0]
Instead
    total_hidden_states = []
"""

import ast
from collections.abc import Iterator

import numpy as np

from harness.bugs import patterns
from harness.bugs.framework import ROWS, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code, Function

KOREAN = """\
초기 은닉 상태를 첫 행으로 더 돌려준다.

하는 일
    결과가 timesteps + 1행이다.
왜 틀렸나
    시점마다 한 행이 필요하다.
왜 안 보이나
    행은 모두 맞고, 한 칸씩 아래에 있을 뿐이다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Begin with an empty list, or leave the row out of what is returned."""
    for f in code.functions:
        for node in f.nodes:
            match node:
                case ast.Assign(value=ast.List(elts=[_]) as value) if not _reads_the_last(f, node):
                    yield sighting(f, node, f.put(value, "[]"))
        for node in f.nodes:
            match node:
                case ast.Assign(value=ast.List(elts=[_])) if _reads_the_last(f, node):
                    for _, _, returned in patterns.returns(Code(code.source, (f,))):
                        yield sighting(f, node, f.after(returned, "[..., 1:, :]"))
    for f, statement, returned in patterns.returns(code):
        for rows in ("[..., 1:, :]", "[..., :-1, :]"):
            yield sighting(f, statement, f.after(returned, rows))


def _reads_the_last(f: Function, made: ast.Assign) -> bool:
    """Tell whether the list that is made is also where the state is read from, as ``states[-1]``."""
    names = {patterns.first_name(target) for target in made.targets}
    return any(isinstance(node, ast.Subscript) and patterns.first_name(node) in names for node in f.nodes)


BUG = KnownBug(
    name="initial-state-included",
    about=ROWS,
    message="{where} returns the initial state as an extra first row",
    korean="{where}: 초기 은닉 상태를 첫 행으로 더 돌려줍니다",
    changes=(
        change(stacked=lambda rows, start: np.stack([start, *rows], axis=-2)),
        change(stacked=lambda rows, start: np.stack([*rows, start], axis=-2)),
    ),
    find=find,
)
