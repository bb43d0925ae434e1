"""``pytest --grade``: a hand-in × check is an item, a known bug is one that fails."""

import pytest

from tests.conftest import SUBMISSIONS


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-rA", "--grade-device", "cpu", *arguments)


def test_a_right_hand_in_passes(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--grade", str(SUBMISSIONS / "correct" / "loop.py"))
    result.assert_outcomes(passed=17, skipped=1)
    assert result.ret == 0


def test_a_wrong_one_fails_with_its_reason_and_its_bug(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--grade", str(SUBMISSIONS / "buggy" / "misspelled_hidden_state.py"))
    assert result.ret == 1
    result.assert_outcomes(passed=14, skipped=1, failed=4)
    result.stdout.fnmatch_lines(
        [
            "*each hidden state is computed from the one before it*",
            "*right: row 0; wrong: row 1*",
            "FAILED *misspelled_hidden_state.py::stacking.state-is-carried*",
            "FAILED *misspelled_hidden_state.py::known-bug.misspelled-hidden-state@line17*",
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_graded_items_stand_beside_ordinary_tests(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_mine="def test_one(): pass")
    right = str(SUBMISSIONS / "correct" / "loop.py")
    run(pytester, "test_mine.py", "--grade", right).assert_outcomes(passed=18, skipped=1)


def test_with_configured_test_paths_only_the_hand_ins_are_run(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\ntestpaths = tests\n")
    pytester.makepyfile(**{"tests/test_mine": "def test_one(): assert False"})
    right = str(SUBMISSIONS / "correct" / "loop.py")
    run(pytester, "--grade", right).assert_outcomes(passed=17, skipped=1)


def test_items_can_be_chosen_by_name(pytester: pytest.Pytester) -> None:
    right = str(SUBMISSIONS / "correct" / "loop.py")
    run(pytester, "--grade", right, "-k", "numerics.cell").assert_outcomes(passed=1, deselected=17)


def test_bad_input_is_one_clear_line(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--grade", "nowhere")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.stderr.lines[-1].strip() in ("", "ERROR: there is no file or folder nowhere")
    result.stderr.fnmatch_lines(["ERROR: there is no file or folder nowhere"])


def test_without_the_option_nothing_changes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_one(): pass")
    run(pytester).assert_outcomes(passed=1)
