"""The audit passes what is good, and complains of what is not: the testers' tester is tested."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from harness import commands
from harness.audit import arithmetic, trial
from harness.audit.trial import Report, Trial
from harness.bank import Bank
from harness.bugs.framework import change
from harness.bugs.parts import RIGHT
from harness.model import Assignment
from harness.reports.audit import told
from harness.ways import Way, single_ways


def held(assignment: Assignment, bank: Bank, **options: Any) -> Report:
    return Trial(assignment, bank).run(problems=4, tell=lambda text: None, **{"pairs": False, **options})


@pytest.fixture(scope="module")
def good(notes: Assignment, bank: Bank) -> Report:
    return held(notes, bank)


def test_the_built_in_assignments_may_be_given_to_a_class(good: Report, models: Assignment, models_bank: Bank) -> None:
    assert list(good.complaints()) == []
    assert list(held(models, models_bank).complaints()) == []
    assert "verdict: it may be given to a class" in list(told(good))


def test_every_bug_is_diagnosed_as_itself(good: Report) -> None:
    assert {bug.names for bug in good.bugs} == {way.names for way in single_ways()} - {
        (name,) for name in ("softmax-axis", "overflowing-softmax", "wrong-output-activation", "output-fed-back", "input-repeated", "wrong-state-read-out", "backward-wh-not-transposed", "gradients-overwritten", "no-backpropagation-through-time", "tanh-derivative-twice")
    }  # fmt: skip
    for bug in good.bugs:
        assert bug.named == bug.names
        assert bug.caught_by


def test_a_bug_escapes_where_the_checks_do_not_look(notes: Assignment, bank: Bank) -> None:
    without = replace(notes, checks=tuple(plan for plan in notes.checks if not plan.id.startswith("batches")))
    complaints = list(held(without, bank).complaints())
    assert "batch-mixed escapes: no check fails" in complaints


def test_a_right_style_that_fails_is_told(notes: Assignment, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    tight = {
        name: replace(case, allowed=case.allowed * 0, allowed_single=case.allowed_single * 0)
        for name, case in bank.cases.items()
    }
    complaints = list(held(notes, replace(bank, cases=tight)).complaints())
    assert any("is right and loses" in one for one in complaints)


def test_a_bound_that_is_too_narrow_is_told(notes: Assignment, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    real = trial.make_cases

    def narrow(*arguments: Any) -> Any:
        return [replace(case, allowed=case.allowed / 1e4) for case in real(*arguments)]

    monkeypatch.setattr(trial, "make_cases", narrow)
    assert any("of the bound" in one for one in held(notes, bank).complaints())


def test_a_reference_that_is_wrong_is_told(notes: Assignment, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {name: replace(case, expected=case.expected + 1e-12) for name, case in bank.canonical.items()}
    complaints = list(held(notes, replace(bank, canonical=wrong)).complaints())
    assert any("away from decimal arithmetic" in one for one in complaints)


def test_two_bugs_that_coincide_are_told(notes: Assignment, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    bug = next(way.bugs[0] for way in single_ways() if way.names == ("missing-bias",))
    again = change(bias=lambda b: 0.0 * b)
    twin = Way((replace(bug, name="bias-forgotten"),), (again,), again.apply(RIGHT))
    test = Trial(notes, bank)
    test._twins.__dict__["ways"] = [*test._twins.ways, twin]
    report = test.run(problems=1, pairs=False, tell=lambda text: None)
    complaints = list(report.complaints())
    assert any("bias-forgotten is only 0 bounds away from missing-bias" in one for one in complaints)
    assert any("missing-bias is diagnosed as nothing" in one for one in complaints)


def test_two_bugs_at_once_are_tried(notes: Assignment, bank: Bank) -> None:
    test = Trial(notes, bank)
    names = ("missing-bias", "state-not-carried", "wrong-stack-axis")
    few = [way for way in test._twins.ways if way.names[0] in names]
    test._twins.__dict__["ways"] = few
    report = test.run(problems=1, pairs=True, tell=lambda text: None)
    assert ("missing-bias", "state-not-carried") in {pair.names for pair in report.pairs}
    assert {pair.verdict for pair in report.pairs} == {"in full"}
    assert any("both named: " in line for line in told(report))


def test_the_command_says_what_is_wrong_with_an_assignment(tmp_path: Any) -> None:
    result = CliRunner().invoke(commands.audit, ["--assignment", "nonsense", "--no-pairs"])
    assert result.exit_code == 2
    assert "there is no assignment 'nonsense'" in result.output


def test_the_command_gives_a_verdict() -> None:
    result = CliRunner().invoke(commands.audit, ["--no-pairs", "--problems", "2"])
    assert result.exit_code == 0
    assert result.output.rstrip().endswith("verdict: it may be given to a class")


def test_decimal_arithmetic_knows_tanh() -> None:
    """tanh(1) to 20 digits, from the tables (Abramowitz and Stegun 4.5)."""
    one = {
        "input_t": np.array([1.0]),
        "hidden_state_t": np.array([0.0]),
        "Wx": np.array([[1.0]]),
        "Wh": np.array([[0.0]]),
        "b": np.array([0.0]),
    }
    assert str(arithmetic.answer("cell", one)["output_t"][0]).startswith("0.76159415595576488811")
