"""The built-in courses: what is right in a course's own style gets everything, what is wrong loses what it should."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from harness import commands
from harness.audit.trial import Trial
from harness.model import Submission
from tests.conftest import PROJECT, BankOf, GraderOf, is_full, lost

COURSES = sorted(path.stem for path in (PROJECT / "docs" / "courses").glob("*.py"))


def sample(course: str) -> str:
    return (PROJECT / "docs" / "courses" / f"{course}.py").read_text(encoding="utf-8")


def test_every_course_has_its_sample() -> None:
    built_in = {path.stem for path in (PROJECT / "harness" / "assignments").glob("*.toml")}
    assert set(COURSES) == built_in - {"notes", "notes-models", "notes-layers"}


@pytest.mark.parametrize("course", COURSES)
def test_a_right_hand_in_in_the_courses_own_style_gets_everything(course: str, grader_of: GraderOf) -> None:
    grade = grader_of(course).grade(Submission("a", "a.py", sample(course).encode()))
    assert is_full(grade), [(check.id, str(check.message)) for check in grade.checks if not check.earned]
    assert grade.max_score == 100
    assert grade.findings == ()
    assert str(grade.form) in [str(form) for form in grader_of(course).assignment.forms]


@pytest.mark.parametrize("course", [*COURSES, "notes-layers"])
def test_the_audit_of_a_course_is_clean(course: str, bank_of: BankOf) -> None:
    report = Trial(*bank_of(course)).run(problems=2, pairs=False, tell=lambda text: None)
    assert list(report.complaints()) == []
    assert report.decimal_share < 1e-2


#: By course: what is changed in its sample, one of the checks that must be lost, and the bug that is named, if one is.
WRONG = {
    "cs231n": (
        ("dprev_h = da.dot(Wh.T)", "dprev_h = da.dot(Wh)", "backward.cell-state", "backward-wh-not-transposed"),
        ("dWx += dWx_t", "dWx = dWx_t", "backward.layer-weights", None),
        ("dh[:, t, :] + dprev_h", "dh[:, t, :]", "backward.through-time", "no-backpropagation-through-time"),
        ("    prev_h = h0\n", "    prev_h = h0 * 0\n", "stacking.initial-state", "initial-state-ignored"),
        ("    da = dnext_h * (", "    dnext_h *= 1 - next_h**2\n    da = dnext_h + 0 * (", "backward.arguments-unchanged", None),
        ("prev_h.dot(Wh)", "prev_h.dot(Wh.T)", "numerics.recurrent-term", "transposed-wh"),
    ),
    "coursera": (
        ("np.dot(Waa, a_prev) + ba", "np.dot(Waa, a_prev)", "numerics.bias-term", "missing-bias"),
        ("    a_next = a0\n", "    a_next = np.zeros_like(a0)\n", "stacking.initial-state", "initial-state-ignored"),
        ("np.dot(Waa.T, dtanh)", "np.dot(Waa, dtanh)", "backward.cell-state", "backward-wh-not-transposed"),
        ('"da_prev": np', '"da": np', "backward.cell-state", None),
        ("yt_pred = softmax(np.dot(Wya, a_next) + by)", "yt_pred = np.dot(Wya, a_next) + by", "output.of-cell", None),
    ),
    "cmu-11785": (
        ("self.db_hh += dz.sum(axis=0) / batch_size", "self.db_hh += 0", "backward.cell-weights", None),
        ("dz.T @ h_prev_l / batch_size", "dz.T @ h_prev_l", "backward.cell-weights", None),
        (" + self.b_ih + h", " + h", "numerics.bias-term", None),
        ("                current = hidden[layer]\n", "                pass\n", "layers.to-one", None),
    ),
    "dlsys": (
        ("if h0 is None:\n            h = [", "if True:\n            h = [", "stacking.initial-state", "initial-state-ignored"),
        ('if self.nonlinearity == "tanh" else ops.relu(out)', "", "layers.relu-cell", None),
        ("                x = h[i]\n", "                x = h[i] if i + 1 == len(h) else x\n", "layers.two", None),
        (", ops.stack(h, 0)", ", ops.stack(h[::-1], 0)", "layers.last-states", None),
    ),
    "scratch2": (
        ("if not self.stateful or self.h is None", "if True", "layers.state-is-kept", None),
        ("if not self.stateful or self.h is None", "if self.h is None", "conduct.same-call-twice", "state-survives-call"),
        ("grads[i] += grad", "grads[i] = grad", "backward.layer-weights", "gradients-overwritten"),
        ("dhs[:, t, :] + dh", "dhs[:, t, :]", "backward.through-time", "no-backpropagation-through-time"),
        ("(1 - h_next**2)", "(1 - np.tanh(h_next) ** 2)", "backward.cell-input", "tanh-derivative-twice"),
    ),
    "holberton": (
        ("np.concatenate((h_prev, x_t), axis=1)", "np.concatenate((x_t, h_prev), axis=1)", "numerics.cell", None),
        ("axis=1, keepdims=True", "axis=0, keepdims=True", "output.of-cell", None),
        ("    H[0] = h_0\n", "", "stacking.initial-state", None),
        ("rnn_cell.forward(H[step],", "rnn_cell.forward(H[0],", "stacking.state-is-carried", "state-not-carried"),
    ),
    "min-char": (
        ("hs[t - 1]", "hs[-1]", "stacking.state-is-carried", "state-not-carried"),
        ("    hs[-1] = np.copy(hprev)\n", "    hs[-1] = hprev * 0\n", "stacking.initial-state", None),
        ("    return hs", "    return [hs[t] for t in range(len(xs))]", "shapes.layer-output", None),
    ),
    "keras": (
        ("outputs if return_sequences else outputs[:, -1]", "outputs", "layers.last-state-alone", None),
        ("outputs if return_sequences else outputs[:, -1]", "outputs if return_sequences else outputs[:, 0]", "layers.last-state-alone", None),
        ("states @ recurrent_kernel", "states @ recurrent_kernel.T", "numerics.recurrent-term", "transposed-wh"),
    ),
    "pytorch": (
        ("h = self.cell(x[:, t], h)", "self.cell(x[:, t], h)", "stacking.state-is-carried", "state-not-carried"),
        ("torch.tanh(self.i2h(x) + self.h2h(h))", "torch.relu(self.i2h(x) + self.h2h(h))", "numerics.cell", "wrong-activation"),
    ),
}  # fmt: skip


def test_every_course_has_wrong_ones_too() -> None:
    assert set(WRONG) == set(COURSES)


@pytest.mark.parametrize(
    ("course", "number"), [(course, number) for course, ways in WRONG.items() for number in range(len(ways))]
)
def test_what_is_wrong_in_a_course_loses_its_check_and_is_named(course: str, number: int, grader_of: GraderOf) -> None:
    old, new, check, bug = WRONG[course][number]
    text = sample(course)
    assert old in text
    grade = grader_of(course).grade(Submission("a", "a.py", text.replace(old, new).encode()))
    assert check in lost(grade), [(one.id, str(one.message)) for one in grade.checks if not one.earned]
    assert [finding.rule for finding in grade.findings] == ([bug] if bug else [])


READY_MADE = {
    "nn.RNN": "self.rnn = nn.RNN(input_size, hidden_size, batch_first=True)",
    "the module's": "self.rnn = torch.nn.modules.rnn.RNN(input_size, hidden_size, batch_first=True)",
    "a subclass": "self.rnn = type('Mine', (torch.nn.modules.rnn.RNN,), {})(input_size, hidden_size, batch_first=True)",
    "the base": "self.rnn = torch.nn.modules.rnn.RNNBase('RNN_TANH', input_size, hidden_size, batch_first=True)",
}


@pytest.mark.parametrize("way", READY_MADE)
def test_torchs_own_layers_are_refused_whichever_way_they_are_reached(way: str, grader_of: GraderOf) -> None:
    text = f"""\
import torch
from torch import nn
class RNN(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        {READY_MADE[way]}
    def forward(self, x, h0=None):
        return self.rnn(x, None if h0 is None else h0[None])
"""
    grade = grader_of("pytorch").grade(Submission("a", "a.py", text.encode()))
    assert grade.score == 0
    assert any("ready-made RNN" in str(check.message) for check in grade.checks)


@pytest.mark.parametrize(
    "call", ["torch.rnn_tanh_cell(x, h, Wx, Wh, b, b)", "torch._VF.rnn_tanh_cell(x, h, Wx, Wh, b, b)"]
)
def test_torchs_own_functions_are_refused_too(call: str, grader_of: GraderOf) -> None:
    text = sample("pytorch").replace("torch.tanh(self.i2h(x) + self.h2h(h))", call)
    weights = "Wx, Wh, b = self.i2h.weight, self.h2h.weight, self.i2h.bias\n        return torch."
    grade = grader_of("pytorch").grade(Submission("a", "a.py", text.replace("return torch.", weights, 1).encode()))
    assert any("torch.rnn_tanh_cell is a ready-made RNN" in str(check.message) for check in grade.checks)


def test_a_function_is_no_answer_where_a_module_is_asked_for(grader_of: GraderOf) -> None:
    text = "import numpy as np\ndef rnn_cell(x, h, Wx, Wh, b):\n    return np.tanh(Wx @ x + Wh @ h + b)\n"
    grade = grader_of("pytorch").grade(Submission("a", "a.py", text.encode()))
    assert grade.score == 0
    assert "rnn_cell is a function, and this assignment asks for: module" in str(grade.reason)


@pytest.mark.parametrize("course", COURSES)
def test_the_handout_of_a_course_works(course: str, tmp_path: Path, grader_of: GraderOf) -> None:
    """The starter is nothing but a template, and the public checks pass on the sample, with the helpers beside it."""
    folder = tmp_path / "out"
    assert CliRunner().invoke(commands.handout, [course, str(folder)]).exit_code == 0
    nbformat.validate(nbformat.read(folder / "rnn.ipynb", as_version=4))
    for name in ("rnn.py", "rnn.ipynb"):
        grade = grader_of(course).grade(Submission("rnn", name, (folder / name).read_bytes()))
        assert str(grade.reason) == "not attempted: every entry is still the template"
    assert (folder / "public_checks.py").exists() == (course != "pytorch")
    if course == "pytorch":
        return
    (folder / "mine.py").write_text(sample(course), encoding="utf-8")
    command = [sys.executable, "public_checks.py"]
    right = subprocess.run([*command, "mine.py"], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert (right.returncode, right.stdout.count("WRONG"), right.stderr) == (0, 0, "")
    template = subprocess.run([*command, "rnn.py"], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert (template.returncode, template.stdout.count("ok   ")) == (1, 0)


@pytest.mark.parametrize(
    ("course", "assignment", "told"),
    [
        ("cs231n", "notes", "Wx as (D, H), Wh for h @ Wh, the result first in a tuple"),
        ("keras", "notes", "Wx as (D, H), Wh for h @ Wh"),
    ],
)
def test_a_hand_in_of_another_course_is_told_so(course: str, assignment: str, told: str, grader_of: GraderOf) -> None:
    text = sample(course).replace("simple_rnn_cell", "rnn_cell").replace("rnn_step(", "rnn_cell(")
    grade = grader_of(assignment).grade(Submission("a", "a.py", text.encode()))
    assert [finding.rule for finding in grade.findings] == ["other-convention"]
    assert told in str(grade.findings[0].message)
    assert set(grade.findings[0].costs) >= {"shapes.cell-output", "numerics.cell"}


@pytest.mark.parametrize(
    ("course", "change", "told"),
    [
        (
            "cs231n",
            (("x.dot(Wx) + prev_h.dot(Wh)", "x.dot(Wx.T) + prev_h.dot(Wh.T)"),),
            "Wx as (H, D), Wh for Wh @ h",
        ),
        (
            "coursera",
            (("np.dot(Wax, xt) + np.dot(Waa, a_prev)", "np.dot(Wax.T, xt) + np.dot(Waa.T, a_prev)"),),
            "Wx as (D, H), Wh for h @ Wh",
        ),
    ],
)
def test_another_convention_inside_a_course_is_told(
    course: str, change: tuple[tuple[str, str], ...], told: str, grader_of: GraderOf
) -> None:
    text = sample(course)
    for old, new in change:
        assert old in text
        text = text.replace(old, new)
    grade = grader_of(course).grade(Submission("a", "a.py", text.encode()))
    assert [finding.rule for finding in grade.findings] == ["other-convention"]
    assert told in str(grade.findings[0].message)


def test_columns_are_told(grader_of: GraderOf) -> None:
    text = (
        "import numpy as np\n"
        "def rnn_cell(x, h, Wx, Wh, b):\n"
        "    assert h.shape == (len(Wh), 1)\n"
        "    return np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)\n"
    )
    grade = grader_of("notes").grade(Submission("a", "a.py", text.encode()))
    assert [finding.rule for finding in grade.findings] == ["other-convention"]
    told = "input_t as (D, 1), hidden_state_t as (H, 1), output_t as (H, 1), b as (H, 1)"
    assert told in str(grade.findings[0].message)


def test_what_is_right_in_no_convention_is_not_said_to_be_of_another(grader_of: GraderOf) -> None:
    text = "import numpy as np\ndef rnn_cell(x, h, Wx, Wh, b):\n    return np.cos(x @ Wx + h @ Wh + b)\n"
    grade = grader_of("notes").grade(Submission("a", "a.py", text.encode()))
    assert grade.findings == ()
