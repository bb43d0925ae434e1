"""Failures are shown on the smallest input: worked out by hand where that can be done, and the same on every run."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness import kept, shrinking
from harness.bank import Bank
from harness.grading import Grader
from harness.model import Argument, Assignment, Submission
from harness.shrinking import Shape, Shrinker, axes_of
from harness.twins import Twins
from tests.bug_styles import BUGGY, STYLES, written
from tests.conftest import PROJECT, GradeSource, check_of

#: For a bug: the check, and its smallest input; each can be seen to be smallest by hand.
BY_HAND = {
    # A bias of 1 and nothing else.
    "missing-bias": ("numerics.bias-term", "rnn_cell(input_t=np.array([0.]), hidden_state_t=np.array([0.]), Wx=np.array([[0.]]), Wh=np.array([[0.]]), b=np.array([1.]))"),
    # Two steps, of which the second must remember the first.
    "state-not-carried": ("stacking.state-is-carried", "rnn_layer(inputs=np.array([[1.], [0.]]), Wx=np.array([[1.]]), Wh=np.array([[1.]]), b=np.array([0.]))"),
    # A transpose shows only in two dimensions.
    "transposed-wh": ("numerics.recurrent-term", "rnn_cell(input_t=np.array([0.]), hidden_state_t=np.array([0., 1.]), Wx=np.array([[0.], [0.]]), Wh=np.array([[0., 0.], [1., 0.]]), b=np.array([0., 0.]))"),
    # One step from a state of 1.
    "initial-state-ignored": ("stacking.initial-state", "rnn_layer(inputs=np.array([[0.]]), Wx=np.array([[0.]]), Wh=np.array([[1.]]), b=np.array([0.]), hidden_state_0=np.array([1.]))"),
    # Large sums stay large: 1000 in, where tanh of exponentials overflows.
    "overflowing-tanh": ("numerics.saturation", "rnn_cell(input_t=np.array([1000.]), hidden_state_t=np.array([0.]), Wx=np.array([[1.]]), Wh=np.array([[0.]]), b=np.array([0.]))"),
    # A batch stays a batch, of two samples with one step each.
    "batch-mixed": ("batches.each-sample", "rnn_layer(inputs=np.array([[[0.]], [[0.]]]), Wx=np.array([[0.]]), Wh=np.array([[1.]]), b=np.array([1.]))"),
}  # fmt: skip


def call(grade, id: str) -> str:
    shown = check_of(grade, id).counterexample
    assert shown is not None
    return shown["call"].replace("rnn_step_forward", "rnn_cell").replace("rnn_forward", "rnn_layer")


@pytest.mark.parametrize("bug", BY_HAND)
def test_the_smallest_input_of_a_known_bug(bug: str, grade_source: GradeSource) -> None:
    id, expected = BY_HAND[bug]
    text, _ = written(*BUGGY[bug][0], bug)
    assert call(grade_source(text), id) == expected


def test_a_bug_that_nobody_knows_is_shrunk_against_the_living_child(grade_source: GradeSource) -> None:
    text = STYLES["filled"].replace("prev_h @ Wh.T + b", "prev_h @ Wh.T + 3 * b")
    assert call(grade_source(text), "numerics.bias-term") == BY_HAND["missing-bias"][1]


def test_the_input_is_the_same_on_every_run(notes: Assignment, bank: Bank) -> None:
    text = STYLES["filled"].replace("np.tanh(a)", "np.tanh(a) * np.cos(a)")
    seen = set()
    for _ in range(2):
        grader = Grader(notes, bank)
        grade = grader.grade(Submission("s", "s.py", text.encode()))
        grader.close()
        seen.add(tuple(str(check.counterexample) for check in grade.checks))
    assert len(seen) == 1


def smallest_of(bug: str, check: str, notes: Assignment, bank: Bank) -> str:
    way = next(way for way in Twins(bank, notes).ways if way.names == (bug,))
    plan = next(plan for plan in notes.checks if plan.id == check)
    return repr(Shrinker(notes, bank).smallest_of_bug(way, plan))


def test_the_smallest_input_of_a_bug_is_kept_between_runs(
    notes: Assignment, bank: Bank, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RNN_HARNESS_CACHE", str(tmp_path))
    wanted = [
        ("missing-bias", "numerics.bias-term"),
        ("missing-bias", "numerics.input-term"),
    ]  # the second shows nothing
    first = [smallest_of(*one, notes, bank) for one in wanted]
    assert first[0] != first[1] == "None"
    with monkeypatch.context() as patch:
        patch.setattr(shrinking, "search", None)
        assert [smallest_of(*one, notes, bank) for one in wanted] == first
    for file in (tmp_path / "smallest").iterdir():
        file.write_bytes(b"not a zip file")
    assert [smallest_of(*one, notes, bank) for one in wanted] == first


def test_what_depends_on_another_assignment_is_not_taken(
    notes: Assignment, bank: Bank, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RNN_HARNESS_CACHE", str(tmp_path))
    smallest_of("missing-bias", "numerics.bias-term", notes, bank)
    before = set((tmp_path / "smallest").iterdir())
    smallest_of("missing-bias", "numerics.bias-term", replace(notes, single_precision="fault"), bank)
    assert len(set((tmp_path / "smallest").iterdir()) - before) == len(before)


@pytest.mark.parametrize("arguments", [(np.array([[1.0, -2.0]]), 3, "relu", np.array(0.5)), (), None])
def test_what_is_kept_is_read_as_it_was(arguments: tuple[Argument, ...] | None, tmp_path: Path) -> None:
    kept.write(tmp_path / "one.npz", shrinking._as_arrays(arguments))
    again = shrinking._as_arguments(kept.read(tmp_path / "one.npz"))
    assert repr(again) == repr(arguments)


def test_the_call_that_is_printed_can_be_pasted(grade_source: GradeSource) -> None:
    """Executed here beside the hand-in's own text, it gives what came back."""
    text, _ = written(*BUGGY["state-not-carried"][0], "x")
    shown = check_of(grade_source(text), "stacking.state-is-carried").counterexample
    assert shown is not None
    namespace: dict[str, object] = {}
    exec(text, namespace)
    assert np.allclose(eval(shown["call"], namespace), shown["yours"])


def test_a_failure_that_hangs_or_dies_is_shown_as_it_was(grade_source: GradeSource) -> None:
    text = STYLES["filled"].replace("    T = x.shape[-2]", "    import os; os._exit(3)\n    T = x.shape[-2]")
    check = check_of(grade_source(text), "shapes.layer-output")
    assert "ended its process" in str(check.message)


def test_what_was_zero_stays_zero(bank: Bank) -> None:
    shape = Shape.of(bank.canonical["cell.only-input"])
    assert shape.kinds == ("small", "zero", "small", "small", "zero")
    assert Shape.of(bank.canonical["cell.overflowing"]).kinds[0] == "large"
    assert axes_of("Wx_decoder") == ["H", "O"]


def test_nothing_is_left_where_the_command_is_run(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(STYLES["filled"].replace("prev_h @ Wh.T + b", "prev_h @ Wh.T + 3 * b"))
    command = [sys.executable, str(PROJECT / "grade.py"), "a.py", "--out", "out"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.py", "out"]
