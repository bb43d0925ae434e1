"""The axis of the batch is taken for the axis of time.

What it does
    The loop runs over the first axis of (batch_size, timesteps, input_size), or the states are stacked there.
Why it is wrong
    The first axis are the samples; run as if they were timesteps, the state flows from sample to sample.
Why it hides
    The shape of the result is right, and without a batch everything is. PyTorch itself takes the batch first only
    with batch_first=True.
Example
    for input_t in inputs:
Instead
    for input_t in np.moveaxis(inputs, -2, 0):
"""

import ast
from collections.abc import Iterator

import numpy as np

from harness.bugs import patterns
from harness.bugs.framework import MODELS, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code, Function
from harness.model import Edit, Extended

KOREAN = """\
배치의 축을 시점의 축과 혼동한다.

하는 일
    (batch_size, timesteps, input_size)의 첫 번째 축을 따라 돈다.
왜 틀렸나
    첫 번째 축은 표본이다. 표본을 시점처럼 돌면 상태가 표본에서 표본으로 흐른다.
왜 안 보이나
    결과의 모양이 맞고, 배치가 없으면 모두 맞다. 파이토치는 batch_first=True일 때만 배치를 앞에 둔다.
"""


def _of_one_sample(zeros: Extended, given: Extended | None) -> Extended:
    return zeros[..., 0, :] if given is None and zeros.ndim > 1 else zeros if given is None else given


def find(code: Code) -> Iterator[Sighting]:
    """Run over the timesteps, and stack the rows before the last axis."""
    for f in code.functions:
        rows = [edit for call in _stacks(code, f) for edit in patterns.stack_before_last(f, call)]
        for loop in (node for node in f.nodes if isinstance(node, ast.For)):
            if f.word(loop.iter) == "inputs" or f.word(loop.iter) == "input_t":
                yield sighting(f, loop, f.put(loop.iter, f"np.moveaxis({f.text(loop.iter)}, -2, 0)"), *rows)
            elif edits := _by_index(f, loop):
                yield sighting(f, loop, *edits, *rows)
        for call in _stacks(code, f):
            yield sighting(f, call, *patterns.stack_before_last(f, call))


def _stacks(code: Code, f: Function) -> list[ast.Call]:
    return [call for _, call in patterns.calls(Code(code.source, (f,)), "stack", "array", "asarray")]


def _by_index(f: Function, loop: ast.For) -> list[Edit]:
    """Of ``for t in range(len(inputs))`` with ``inputs[t]``: the length and the index of the other axis."""
    if not isinstance(loop.target, ast.Name):
        return []
    edits = []
    for node in ast.walk(loop):
        match node:
            case ast.Subscript(value=array, slice=ast.Name(id=name)) if name == loop.target.id:
                if f.word(array) == "inputs":
                    edits.append(f.put(node, f"{f.text(array)}[..., {name}, :]"))
            case ast.Call(func=ast.Name(id="len"), args=[array]) if f.word(array) == "inputs":
                edits.append(f.put(node, f"{f.text(array)}.shape[-2]"))
            case ast.Subscript(value=ast.Attribute(value=array, attr="shape"), slice=ast.Constant(value=0)):
                edits.append(f.put(node, f"{f.text(array)}.shape[-2]"))
    return edits


BUG = KnownBug(
    name="batch-axis-confused",
    about=("batches.each-sample", "batches.shape", *MODELS),
    message="{where} takes the first axis of a batch, its samples, for the timesteps",
    korean="{where}: 배치의 첫 번째 축(표본)을 시점으로 여깁니다",
    changes=(
        change(time_axis=lambda axes: 0, start=_of_one_sample, stacked=lambda rows, start: np.stack(rows)),
        change(stacked=lambda rows, start: np.stack(rows)),
    ),
    find=find,
)
