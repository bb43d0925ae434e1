"""The gradients of the weights are overwritten at each timestep, not added up.

What it does
    What is left is the gradient of the step that was taken back last, the first timestep's.
Why it is wrong
    The same weights are used at every timestep, so what they owe to the loss is the sum over all of them.
Why it hides
    The shapes are right, and with a single timestep so are the numbers.
Example
    for t in reversed(range(T)):
        dWx = dWx_t
Instead
    for t in reversed(range(T)):
        dWx += dWx_t
"""

import ast
from collections.abc import Iterator

from harness.bugs import patterns
from harness.bugs.framework import KnownBug, Sighting, change
from harness.bugs.source import Code, Function

KOREAN = """\
가중치의 기울기를 더하지 않고 덮어쓴다.

하는 일
    마지막으로 거슬러 간 시점, 곧 첫 시점의 기울기만 남는다.
왜 틀렸나
    같은 가중치를 모든 시점에서 쓰므로, 기울기는 모든 시점에 걸친 합이다.
왜 안 보이나
    모양이 맞고, 시점이 하나뿐이면 값도 맞다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Add to what was made before the loop, wherever the loop assigns it."""
    for f, loop in patterns.loops(code):
        made = {name for name, line in _assigned(f) if line < loop.lineno}
        overwriting = [one for one in _assignments(loop) if patterns.first_name(one.targets[0]) in made]
        read = {node.id for node in ast.walk(loop) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        edits = [
            f.put_statement(one, f"{f.text(one.targets[0])} += {f.text(one.value)}")
            for one in overwriting
            if patterns.first_name(one.targets[0]) not in read
        ]
        if edits:
            yield Sighting(edits[0].place, {}, tuple(edits))


def _assigned(f: Function) -> Iterator[tuple[str, int]]:
    for node in f.nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno


def _assignments(loop: ast.AST) -> Iterator[ast.Assign]:
    """The statements of a loop that assign one plain name."""
    for node in ast.walk(loop):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            yield node


BUG = KnownBug(
    name="gradients-overwritten",
    about=("backward.layer-weights",),
    message="{where} overwrites the gradients of the weights at each timestep instead of adding them up",
    korean="{where}: 가중치의 기울기를 시점마다 더하지 않고 덮어씁니다",
    changes=(change(summed=lambda gradients: gradients[-1]),),
    find=find,
)
