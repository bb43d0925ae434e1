"""The output layer does not apply the activation that it is asked for.

What it does
    It always applies the same one, or the other one, or none.
Why it is wrong
    A sigmoid is for two classes, a softmax for many; ``activation`` says which.
Why it hides
    Outputs of either lie between 0 and 1.
Example
    return softmax(h @ Wy.T + by)
Instead
    z = h @ Wy.T + by
    return sigmoid(z) if activation == "sigmoid" else softmax(z)
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from harness.bugs import patterns
from harness.bugs.framework import MODELS, Change, KnownBug, Sighting
from harness.bugs.parts import Parts
from harness.bugs.patterns import sighting
from harness.bugs.source import Code
from harness.model import Extended
from reference import rnn

KOREAN = """\
출력층이 요청한 활성화 함수를 쓰지 않는다.

하는 일
    언제나 같은 함수를 쓰거나, 둘을 바꿔 쓰거나, 아무것도 쓰지 않는다.
왜 틀렸나
    두 클래스에는 시그모이드, 여러 클래스에는 softmax이다. activation이 무엇을 쓸지 말해 준다.
왜 안 보이나
    시그모이드의 출력도 softmax의 출력도 0과 1 사이에 있다.
"""


def _exchanged(parts: Parts, name: str, z: Extended) -> Extended:
    return parts.softmax(z) if name == "sigmoid" else rnn.sigmoid(z)


def _instead(what: str, activation: Callable[[Parts, str, Extended], Extended]) -> Change:
    return Change(lambda right: replace(right, output_activation=activation), {"what": what})


def find(code: Code) -> Iterator[Sighting]:
    """Ask for the other name where names are compared; else choose between two functions that are there."""
    other = {"sigmoid": "softmax", "softmax": "sigmoid"}
    for f in code.functions:
        for node in f.nodes:
            match node:
                case ast.Compare(comparators=[ast.Constant(value="sigmoid" | "softmax" as name) as asked]):
                    yield sighting(f, node, f.put(asked, repr(other[name]).replace("'", '"')))
    made = {f.node.name for f in code.functions if isinstance(f.node, ast.FunctionDef)}
    for f, statement, value in patterns.returns(code):
        activation = next((name for name, word in f.words.items() if word == "activation"), None)
        match value:
            case ast.Call(args=[z]) if activation and {"sigmoid", "softmax"} <= made:
                chosen = f'sigmoid({f.text(z)}) if {activation} == "sigmoid" else softmax({f.text(z)})'
                yield sighting(f, statement, f.put(value, chosen))
            case _ if activation:
                yield sighting(f, statement)


BUG = KnownBug(
    name="wrong-output-activation",
    about=("output.sigmoid", "output.softmax", *MODELS),
    message="{where} does not apply the activation that it is asked for: {what}",
    korean="{where}: 요청한 활성화 함수를 쓰지 않습니다: {what}",
    changes=(
        _instead("it is always the sigmoid", lambda parts, name, z: rnn.sigmoid(z)),
        _instead("it is always the softmax", lambda parts, name, z: parts.softmax(z)),
        _instead("there is none", lambda parts, name, z: z),
        _instead("it is tanh", lambda parts, name, z: np.tanh(z)),
        _instead("sigmoid and softmax are exchanged", _exchanged),
    ),
    find=find,
)
