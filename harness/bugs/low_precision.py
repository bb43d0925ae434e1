"""The numbers are computed in a lower precision.

What it does
    Arrays are float32 or float16.
Why it is wrong
    The assignment asks for double precision; of float16 three digits are left.
Why it hides
    Printed with a few digits the numbers look the same.
Example
    h = np.zeros(hidden_size, dtype=np.float32)
Instead
    h = np.zeros(hidden_size)
"""

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeGuard

import numpy as np

from harness.bugs.framework import EVERYTHING, Change, Evidence, KnownBug, Shown, Sighting
from harness.bugs.patterns import sighting
from harness.bugs.source import Code, Function
from harness.model import Extended

KOREAN = """\
낮은 정밀도로 계산한다.

하는 일
    float32나 float16 배열을 쓴다.
왜 틀렸나
    이 과제는 배정밀도(float64)를 요구한다. float16은 세 자리밖에 남지 않는다.
왜 안 보이나
    몇 자리만 출력하면 같아 보인다.
"""


def _half(h: Extended, b: Extended | None = None) -> Extended:
    return h.astype(np.float16).astype(np.longdouble)


def sign(seen: Evidence) -> Shown | None:
    """Every number is right to single precision, and the assignment does not allow it."""
    only_single = [check for check in seen.checks if "single precision" in str(check.message)]
    return Shown({"what": "float32"}) if only_single else None


def find(code: Code) -> Iterator[Sighting]:
    """Ask for double precision wherever a type is named."""
    for f in code.functions:
        named = [node for node in f.nodes if _is_low(node)]
        if named:
            edits = [f.put(node, _double(f, node)) for node in named]
            yield sighting(f, named[0], *edits)
        for node in named:
            yield sighting(f, node, f.put(node, _double(f, node)))


_LOW = {"float32", "float16", "half", "single"}


def _is_low(node: ast.AST) -> TypeGuard[ast.expr]:
    match node:
        case ast.Attribute(attr=name) | ast.Constant(value=str(name)):
            return name in _LOW
    return False


def _double(f: Function, node: ast.expr) -> str:
    return '"float64"' if isinstance(node, ast.Constant) else f"{f.text(node).rpartition('.')[0]}.float64"


BUG = KnownBug(
    name="low-precision",
    about=("numerics.cell", *EVERYTHING),
    message="{where} works in {what}; double precision (float64) is asked for",
    korean="{where}: {what} 정밀도로 계산합니다. 배정밀도(float64)가 필요합니다",
    changes=(
        Change(lambda right: replace(right, finish=_half), {"what": "float16"}),
        Change(
            lambda right: replace(right, stacked=lambda rows, start: _half(np.stack(rows, axis=-2))),
            {"what": "float16"},
        ),
    ),
    find=find,
    sign=sign,
)
