"""Fixes are run: what they bring back is what the bug cost, and one slip is charged once."""

import pytest

from harness.worker.reading import Block, mend
from tests.conftest import SUBMISSIONS, GradeSource, is_full

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
