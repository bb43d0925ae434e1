"""Fixes are run: what they bring back is what the bug cost, and one slip is charged once."""

import pytest

from harness.bugs import CATALOGUE, Sighting, Source
from harness.diagnose import Diagnosis
from harness.edits import replaced
from harness.model import Assignment, CheckResult, Edit, Finding, Outcome, Place
from harness.proof import MOST_RUNS, prove, runs_for
from harness.worker.reading import Block, mend
from tests.bug_styles import STYLES, written
from tests.conftest import SUBMISSIONS, GradeSource, is_full, lost

BUGGY = (SUBMISSIONS / "buggy" / "misspelled_hidden_state.py").read_text()


def test_a_fix_that_works_is_proved_and_charged_once(grade_source: GradeSource) -> None:
    grade = grade_source(BUGGY)
    (finding,) = grade.findings
    assert finding.evidence == ("clue", "twin", "fix")
    assert finding.costs == ("stacking.state-is-carried", "stacking.long-sequence", "batches.each-sample")
    assert (grade.score, grade.max_score) == (94 - 10 - 4 - 6, 94)
    assert grade.follow_through_score == 94 - 10


def test_the_fix_really_gives_full_marks(grade_source: GradeSource) -> None:
    (finding,) = grade_source(BUGGY).findings
    assert finding.fix
    old, new = (line[2:] for line in finding.fix.split("\n"))
    assert is_full(grade_source(BUGGY.replace(old, new)))


def test_a_fix_that_brings_nothing_back_is_no_evidence(grade_source: GradeSource) -> None:
    """The state would be carried, but through a broken cell, of which no twin is known."""
    grade = grade_source(BUGGY.replace("+ b)", "+ 3 * b)"))
    (finding,) = grade.findings
    assert finding.evidence == ("clue",)
    assert grade.follow_through_score == grade.score


TWO = """\
import numpy as np
timesteps, input_size, hidden_size = 10, 4, 8
inputs = np.random.random((timesteps, input_size))
hidden_state_t = np.zeros((hidden_size,))
Wx = np.random.random((hidden_size, input_size))
Wh = np.random.random((hidden_size, input_size))
b = np.random.random((hidden_size,))
total_hidden_states = []
for input_t in inputs:
    output_t = np.tanh(np.dot(Wx, input_t) + np.dot(Wh, hidden_state_t) + b)
    total_hidden_states.append(output_t)
    hiden_state_t = output_t
total_hidden_states = np.stack(total_hidden_states)
"""


def test_two_bugs_of_which_one_hides_the_other_are_both_proved(grade_source: GradeSource) -> None:
    grade = grade_source(TWO)
    assert grade.score == 0
    assert {finding.rule: finding.evidence for finding in grade.findings} == {
        "wh-shape": ("clue", "fix"),
        "misspelled-hidden-state": ("clue", "fix"),
    }
    # Each is charged the one check that it is about: own-weights 6, state-is-carried 10.
    assert grade.follow_through_score == grade.max_score - 16


def test_the_pseudocode_of_the_notes_is_told_but_not_proved(grade_source: GradeSource) -> None:
    grade = grade_source((SUBMISSIONS / "buggy" / "notes.md").read_bytes(), "notes.md")
    evidence = {finding.rule: finding.evidence for finding in grade.findings}
    assert evidence["misspelled-hidden-state"] == ("clue",)
    assert evidence["wh-shape"] == ("clue", "fix")


@pytest.mark.parametrize("indent", ["", "    ", "\t"])
def test_a_line_is_replaced_with_its_indentation_kept(indent: str) -> None:
    blocks = [Block(f"a\n{indent}b\nc", first_line=10, cell=None), Block("a\nb", cell=2)]
    mended = mend(blocks, [(None, (11, len(indent), 11, len(indent) + 1, "new")), (2, (1, 0, 1, 1, "x = 1"))])
    assert [block.text for block in mended] == [f"a\n{indent}new\nc", "x = 1\nb"]


def test_a_line_that_is_not_there_changes_nothing() -> None:
    assert mend([Block("a")], [(None, (7, 0, 7, 1, "new")), (1, (1, 0, 1, 1, "new"))]) == [Block("a")]


SIX = STYLES["script"]
for _old, _new in (
    ("timesteps = 10", "temesteps = 10"),
    ("np.random.random((timesteps, input_size))", "np.randam.random.((timesteps, input_size))"),
    ("hidden_state_t = np.zeros((hidden_size,))", "hidden_state_t = 0"),
    ("Wh = np.random.random((hidden_size, hidden_size))", "Wh = np.random.random((hidden_size, input_size))"),
    ("    hidden_state_t = output_t", "    hiden_state_t = output_t"),
    ("np.stack(total_hidden_states, axis=0)", "np.stack(total_hidden_state, axis=0)"),
):
    assert SIX.count(_old) == 1
    SIX = SIX.replace(_old, _new)


def test_six_mistakes_in_one_hand_in_come_back_as_six_and_a_seventh_on_the_same_line(grade_source: GradeSource) -> None:
    grade = grade_source(SIX)
    lines = SIX.split("\n")
    found = [(finding.rule, lines[finding.place.line - 1].split(" =")[0].strip()) for finding in grade.findings]
    assert found == [
        ("misspelled-name", "temesteps"),
        ("broken-syntax", "inputs"),
        ("misspelled-name", "inputs"),
        ("scalar-initial-state", "hidden_state_t"),
        ("wh-shape", "Wh"),
        ("misspelled-hidden-state", "hiden_state_t"),
        ("misspelled-name", "total_hidden_states"),
    ]
    assert all("fix" in finding.evidence for finding in grade.findings)
    assert grade.score == 0
    # With all of them mended it is right: what is lacking is one check for each mistake.
    charged = {"shapes.layer-output": 8, "shapes.own-weights": 6, "stacking.state-is-carried": 10}
    assert grade.follow_through_score == grade.max_score - sum(charged.values())


#: Two bugs at once: in the cell and in the layer, in one formula, and one that is found by its numbers with one by a clue.
PAIRS = {
    ("missing-bias", "state-not-carried"): ("filled", (("prev_h @ Wh.T + b", "prev_h @ Wh.T"), ("\n        prev_h = h[..., t, :]", ""))),
    ("initial-state-ignored", "wrong-activation"): ("filled", ((" if h0 is None else h0", ""), ("np.tanh(a)", "np.arctan(a)"))),
    ("double-bias", "transposed-wh"): ("filled", (("prev_h @ Wh.T + b", "prev_h @ Wh + 2 * b"),)),
    ("missing-activation", "wrong-stack-axis"): ("filled", (("np.tanh(a)", "a"), ("    return h\n", "    return np.swapaxes(h, -1, -2)\n"))),
    ("bias-outside", "misspelled-hidden-state"): (
        "filled",
        (("prev_h @ Wh.T + b", "prev_h @ Wh.T"), ("np.tanh(a)", "np.tanh(a) + b"), ("prev_h = h[", "pre_h = h[")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("names", PAIRS, ids="+".join)
def test_two_bugs_at_once_are_found_as_two_and_mended_as_two(names: tuple[str, str], grade_source: GradeSource) -> None:
    style, replacements = PAIRS[names]
    grade = grade_source(written(style, replacements)[0])
    assert sorted(finding.rule for finding in grade.findings) == sorted(names)
    for finding in grade.findings:
        assert "twin" in finding.evidence
        assert "fix" in finding.evidence
    charged = {next(id for id in CATALOGUE[name].about if id in lost(grade)) for name in names}
    points = {check.id: check.points for check in grade.checks}
    assert grade.follow_through_score == grade.max_score - sum(points[id] for id in charged)


def test_a_fix_keeps_what_stands_around_it(grade_source: GradeSource) -> None:
    text = written("filled", (("prev_h @ Wh.T + b", "prev_h  @  Wh.T   # no bias, 편향 없음"),))[0]
    (finding,) = grade_source(text).findings
    assert finding.fix is not None
    assert finding.fix.split("\n")[1] == "+ a = x @ Wx.T + prev_h  @  Wh.T + b   # no bias, 편향 없음"


def test_edits_of_one_line_are_made_from_the_last_to_the_first_and_never_overlap() -> None:
    text = "a = f(x)\nb = 2"
    assert replaced(text, 1, [(1, 4, 1, 5, "g"), (1, 6, 1, 7, "yy"), (2, 0, 2, 1, "c")]) == "a = g(yy)\nc = 2"
    assert replaced(text, 1, [(1, 4, 1, 8, "whole"), (1, 6, 1, 7, "y")]) == "a = f(y)\nb = 2"
    assert replaced(text, 1, [(1, 8, 1, 8, "\n    new")]) == "a = f(x)\n    new\nb = 2"
    assert replaced(text, 5, [(1, 0, 1, 1, "z"), (9, 0, 9, 1, "z")]) == text


def test_a_slow_hand_in_is_run_with_fixes_less_often() -> None:
    assert runs_for(0.02) == MOST_RUNS
    assert runs_for(4.0) == 5
    assert runs_for(60.0) == 1


def test_no_more_runs_than_allowed(notes: Assignment) -> None:
    """Fifty clues, none of whose fixes works."""
    text = "for x in xs:\n    y = h\n" + "".join(f"    s{i}ate = y\n" for i in range(50))
    source = Source((), {(None, n): line for n, line in enumerate(text.split("\n"), 1)}, {})
    lost = CheckResult("stacking.state-is-carried", "", Outcome.FAILED, 10.0, 0.0)
    bug = CATALOGUE["state-not-carried"]
    diagnoses = [
        Diagnosis(
            Finding(bug.name, Place(n), ("clue",), (lost.id,), "m"),
            bug,
            lost.id,
            (Sighting(Place(n), {}, (Edit(Place(n), 4, n, 5, "z"),)),),
        )
        for n in range(3, 53)
    ]
    runs: list[object] = []

    def regrade(edits: tuple[Edit, ...]) -> tuple[CheckResult, ...]:
        runs.append(edits)
        return (lost,)

    findings, follow_through = prove(diagnoses, (lost,), source, regrade, 7)
    assert len(runs) == 7
    assert (len(findings), follow_through) == (50, 0.0)


def test_three_mistakes_of_a_beginner_are_named_and_mended(grade_source: GradeSource) -> None:
    """No bias, no state carried, no initial state; and it knows no batches, which no catalogue has to explain."""
    text = """\
import numpy as np
def rnn_cell(x, h, Wx, Wh, b):
    z = np.dot(Wx, x) + np.dot(Wh, h)
    return np.tanh(z)
def rnn_layer(x, Wx, Wh, b):
    h = np.zeros(Wh.shape[0])
    hs = []
    for i in range(len(x)):
        h_next = rnn_cell(x[i], h, Wx, Wh, b)
        hs.append(h_next)
    return np.array(hs)
"""
    grade = grade_source(text)
    found = {finding.rule: finding.place and finding.place.line for finding in grade.findings}
    assert found == {"missing-bias": 3, "state-not-carried": 9, "initial-state-ignored": 6}
    assert all("fix" in finding.evidence for finding in grade.findings)


def test_fixes_in_each_others_way_are_shown_each_by_itself(grade_source: GradeSource) -> None:
    """The state is reset in the loop: one fix changes that line, another moves it away."""
    text = STYLES["filled"].replace("    prev_h = np.zeros(x.shape[:-2] + (Wh.shape[0],)) if h0 is None else h0\n", "")
    text = text.replace(
        "    for t in range(T):\n", "    for t in range(T):\n        prev_h = np.zeros(x.shape[:-2] + (Wh.shape[0],))\n"
    )
    text = text.replace("        prev_h = h[..., t, :]\n", "")
    grade = grade_source(text)
    assert sorted(finding.rule for finding in grade.findings) == ["initial-state-ignored", "state-not-carried"]
    assert not any("pass if" in (finding.fix or "") for finding in grade.findings)
    assert grade.follow_through_score >= grade.score
