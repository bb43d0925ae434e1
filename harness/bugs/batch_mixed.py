"""The samples of a batch run into each other.

What it does
    The state is not set back for each sample, so it starts from the last state of the sample before.
Why it is wrong
    The samples of a batch have nothing to do with each other; each must come out as if it were alone.
Why it hides
    The first sample is right, and in a batch of one everything is.
Example
    h = np.zeros(hidden_size)
    for sample in inputs:
        for input_t in sample:
            h = rnn_cell(input_t, h, Wx, Wh, b)
Instead
    for sample in inputs:
        h = np.zeros(hidden_size)
        for input_t in sample:
            h = rnn_cell(input_t, h, Wx, Wh, b)
"""

import ast
from collections.abc import Iterator

import numpy as np

from harness.bugs import patterns
from harness.bugs.framework import MODELS, KnownBug, Sighting, change
from harness.bugs.parts import Parts, Weights
from harness.bugs.patterns import sighting
from harness.bugs.source import Code
from harness.model import Extended

KOREAN = """\
배치의 표본들이 섞인다.

하는 일
    표본마다 상태를 되돌리지 않아서, 앞 표본의 마지막 상태에서 시작한다.
왜 틀렸나
    배치의 표본은 서로 상관이 없다. 하나만 넣었을 때와 같은 답이 나와야 한다.
왜 안 보이나
    첫 표본은 맞고, 배치의 크기가 1이면 모두 맞다.
"""


def _one_after_the_other(parts: Parts, inputs: Extended, start: Extended, weights: Weights) -> Extended:
    if inputs.ndim != 3:
        return parts.run_once(inputs, start, weights)
    state, samples = start[0], []
    for sample in inputs:
        samples.append(parts.run_once(sample, state, weights))
        state = samples[-1][-1]
    return np.stack(samples)


def _unless_started(parts: Parts, inputs: Extended, start: Extended, weights: Weights) -> Extended:
    """The same, but a state that is given for each sample is used."""
    right = parts.run_once if np.any(start != 0) else None
    return right(inputs, start, weights) if right else _one_after_the_other(parts, inputs, start, weights)


def find(code: Code) -> Iterator[Sighting]:
    """Set the state back at the beginning of each sample."""
    for f, outer in patterns.loops(code):
        inner = [node for node in ast.walk(outer) if isinstance(node, ast.For | ast.While) and node is not outer]
        states = {
            patterns.first_name(read) for step in patterns.steps(code) if step.loop in inner for read in step.reads
        }
        for node in f.nodes:
            match node:
                case ast.Assign(targets=[target]) if (
                    patterns.first_name(target) in states and node.lineno < outer.lineno
                ):
                    yield sighting(f, outer, f.line_before(outer.body[0], f.text(node)))


BUG = KnownBug(
    name="batch-mixed",
    about=("batches.each-sample", *MODELS),
    message="{where} lets each sample of a batch start from the last state of the sample before it",
    korean="{where}: 배치의 각 표본이 앞 표본의 마지막 상태에서 시작합니다",
    changes=(
        change(run=_one_after_the_other),
        change(run=_unless_started),
    ),
    find=find,
)
