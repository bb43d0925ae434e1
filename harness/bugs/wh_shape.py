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

from harness.bugs.framework import KnownBug, Sighting, Source
from harness.model import Place


def clue(source: Source) -> list[Sighting]:
    """Find an assignment to Wh whose shape is written with hidden_size and then input_size, in either order."""
    sightings = []
    for cell, node in source.walk():
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if not source.is_word(_name(target), "Wh"):
                continue
            if sizes := _mixed_sizes(node.value, source):
                place = Place(node.lineno, cell)
                sightings.append(Sighting(place, {"name": _name(target)}, _mended(source.line(place), *sizes)))
    return sightings


def _mixed_sizes(value: ast.expr, source: Source) -> tuple[str, str, str] | None:
    """A shape of hidden_size and input_size, as written: its first axis, its second, and which is hidden_size."""
    for node in ast.walk(value):
        match node:
            case ast.Tuple(elts=[first, second]) | ast.List(elts=[first, second]) | ast.Call(args=[first, second]):
                hidden = [one for one in (first, second) if source.is_word(_name(one), "hidden_size")]
                other = [one for one in (first, second) if source.is_word(_name(one), "input_size")]
                if len(hidden) == len(other) == 1:
                    return ast.unparse(first), ast.unparse(second), ast.unparse(hidden[0])
    return None


def _name(node: ast.expr) -> str:
    """``Wh`` of both ``Wh`` and ``self.Wh``."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _mended(line: str, first: str, second: str, hidden: str) -> str | None:
    """The line with its shape made square, or None where the text does not show how."""
    for comma in (", ", ","):
        if line.count(first + comma + second) == 1:
            return line.replace(first + comma + second, hidden + comma + hidden)
    return None


BUG = KnownBug(
    name="wh-shape",
    about="shapes.own-weights",
    message="{line} makes {name} with one axis of input_size; it multiplies a hidden state and gives one, so both of"
    " its axes are hidden_size",
    clue=clue,
)
