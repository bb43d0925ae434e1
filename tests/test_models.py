"""The second assignment: output layer and topologies, a right hand-in in two styles and wrong ones of each."""

import pytest

from harness.grading import Grader
from harness.model import Grade, Submission
from tests.conftest import is_full, lost

RIGHT = """\
import numpy as np

def activate(a, activation):
    if activation == "sigmoid":
        return 1 / (1 + np.exp(-a))
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)

def output_layer(h, Wy, by, activation):
    return activate(h @ Wy.T + by, activation)

def step(x, h, Wx, Wh, b):
    return np.tanh(Wx @ x + Wh @ h + b)

def states(inputs, Wx, Wh, b):
    h, hs = np.zeros(len(b)), []
    for x in inputs:
        h = step(x, h, Wx, Wh, b)
        hs.append(h)
    return np.stack(hs)

def many_to_one(inputs, Wx, Wh, b, Wy, by, activation):
    return output_layer(states(inputs, Wx, Wh, b)[-1], Wy, by, activation)

def many_to_many(inputs, Wx, Wh, b, Wy, by, activation):
    return output_layer(states(inputs, Wx, Wh, b), Wy, by, activation)

def one_to_many(input_0, timesteps, Wx, Wh, b, Wy, by, activation):
    h, x, outputs = np.zeros(len(b)), input_0, []
    for t in range(timesteps):
        h = step(x, h, Wx, Wh, b)
        y = output_layer(h, Wy, by, activation)
        outputs.append(y)
        x = np.zeros_like(input_0)
    return np.stack(outputs)

def encoder_decoder(inputs, timesteps, Wx1, Wh1, b1, Wx2, Wh2, b2, Wy, by, activation):
    h = states(inputs, Wx1, Wh1, b1)[-1]
    y, outputs = np.zeros(len(by)), []
    for t in range(timesteps):
        h = step(y, h, Wx2, Wh2, b2)
        y = output_layer(h, Wy, by, activation)
        outputs.append(y)
    return np.stack(outputs)
"""

#: name → (what is replaced, by what, the checks that it loses)
WRONG = {
    "softmax-axis": ("axis=-1", "axis=0", {"output.softmax-rows", "models.many-to-many"}),
    "softmax-over-everything": (
        "    e = np.exp(a - a.max(axis=-1, keepdims=True))\n    return e / e.sum(axis=-1, keepdims=True)",
        "    e = np.exp(a - a.max())\n    return e / e.sum()",
        {"output.softmax-rows", "models.many-to-many"},
    ),
    "overflowing-softmax": ("a - a.max(axis=-1, keepdims=True)", "a", {"output.large-values"}),
    "always-sigmoid": ('activation == "sigmoid"', "True", {"output.softmax", "output.large-values"}),
    "tanh-for-sigmoid": ("1 / (1 + np.exp(-a))", "np.tanh(a)", {"output.sigmoid", "output.large-values"}),
    "missing-output-bias": ("h @ Wy.T + by", "h @ Wy.T", {"output.sigmoid", "output.softmax"}),
    "logits": ("activate(h @ Wy.T + by, activation)", "h @ Wy.T + by", {"output.sigmoid", "output.softmax"}),
    "first-state-read-out": ("Wx, Wh, b)[-1], Wy", "Wx, Wh, b)[0], Wy", {"models.many-to-one"}),
    "all-states-read-out": ("Wx, Wh, b)[-1], Wy", "Wx, Wh, b), Wy", {"models.many-to-one"}),
    "mean-state-read-out": ("Wx, Wh, b)[-1], Wy", "Wx, Wh, b).mean(0), Wy", {"models.many-to-one"}),
    "last-output-only": (
        "output_layer(states(inputs, Wx, Wh, b), Wy",
        "output_layer(states(inputs, Wx, Wh, b)[-1:], Wy",
        {"models.many-to-many"},
    ),
    "output-fed-back": ("x = np.zeros_like(input_0)", "x = np.resize(y, input_0.shape)", {"models.one-to-many"}),
    "input-repeated": ("x = np.zeros_like(input_0)", "x = input_0", {"models.one-to-many"}),
    "one-step-short": ("range(timesteps):\n        h = step(x", "range(timesteps - 1):\n        h = step(x", {"models.one-to-many"}),  # noqa: E501
    "context-thrown-away": ("b1)[-1]", "b1)[-1] * 0", {"models.encoder-decoder"}),
    "context-of-the-first-step": ("b1)[-1]", "b1)[0]", {"models.encoder-decoder"}),
    "decoder-sees-zeros": ("h = step(y, h, Wx2", "h = step(0 * y, h, Wx2", {"models.encoder-decoder"}),
    "decoder-with-encoder-weights": ("Wx2, Wh2, b2)\n        y", "Wx2, Wh1, b1)\n        y", {"models.encoder-decoder"}),  # noqa: E501
}  # fmt: skip


def graded(source: str, grader: Grader) -> Grade:
    return grader.grade(Submission("models", "models.py", source.encode()))


def test_a_right_one_gets_everything(models_grader: Grader) -> None:
    grade = graded(RIGHT, models_grader)
    assert is_full(grade), [(check.id, check.message) for check in grade.checks if not check.earned]
    assert (grade.max_score, grade.findings) == (100, ())


def test_a_right_one_in_single_precision_and_other_formulas(models_grader: Grader) -> None:
    source = RIGHT.replace("1 / (1 + np.exp(-a))", "(1 + np.tanh(a / 2)) / 2")
    source = source.replace(
        "h @ Wy.T + by, activation", "np.float32(np.einsum('oh,...h->...o', Wy, h) + by), activation"
    )
    grade = graded(source, models_grader)
    assert is_full(grade), [(check.id, check.message) for check in grade.checks if not check.earned]


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_one_loses_what_it_is_about(name: str, models_grader: Grader) -> None:
    old, new, about = WRONG[name]
    assert old in RIGHT
    grade = graded(RIGHT.replace(old, new), models_grader)
    assert about <= lost(grade), {check.id: check.message for check in grade.checks if not check.earned}
    assert not is_full(grade)


def test_what_is_not_handed_in_fails_by_name(models_grader: Grader) -> None:
    grade = graded(RIGHT.partition("def one_to_many")[0], models_grader)
    messages = {check.id: str(check.message) for check in grade.checks if not check.earned}
    assert messages == {
        "models.one-to-many": "no one_to_many was found",
        "models.encoder-decoder": "no encoder_decoder or seq2seq was found",
    }


def test_torch_is_not_for_this_assignment(models_grader: Grader) -> None:
    source = "import torch\n" + RIGHT.replace("1 / (1 + np.exp(-a))", "torch.sigmoid(torch.tensor(a)).numpy()")
    grade = graded(source, models_grader)
    (shape,) = (check for check in grade.checks if check.id == "output.shape")
    assert "ModuleNotFoundError: torch.tensor is not available where hand-ins are graded" in str(shape.message)
