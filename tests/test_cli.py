"""The command line as a person meets it: marks, exits, and one clear line for each thing that can't be."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from harness import cli, commands
from harness.bank import make_bank
from harness.bugs import CATALOGUE
from harness.errors import GraderFault
from harness.reports import terminal
from tests.conftest import PROJECT, SUBMISSIONS

RIGHT = SUBMISSIONS / "correct" / "loop.py"
WRONG = SUBMISSIONS / "buggy" / "misspelled_hidden_state.py"


@pytest.fixture
def grade(tmp_path: Path):
    def run(*arguments: object) -> SimpleNamespace:
        result = CliRunner().invoke(cli.main, [*map(str, arguments), "--out", str(tmp_path / "out"), "--device", "cpu"])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return SimpleNamespace(code=result.exit_code, text=result.output, out=tmp_path / "out")

    return run


def gradebook(out: Path) -> list[dict[str, str]]:
    """The rows of the table."""
    return list(csv.DictReader((out / "gradebook.csv").read_text("utf-8-sig").splitlines()))


def one_line(text: str) -> str:
    """The single line of an error."""
    lines = text.strip().split("\n")
    assert len(lines) == 1, text
    assert "Traceback" not in text
    return lines[0]


def test_one_hand_in_is_explained_in_full(grade) -> None:
    result = grade(WRONG)
    assert result.code == 0
    for part in (
        "misspelled_hidden_state: 74 of 94 points",
        "KNOWN BUG  misspelled-hidden-state (line 17)",
        "FAILED  stacking.state-is-carried    0 of 10 points",
        "claim     each hidden state is computed from the one before it",
        "call      rnn_layer(inputs=np.array([[1.], [0.]]), Wx=np.array([[1.]]), Wh=np.array([[1.]]), b=",
    ):
        assert part in result.text


def test_a_folder_gives_a_table_and_files(grade) -> None:
    result = grade(SUBMISSIONS / "unfinished", RIGHT)
    assert result.code == 0
    assert "5 graded, 0 not graded · assignment notes" in result.text
    data = json.loads((result.out / "results.json").read_text())
    assert {one["id"]: one["score"] / one["max_score"] for one in data["submissions"]}["loop"] == 1.0
    rows = gradebook(result.out)
    assert {row["id"]: row["percent"] for row in rows}["pass"] == "0.0"
    assert "not attempted" in (result.out / "feedback" / "pass.md").read_text()


@pytest.mark.parametrize(("percent", "code"), [(100, 1), (79, 1), (78, 0)])
def test_fail_under(grade, percent: int, code: int) -> None:
    assert grade(WRONG, "--fail-under", percent).code == code


def test_one_check_alone_with_what_it_waits_for(grade) -> None:
    result = grade(WRONG, "--check", "stacking.state-is-carried")
    assert result.code == 0
    checks = json.loads((result.out / "results.json").read_text())["submissions"][0]["checks"]
    assert [check["id"] for check in checks] == ["shapes.layer-output", "stacking.state-is-carried"]


BAD_INPUT = {
    "no-such-path": (["nowhere"], "grade.py: there is no file or folder nowhere"),
    "not-a-hand-in": (["data.csv"], "grade.py: data.csv is no hand-in: it must be one of .py, .ipynb, .md"),
    "empty-folder": (["empty"], "grade.py: there is nothing to grade in empty: no .py, .ipynb, .md file"),
    "unknown-assignment": (
        ["a.py", "--assignment", "nots"],
        "grade.py: there is no assignment 'nots'; choose one of cmu-11785, coursera, ",
    ),
    "malformed-toml": (
        ["a.py", "--assignment", "bad.toml"],
        "grade.py: bad.toml is not valid TOML: Invalid value (at line 2, column 9)",
    ),
    "unknown-check": (["a.py", "--check", "nope"], "grade.py: assignment notes has no check 'nope'; it has shapes."),
    "out-is-a-file": (["a.py", "--out", "data.csv"], "grade.py: data.csv can't be written: File exists"),
    "out-in-a-file": (["a.py", "--out", "data.csv/x"], "grade.py: data.csv/x can't be written: Not a directory"),
}


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_is_one_clear_line(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("data.csv").write_text("a,b\n")
    Path("a.py").write_text("x = 1\n")
    Path("bad.toml").write_text("title = 'x'\nforms = nothing\n")
    arguments, line = BAD_INPUT[name]
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code == 2
    assert one_line(result.output).startswith(line)


@pytest.mark.parametrize("arguments", [[], ["--jobs", "0", "a.py"], ["--nonsense"], ["--fail-under", "101", "a.py"]])
def test_bad_usage_exits_two(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code == 2
    assert "Error: " in result.output


def test_a_gpu_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reference.oracle.torch_version", lambda: "2.13.0+cpu")
    result = CliRunner().invoke(cli.main, [str(RIGHT), "--device", "cuda", "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "no CUDA device is available to torch 2.13.0+cpu; use --device cpu" in one_line(result.output)


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    result = CliRunner().invoke(cli.main, [str(RIGHT), "--out", str(tmp_path / "out")])
    assert (result.exit_code, "can't be written: Permission denied" in one_line(result.output)) == (2, True)


UNREADABLE = {
    "empty.py": (b"", "not readable: the file is empty"),
    "binary.py": (b"\x7fELF\0\0", "not readable: the file is binary, not text"),
    "huge.py": (b"#" * (9 << 20), "not readable: the file has 9,437,184 bytes, more than the 8,388,608 allowed"),
    "undecodable.py": (b"\x81\xfe\xff" * 5, "not readable: the text is in no known encoding; save it as UTF-8"),
    "broken.ipynb": (b'{"cells": [', "not readable: the notebook is not valid JSON"),
    "no-code.ipynb": (b'{"cells": []}', "not readable: the notebook has no code cell"),
    "comments.py": (b"# nothing\n", "not readable: there is no Python statement in it, only comments"),
    "other.py": (b"x = 1\n", "nothing to run was found: no rnn_cell or cell was found; no rnn_layer"),
}


def test_what_cannot_be_read_is_graded_as_such_and_stops_nothing(grade, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, (content, _) in UNREADABLE.items():
        (folder / name).write_bytes(content)
    (folder / "link.py").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe.py")
    (folder / "right.py").write_bytes(RIGHT.read_bytes())
    result = grade(folder, "--jobs", 2)
    assert result.code == 0
    graded = {one["path"]: one for one in json.loads((result.out / "results.json").read_text())["submissions"]}
    for name, (_, reason) in UNREADABLE.items():
        assert graded[name]["reason"].startswith(reason), name
        assert (graded[name]["score"], graded[name]["outcome"]) == (0, "graded")
    assert graded["link.py"]["reason"] == "not readable: it is a symbolic link; hand in the file itself"
    assert graded["pipe.py"]["reason"] == "not readable: it is no ordinary file"
    assert graded["right.py"]["score"] == graded["right.py"]["max_score"]


def test_a_fault_of_ours_exits_three_and_costs_no_mark(
    grade, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*arguments: object) -> None:
        raise RuntimeError("a bug of the grader")

    monkeypatch.setattr("harness.judging.Judging.judge", broken)
    result = grade(RIGHT)
    assert result.code == 3
    assert "the grader failed, not this code; nothing was graded: RuntimeError: a bug of the grader" in result.text
    submission = json.loads((result.out / "results.json").read_text())["submissions"][0]
    assert submission["outcome"] == "not_graded"
    assert {check["outcome"] for check in submission["checks"]} == {"GRADER_FAULT"}
    assert "not_graded" in (result.out / "gradebook.csv").read_text()


def test_a_disagreement_of_reference_and_oracle_exits_three(grade, monkeypatch: pytest.MonkeyPatch) -> None:
    def disagreeing(*arguments: object) -> None:
        raise GraderFault("reference and oracle disagree on layer.plain; nothing was graded")

    monkeypatch.setattr("harness.run.make_bank", disagreeing)
    result = grade(RIGHT)
    assert result.code == 3
    assert one_line(result.text).startswith("grade.py: the grader failed, not a hand-in: reference and oracle disagree")


def test_the_same_bytes_for_any_number_of_jobs_and_any_order(tmp_path: Path) -> None:
    made = []
    hand_ins = [*sorted((SUBMISSIONS / "buggy").glob("[mnt]*")), *sorted((SUBMISSIONS / "unfinished").iterdir())]
    for jobs in (1, 3):
        out = tmp_path / str(jobs)
        CliRunner().invoke(cli.main, [*map(str, hand_ins), "--jobs", str(jobs), "--out", str(out)])
        made.append((out / "results.json").read_bytes())
    assert made[0] == made[1]
    assert len(json.loads(made[0])["submissions"]) == len(hand_ins)


def test_results_have_the_agreed_shape(grade) -> None:
    data = json.loads((grade(WRONG).out / "results.json").read_text())
    assert data["schema"] == "rnn-harness/1"
    assert data["assignment"] == {"name": "notes", "max_score": 100.0}
    assert data["oracle"].keys() == {"torch", "device"}
    assert data["sandbox"]["level"]
    (one,) = data["submissions"]
    keys = "id path sha256 form outcome reason score follow_through_score max_score checks findings notes"
    assert list(one) == keys.split()
    assert (one["form"], one["outcome"], one["reason"]) == ("functions", "graded", None)
    assert list(one["checks"][0]) == ["id", "outcome", "points", "earned", "message", "counterexample"]
    (finding,) = one["findings"]
    assert list(finding) == ["rule", "line", "cell", "evidence", "costs", "message", "fix"]
    assert (finding["rule"], finding["line"], finding["cell"]) == ("misspelled-hidden-state", 17, None)
    assert finding["evidence"][:2] == ["clue", "twin"]
    old, new = finding["fix"].split("\n")
    assert old.startswith("- hiden_state_t = output_t")
    assert new.startswith("+ hidden_state_t = output_t")
    assert sum(check["earned"] for check in one["checks"]) == one["score"]


def test_results_are_written_as_they_come_and_are_whole_json(grade) -> None:
    text = (grade(RIGHT, WRONG).out / "results.json").read_text()
    first, second = json.loads(text)["submissions"]
    assert (first["id"], second["id"]) == ("loop", "misspelled_hidden_state")
    lines = text.split("\n")  # one for each check, so that a diff of two runs shows what changed
    for check in (*first["checks"], *second["checks"]):
        assert sum(line.strip().rstrip(",") == json.dumps(check, ensure_ascii=False) for line in lines) >= 1


def test_a_class_that_fills_no_screen_is_shown_in_part(grade, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "_MOST_ROWS", 2)
    result = grade(SUBMISSIONS / "unfinished", RIGHT)
    assert "... and 3 more, which are in gradebook.csv" in result.text
    assert "5 graded, 0 not graded" in result.text
    assert len(gradebook(result.out)) == 5


def test_the_script_runs_as_a_person_would_run_it(tmp_path: Path) -> None:
    command = [sys.executable, str(PROJECT / "grade.py"), str(RIGHT), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "loop: 94 of 94 points" in done.stdout


def test_gradebook_cells_are_no_formulas(tmp_path: Path, grade) -> None:
    hand_in = tmp_path / "=1+1.py"
    hand_in.write_text("x = 1\n")
    result = grade(hand_in)
    (row,) = gradebook(result.out)
    assert (row["id"], row["path"]) == ("1+1", "'=1+1.py")


def test_a_bank_is_made_for_every_built_in_assignment(models) -> None:
    assert make_bank(models, "cpu").cases


def test_rules_lists_every_known_bug() -> None:
    result = CliRunner().invoke(commands.rules, [])
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == sorted(CATALOGUE)
    assert "The recurrent weights are made (hidden_size, input_size) instead of" in result.output


@pytest.mark.parametrize("name", CATALOGUE)
def test_explain_tells_all_about_one(name: str) -> None:
    result = CliRunner().invoke(commands.explain, [name])
    assert result.exit_code == 0
    for part in (name, "What it does", "Why it hides", "Instead", CATALOGUE[name].about[0]):
        assert part in result.output
    assert ("The smallest input that shows it" in result.output) == bool(CATALOGUE[name].changes)


@pytest.mark.parametrize("name", CATALOGUE)
def test_explain_in_korean_has_the_same_code(name: str) -> None:
    result = CliRunner().invoke(commands.explain, [name, "--lang", "ko"])
    assert result.exit_code == 0
    example = CATALOGUE[name].doc.partition("\nExample\n")[2].split("\n")[0]
    for part in ("하는 일", "왜 틀렸나", "왜 안 보이나", "예", "대신", "관련된 검사", example):
        assert part in result.output


def test_explain_of_what_is_not_there() -> None:
    result = CliRunner().invoke(commands.explain, ["wh-shap"])
    assert result.exit_code == 2
    assert one_line(result.output) == "grade.py: there is no known bug 'wh-shap'; `grade.py rules` lists them"


@pytest.mark.parametrize(("arguments", "first"), [(["rules"], "aliased-states"), (["explain", "wh-shape"], "wh-shape")])
def test_commands_beside_grading(arguments: list[str], first: str, tmp_path: Path) -> None:
    command = [sys.executable, str(PROJECT / "grade.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=True)
    assert done.stdout.startswith(first)


def test_feedback_shows_what_was_printed_and_no_hand_in_can_break_its_fence(tmp_path: Path, grade) -> None:
    hand_in = tmp_path / "prints.py"
    hand_in.write_text("print('hello')\nprint('```')\nprint('\\x1b[31mred <script>')\n")
    page = (grade(hand_in).out / "feedback" / "prints.md").read_text()
    assert page.endswith("````text\nhello\n```\n\\x1b[31mred <script>\n\n````\n")
