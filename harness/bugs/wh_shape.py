"""The recurrent weights are made (hidden_size, input_size) instead of (hidden_size, hidden_size).

What it does
    ``Wh`` gets the shape of ``Wx``.
Why it is wrong
    ``Wh`` multiplies a hidden state and gives a hidden state: both of its axes are hidden_size.
Why it hides
    Where input_size happens to equal hidden_size everything runs. The comment beside it often says the right shape.
Example
    Wh = np.random.random((hidden_size, input_size))
Instead
    Wh = np.random.random((hidden_size, hidden_size))
"""

import ast

from harness.bugs.framework import EVERYTHING, KnownBug, Sighting
from harness.bugs.source import Source
from harness.model import Place

KOREAN = """\
순환 가중치를 (hidden_size, hidden_size)가 아니라 (hidden_size, input_size)로 만든다.

하는 일
    ``Wh``가 ``Wx``의 모양이 된다.
왜 틀렸나
    ``Wh``는 은닉 상태를 곱해서 은닉 상태를 얻는다. 두 축 모두 hidden_size이다.
왜 안 보이나
    input_size와 hidden_size가 우연히 같으면 모두 돌아간다. 옆의 주석에는 맞는 모양이 적혀 있을 때가 많다.
"""


def clue(source: Source) -> list[Sighting]:
    """Find an assignment to Wh whose shape is written with hidden_size and then input_size, in either order."""
    sightings = []
    for cell, node in source.of(ast.Assign, ast.AnnAssign):
        if node.value is None:
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if not source.is_word(_name(target), "Wh"):
                continue
            if sizes := _mixed_sizes(node.value, source):
                wrong, hidden = sizes
                edit = source.span(cell, wrong, source.text(cell, hidden))
                sightings.append(Sighting(Place(node.lineno, cell), {"name": _name(target)}, (edit,)))
    return sightings


def _mixed_sizes(value: ast.expr, source: Source) -> tuple[ast.expr, ast.expr] | None:
    """In a shape of hidden_size and input_size: the axis that is wrong, and the one that is right."""
    for node in ast.walk(value):
        match node:
            case ast.Tuple(elts=[first, second]) | ast.List(elts=[first, second]) | ast.Call(args=[first, second]):
                hidden = [one for one in (first, second) if source.is_word(_name(one), "hidden_size")]
                other = [one for one in (first, second) if source.is_word(_name(one), "input_size")]
                if len(hidden) == len(other) == 1:
                    return other[0], hidden[0]
    return None


def _name(node: ast.expr) -> str:
    """``Wh`` of both ``Wh`` and ``self.Wh``."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


BUG = KnownBug(
    name="wh-shape",
    about=("shapes.own-weights", *EVERYTHING),
    message="{line} makes {name} with one axis of input_size; it multiplies a hidden state and gives one, so both of"
    " its axes are hidden_size",
    korean="{line}: {name}의 한 축을 input_size로 만듭니다. 은닉 상태를 곱해서 은닉 상태를 얻으므로 두 축 모두"
    " hidden_size입니다",
    clue=clue,
)
