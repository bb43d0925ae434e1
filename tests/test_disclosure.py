"""Students are told what the assignment says, and a hidden check leaks nothing."""

import csv
import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.bank import Bank
from harness.disclosure import WITHOUT_EXPECTED, disclosed, without_expected
from harness.model import Assignment, Grade, Outcome, Submission
from harness.reports import Reports
from harness.reports.explanation import explain
from harness.run import Setting, prepare
from harness.run import grade as grade_run
from harness.words import say
from tests.conftest import PROJECT, SUBMISSIONS, GradeSource
from tests.test_language import SAID

WRONG = (SUBMISSIONS / "buggy" / "misspelled_hidden_state.py").read_text()


def told(grade_source: GradeSource, notes: Assignment, dial: str, text: str = WRONG) -> str:
    return "\n".join(explain(disclosed(grade_source(text), replace(notes, feedback=dial))))


def test_full_says_everything(grade_source: GradeSource, notes: Assignment) -> None:
    text = told(grade_source, notes, "full")
    for part in ("should be 0.642", "expected  [[0.76", "line 17", "fix       - hiden_state_t = output_t"):
        assert part in text


def test_no_expected_has_the_input_and_what_came_back_and_no_more(grade_source: GradeSource, notes: Assignment) -> None:
    text = told(grade_source, notes, "no-expected")
    assert "total_hidden_states[1, 0] = 0, which is wrong" in text
    assert "call      rnn_layer(inputs=np.array([[1.], [0.]])" in text
    assert "returned  [[0.76" in text
    for part in ("0.642", "should be", "expected", "allowed", "off by"):
        assert part not in text


def test_hints_have_the_claim_and_the_name_of_the_bug(grade_source: GradeSource, notes: Assignment) -> None:
    text = told(grade_source, notes, "hints")
    assert "each hidden state is computed from the one before it" in text
    assert "misspelled-hidden-state" in text
    for part in ("line 17", "hiden_state_t", "np.array", "0.76", "returned", "evidence"):
        assert part not in text


def test_marks_have_the_points_alone(grade_source: GradeSource, notes: Assignment) -> None:
    text = told(grade_source, notes, "marks")
    assert "74 of 94 points" in text
    assert "FAILED  stacking.state-is-carried    0 of 10 points" in text
    for part in ("misspelled", "claim", "computed from", "hiden", "np.array"):
        assert part not in text


#: Parts of sentences by which a template says what should have been.
TELLING = re.compile(r"{want}|{allowed}|{off}|should be {|should have")


def test_every_sentence_that_says_what_should_have_been_has_one_that_does_not() -> None:
    telling = {template for template in SAID if TELLING.search(template) and "{want}" in template}
    assert telling == set(WITHOUT_EXPECTED)
    for other in WITHOUT_EXPECTED.values():
        assert not TELLING.search(other)


def test_expected_values_are_taken_out_of_sentences_in_sentences() -> None:
    inner = say("{where} = {got}, but should be {want}", where="h[0]", got=1, want=0.4711)
    assert "0.4711" not in str(without_expected(say("counted from row {first}, {what}", first=1, what=inner)))


SECRET = "stacking.state-is-carried"


@pytest.fixture(scope="module")
def hiding(notes: Assignment) -> Assignment:
    return replace(notes, checks=tuple(replace(plan, hidden=plan.id == SECRET) for plan in notes.checks))


def graded(assignment: Assignment, folder: Path) -> tuple[Grade, Setting]:
    setting = prepare(assignment, device="cpu")
    (grade,) = grade_run([lambda: Submission("me", "me.py", WRONG.encode())], setting, jobs=1)
    return grade, setting


def test_a_hidden_check_counts_and_is_not_told(hiding: Assignment, bank: Bank, tmp_path: Path) -> None:
    grade, _ = graded(hiding, tmp_path)
    assert (grade.score, grade.max_score) == (74, 94)
    seen = disclosed(grade, hiding)
    # Not how long it took: any digits may be among those of a measured time.
    text = "\n".join(explain(seen)) + repr(replace(seen, seconds=None))
    for part in (SECRET, "computed from the one before", "of 94", "0.642"):
        assert part not in text
    # 94 less the 10 of the hidden check; long-sequence (4) and what waits for the hidden one (6) are lost.
    assert (seen.score, seen.max_score, seen.follow_through_score) == (74, 84, 74)


def test_what_waits_for_a_hidden_check_does_not_say_for_which(hiding: Assignment, grade_source: GradeSource) -> None:
    seen = disclosed(grade_source(WRONG), hiding)
    waiting = next(check for check in seen.checks if check.id == "batches.each-sample")
    assert waiting.outcome is Outcome.NOT_RUN
    assert str(waiting.message) == "not run"


def test_a_bug_that_costs_hidden_checks_alone_is_not_named(notes: Assignment, grade_source: GradeSource) -> None:
    grade = grade_source(WRONG)
    costs = grade.findings[0].costs
    hiding = replace(notes, checks=tuple(replace(plan, hidden=plan.id in costs) for plan in notes.checks))
    seen = disclosed(grade, hiding)
    assert seen.findings == ()
    assert seen.score == seen.max_score


def test_feedback_files_and_pytest_items_are_disclosed(tmp_path: Path, pytester: pytest.Pytester) -> None:
    text = (PROJECT / "harness" / "assignments" / "notes.toml").read_text()
    hidden = text.replace(f'id = "{SECRET}"\npoints = 10', f'id = "{SECRET}"\npoints = 10\nhidden = true')
    assert hidden != text
    assignment = tmp_path / "secret.toml"
    assignment.write_text(hidden)
    hand_in = tmp_path / "me.py"
    hand_in.write_text(WRONG)
    result = pytester.runpytest_subprocess("--grade", str(hand_in), "--grade-assignment", str(assignment), "-v")
    assert SECRET not in "\n".join(result.outlines + result.errlines)
    command = ["grade.py", str(hand_in), "--assignment", str(assignment), "--out", str(tmp_path / "out")]
    done = pytester.run(sys.executable, str(PROJECT / command[0]), *command[1:])
    assert SECRET not in "\n".join(done.outlines)
    assert SECRET not in (tmp_path / "out" / "feedback" / "me.md").read_text()
    # The instructor's own records have it.
    assert any(SECRET in str(one) for one in json.loads((tmp_path / "out" / "results.json").read_text())["submissions"])


def test_the_assignment_chooses_which_score_is_the_mark(notes: Assignment, tmp_path: Path) -> None:
    for which, mark in (("score", "74.0"), ("follow-through", "84.0")):
        grade, setting = graded(replace(notes, mark=which), tmp_path)
        with Reports(setting.run, tmp_path) as reports:
            reports.write(grade)
        with (tmp_path / "gradebook.csv").open(newline="", encoding="utf-8-sig") as file:
            (row,) = csv.DictReader(file)
        assert (row["score"], row["follow_through_score"], row["mark"]) == ("74.0", "84.0", mark)
        assert float(row["percent"]) == pytest.approx(100 * float(mark) / 94, abs=0.01)
