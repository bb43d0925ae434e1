"""The example hand-ins get what the table in their README says."""

import re
from pathlib import Path

import pytest

from harness.bugs import CATALOGUE
from harness.grading import Grader
from harness.model import Grade, Submission
from tests.conftest import PROJECT, SUBMISSIONS, GraderOf, collect, is_full, lost

ROW = re.compile(r"^\| `(?P<path>[^`]+)` \| (?P<form>[\w-]+) \| (?P<third>[^|]*) \| (?P<fourth>[^|]*)\|$", re.M)
ROWS = [match.groupdict() for match in ROW.finditer((SUBMISSIONS / "README.md").read_text(encoding="utf-8"))]
BY_PATH = {row["path"]: row for row in ROWS}


def grade_of(path: str, grader: Grader) -> Grade:
    return grader.grade(Submission(Path(path).stem, path, (SUBMISSIONS / path).read_bytes()))


def findings_of(grade: Grade) -> list[str]:
    return [f"{finding.rule} ({finding.place})" for finding in grade.findings]


def test_every_example_is_in_the_table() -> None:
    assert sorted(one.path for one in collect([SUBMISSIONS])) == sorted(BY_PATH)


@pytest.mark.parametrize("path", [path for path in BY_PATH if path.startswith("correct/")])
def test_a_correct_one_gets_everything_and_no_finding(path: str, grader: Grader) -> None:
    grade = grade_of(path, grader)
    assert (str(grade.form), BY_PATH[path]["third"].strip()) == (BY_PATH[path]["form"], "100")
    assert is_full(grade), [(check.id, check.message) for check in grade.checks if not check.earned]
    assert grade.findings == ()


ASSIGNMENTS = ("notes", "notes-models", "cs231n")
ONE_EACH = [path for path, row in BY_PATH.items() if row["form"] in ASSIGNMENTS]


@pytest.mark.parametrize("path", [path for path in BY_PATH if path.startswith("buggy/") and path not in ONE_EACH])
def test_a_buggy_one_loses_what_the_table_says(path: str, grader: Grader) -> None:
    grade = grade_of(path, grader)
    row = BY_PATH[path]
    assert str(grade.form) == row["form"]
    assert lost(grade) == set(row["third"].strip().split(", "))
    assert ", ".join(findings_of(grade)) == row["fourth"].strip()
    assert not is_full(grade)


def test_each_known_bug_has_its_example() -> None:
    assert sorted(ONE_EACH) == sorted(f"buggy/{name.replace('-', '_')}.py" for name in CATALOGUE)


@pytest.mark.parametrize("path", ONE_EACH)
def test_an_example_of_a_known_bug_gets_that_finding_and_no_other(
    path: str, grader: Grader, grader_of: GraderOf
) -> None:
    row = BY_PATH[path]
    grade = grade_of(path, grader_of(row["form"]))
    marked = [
        f"{match[1]} (line {number})"
        for number, line in enumerate((SUBMISSIONS / path).read_text(encoding="utf-8").split("\n"), 1)
        if (match := re.search(r"# finding: ([\w-]+)", line))
    ]
    assert findings_of(grade) == marked == [row["third"].strip()]
    assert not is_full(grade)
    assert row["form"] != "notes-models" or is_full(grade_of(path, grader))


@pytest.mark.parametrize("path", [path for path in BY_PATH if path.startswith("unfinished/")])
def test_an_unfinished_one_is_not_attempted_rather_than_wrong(path: str, grader: Grader) -> None:
    grade = grade_of(path, grader)
    assert str(grade.form) == BY_PATH[path]["form"]
    assert f"{100 * grade.score / grade.max_score:.0f}" == BY_PATH[path]["third"].strip()
    assert lost(grade) == set()
    assert any("not attempted" in str(check.message) for check in grade.checks)


def test_the_notes_as_they_are_come_back_with_their_mistakes_and_lines(grader: Grader) -> None:
    text = (SUBMISSIONS / "buggy" / "notes.md").read_text(encoding="utf-8").split("\n")
    grade = grade_of("buggy/notes.md", grader)
    guilty = [(finding.rule, text[finding.place.line - 1].strip()) for finding in grade.findings if finding.place]
    for rule, part in (
        ("scalar-initial-state", "hidden_state_t = 0 "),
        ("loop-over-length", "for input_t in input_length"),
        ("pseudocode-cell", "tanh(input_t, hidden_state_t)"),
        ("misspelled-hidden-state", "hiden_state_t = output_t"),
        ("misspelled-name", "temesteps = 10"),
        ("broken-syntax", "np.randam.random.(("),
        ("misspelled-name", "np.randam.random.(("),
        ("wh-shape", "Wh = np.random.random((hidden_size, input_size))"),
        ("misspelled-name", "np.stack(total_hidden_state, axis = 0)"),
    ):
        assert any(rule == found and part in line for found, line in guilty), (rule, part)
    assert len(guilty) == 9
    assert any("SyntaxError" in str(note) for note in grade.notes)


def test_the_notes_mended_as_proposed_get_everything(grader: Grader) -> None:
    """The sum of the proved fixes is full marks, less what the bugs are about, in the follow-through score."""
    grade = grade_of("buggy/notes.md", grader)
    proved = [finding for finding in grade.findings if "fix" in finding.evidence]
    assert [finding.rule for finding in proved].count("misspelled-name") == 3
    assert len(proved) == 5  # all but the pseudocode's, which is not the listing that is marked
    assert grade.score == 0
    # shapes.layer-output 8 and shapes.own-weights 6 are what the five are about; each is charged once.
    assert grade.follow_through_score == grade.max_score - 8 - 6
    text = (SUBMISSIONS / "buggy" / "notes.md").read_text(encoding="utf-8").split("\n")
    for finding in proved:
        assert finding.fix
        assert finding.place
        _, new = finding.fix.split("\n")
        line = text[finding.place.line - 1]
        indent = line[: len(line) - len(line.lstrip())]
        text[finding.place.line - 1] = indent + new[2:]
    mended = grader.grade(Submission("mended", "mended.md", "\n".join(text).encode()))
    assert is_full(mended), [(check.id, check.message) for check in mended.checks if not check.earned]


def test_a_clue_in_a_right_hand_in_is_a_note_that_costs_nothing(grader: Grader) -> None:
    grade = grade_of("correct/pseudocode_first.md", grader)
    assert grade.findings == ()
    assert any("hiden_state_t" in str(note) and "costs nothing" in str(note) for note in grade.notes)


def test_the_notes_in_the_examples_are_the_ones_handed_out() -> None:
    handed_out = PROJECT.parent / "shared" / "notes.md"
    if not handed_out.exists():
        pytest.skip("the lecture notes are not beside this checkout")
    assert handed_out.read_bytes() == (SUBMISSIONS / "buggy" / "notes.md").read_bytes()
