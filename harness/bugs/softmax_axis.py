"""The softmax is taken over the wrong axis.

What it does
    Sum and maximum go over axis 0, or over everything.
Why it is wrong
    The outputs of each state must sum to 1, so the sum goes over the last axis.
Why it hides
    With one state there is one axis, and all is right.
Example
    e = np.exp(z - np.max(z))
    return e / np.sum(e)
Instead
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)
"""

import ast
from collections.abc import Iterator

import numpy as np

from harness.bugs import patterns
from harness.bugs.framework import MODELS, Change, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code, Function
from harness.model import Edit, Extended

KOREAN = """\
softmax를 엉뚱한 축에서 계산한다.

하는 일
    axis=0에서, 또는 축 없이 전체에서 더한다.
왜 틀렸나
    출력마다가 아니라 상태마다 확률의 합이 1이어야 한다: 마지막 축에서 더한다.
왜 안 보이나
    상태가 하나뿐이면 축도 하나라 모두 맞다.
"""


def _over(shift: int | None, total: int | None) -> Change:
    """Shift by the largest over one axis, and sum over another."""

    def softmax(z: Extended) -> Extended:
        powers = np.exp(z - z.max(axis=shift, keepdims=True))
        probabilities: Extended = powers / powers.sum(axis=total, keepdims=True)
        return probabilities

    return change(softmax=softmax)


def find(code: Code) -> Iterator[Sighting]:
    """Let every sum and maximum of a function with exponentials go over the last axis."""
    for f in code.functions:
        nodes = [node for node in f.nodes if isinstance(node, ast.Call)]
        if not any(patterns.called(node) in ("exp", "softmax") for node in nodes):
            continue
        reductions = [node for node in nodes if patterns.called(node) in ("sum", "max", "amax", "softmax")]
        reductions = [
            node for node in reductions if patterns.called(node) != "softmax" or patterns.keyword(node, "axis")
        ]
        edits = [edit for node in reductions for edit in _over_the_last(f, node)]
        if edits:
            sums = [node for node in reductions if patterns.called(node) in ("sum", "softmax")]
            yield sighting(f, (sums or reductions)[0], *edits)


def _over_the_last(f: Function, call: ast.Call) -> list[Edit]:
    axis, kept = patterns.keyword(call, "axis"), patterns.keyword(call, "keepdims")
    edits = []
    if axis is not None:
        edits.append(f.put(axis.value, "-1"))
    missing = [] if axis is not None else ["axis=-1"]
    if kept is None and patterns.called(call) != "softmax":
        missing.append("keepdims=True")
    if missing:
        arguments = [*call.args, *(one.value for one in call.keywords)]
        if arguments:
            last = max(arguments, key=lambda one: (one.end_lineno or 0, one.end_col_offset or 0))
            edits.append(f.after(last, ", " + ", ".join(missing)))
        else:
            edits.append(f.put(call, f"{f.text(call.func)}({', '.join(missing)})"))
    return edits


BUG = KnownBug(
    name="softmax-axis",
    about=("output.softmax-rows", *MODELS),
    message="{where} sums the softmax over the wrong axis, so the outputs of one state do not sum to 1",
    korean="{where}: softmax를 엉뚱한 축에서 더합니다. 한 상태의 출력들을 더해도 1이 되지 않습니다",
    changes=(_over(0, 0), _over(-1, 0), _over(None, None), _over(-1, None), _over(0, None)),
    find=find,
)
