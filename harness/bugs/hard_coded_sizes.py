"""Sizes are written as numbers.

What it does
    The sizes of the example stand in the code, as in np.zeros(8) or range(10).
Why it is wrong
    Sizes come from the shapes of the arguments, so that any will do.
Why it hides
    The example has just these sizes.
Example
    hidden_state_t = np.zeros(8)
Instead
    hidden_state_t = np.zeros(b.shape)
"""

import ast
from collections.abc import Iterator

from harness.bugs import patterns
from harness.bugs.framework import EVERYTHING, KnownBug, Sighting
from harness.bugs.source import Source
from harness.model import Edit

KOREAN = """\
크기가 숫자로 적혀 있다.

하는 일
    np.zeros(8)이나 range(10)처럼 예제의 크기를 그대로 쓴다.
왜 틀렸나
    크기는 인수의 모양에서 온다: b.shape, inputs.shape.
왜 안 보이나
    예제가 바로 그 크기이다.
"""


_MAKERS = ("zeros", "ones", "empty", "full", "reshape", "range", "arange")


def clue(source: Source) -> Iterator[Sighting]:
    """Find whole numbers above 1 where functions make arrays or ranges; all of a function are mended together."""
    for f in source.functions:
        if not isinstance(f.node, ast.FunctionDef):
            continue
        found: dict[int, tuple[ast.Constant, bool]] = {}
        for node in f.nodes:
            if isinstance(node, ast.Call) and patterns.called(node) in _MAKERS:
                numbers = [part for argument in node.args for part in _sizes(argument)]
                for position, number in enumerate(numbers):
                    is_time = patterns.called(node) in ("range", "arange") or (len(numbers) == 2 and position == 0)
                    found[id(number)] = (number, is_time)
        if not found:
            continue
        names = {f.source.word(one.arg): one.arg for one in f.node.args.args}
        b, inputs = names.get("b") or f.name_of("b"), names.get("inputs")
        if b:
            edits: tuple[Edit, ...] = tuple(
                f.put(number, f"{inputs}.shape[-2]" if is_time and inputs else f"{b}.shape[0]")
                for number, is_time in found.values()
            )
            yield Sighting(f.place(next(iter(found.values()))[0]), {}, edits)


def _sizes(node: ast.expr) -> list[ast.Constant]:
    """The whole numbers of a shape or a range; those of an index or behind a minus are none."""
    match node:
        case ast.Constant(value=int() as value) if value > 1:
            return [node]
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return [size for part in parts for size in _sizes(part)]
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return [*_sizes(left), *_sizes(right)]
    return []


BUG = KnownBug(
    name="hard-coded-sizes",
    about=("conduct.any-size", *EVERYTHING),
    message="{line} has a size written as a number: it works for no other",
    korean="{line}: 크기를 숫자로 적었습니다. 다른 크기에서는 돌아가지 않습니다",
    clue=clue,
    quiet=True,
)
