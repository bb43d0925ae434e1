"""The loop goes over a length.

What it does
    It runs over the number of timesteps, instead of over the inputs or over a range.
Why it is wrong
    A number can't be looped over; inputs come from the inputs, and their numbers from range.
Why it hides
    Read as pseudocode it makes sense.
Example
    for input_t in input_length:
Instead
    for input_t in inputs:
"""

import ast
import re
from collections.abc import Iterator
from typing import TypeGuard

from harness.bugs.framework import EVERYTHING, KnownBug, Sighting
from harness.bugs.source import Source
from harness.model import Edit, Place

KOREAN = """\
반복문이 길이를 돈다.

하는 일
    입력 자체나 range(...)가 아니라 시점의 수를 돈다.
왜 틀렸나
    숫자는 돌 수 없다. 입력을 하나씩 꺼내려면 입력을 돌거나, 번호를 range로 만들어 돈다.
왜 안 보이나
    의사 코드로 읽으면 뜻이 통한다.
"""


_LIKE_A_LENGTH = re.compile(r"(length|len|size|steps|count|num)s?$|^(n|num|T)(_|$)")


def clue(source: Source) -> Iterator[Sighting]:
    """Find a loop over a name that is a number or sounds like one, over len(...) or over an axis of a shape."""
    loops = source.of(ast.For)
    numbers, others = _assigned(source) if loops else (set(), set())
    for cell, node in loops:
        if isinstance(node.iter, ast.Name):
            name = node.iter.id
            sounds = bool(_LIKE_A_LENGTH.search(name)) or source.is_word(name, "timesteps")
            if name in others or not (name in numbers or sounds):
                continue
        elif not _is_number(node.iter):
            continue
        told = {"name": ast.unparse(node.iter)}
        yield Sighting(Place(node.lineno, cell), told, _mended(source, cell, node))


def _mended(source: Source, cell: int | None, loop: ast.For) -> tuple[Edit, ...]:
    """Over a range where the variable is an index, else over the inputs."""
    indices = [part.slice for part in ast.walk(loop) if isinstance(part, ast.Subscript)]
    used = {part.id for index in indices for part in ast.walk(index) if _is_name(part)}
    if (isinstance(loop.target, ast.Name) and loop.target.id in used) or ast.unparse(loop.target) == "_":
        return (source.span(cell, loop.iter, f"range({source.text(cell, loop.iter)})"),)
    match loop.iter:
        case ast.Call(args=[sequence]) | ast.Subscript(value=ast.Attribute(value=sequence, attr="shape")):
            return (source.span(cell, loop.iter, source.text(cell, sequence)),)
    inputs = next((part.id for _, part in source.of(ast.Name) if source.word(part.id) == "inputs"), None)
    return (source.span(cell, loop.iter, inputs),) if inputs else ()


def _assigned(source: Source) -> tuple[set[str], set[str]]:
    """The names that are only ever numbers, and those that are something else."""
    numbers: set[str] = set()
    others: set[str] = set()
    for _, node in source.of(ast.Assign, ast.For):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    (numbers if _is_number(node.value) else others).add(target.id)
                elif isinstance(target, ast.Tuple):
                    of_numbers = isinstance(node.value, ast.Attribute) and node.value.attr == "shape"
                    (numbers if of_numbers else others).update(
                        one.id for one in target.elts if isinstance(one, ast.Name)
                    )
        elif isinstance(node, ast.For) and isinstance(node.target, ast.Name):
            others.add(node.target.id)
    return numbers - others, others


def _is_number(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=int()) | ast.Call(func=ast.Name(id="len")):
            return True
        case ast.Subscript(value=ast.Attribute(attr="shape"), slice=ast.Constant() | ast.UnaryOp()):
            return True
    return False


def _is_name(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name)


BUG = KnownBug(
    name="loop-over-length",
    about=EVERYTHING,
    message="{line} loops over `{name}`, which is a number: a loop goes over the inputs, or over range(...)",
    korean="{line}: 숫자인 `{name}`을(를) 돌려고 합니다. 입력이나 range(...)를 돌아야 합니다",
    clue=clue,
)
