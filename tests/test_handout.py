"""What is given out works where it is given to: as a file, as a notebook, at Gradescope, in a notebook's cell."""

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from harness import check, commands
from harness.errors import InputError
from harness.grading import Grader
from harness.handout import public_checks
from harness.handout.problems import problems
from harness.handout.starter import claims_of
from harness.language import language
from harness.model import Assignment, Submission
from harness.run import choose_assignment
from tests.conftest import PROJECT, SUBMISSIONS, GradeSource, is_full
from tests.test_reports import RESULTS

RIGHT = SUBMISSIONS / "correct" / "loop.py"
WRONG = SUBMISSIONS / "buggy" / "misspelled_hidden_state.py"


def hand_out(folder: Path, assignment: str = "notes", *options: str) -> Path:
    result = CliRunner().invoke(commands.handout, [assignment, str(folder), *options])
    assert result.exit_code == 0, result.output
    return folder


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("assignment", ["notes", "notes-models"])
def test_the_starter_is_a_template_and_says_what_is_asked(
    tmp_path: Path, assignment: str, lang: str, grader: Grader, models_grader: Grader
) -> None:
    folder = hand_out(tmp_path / "out", assignment, "--lang", lang)
    own = grader if assignment == "notes" else models_grader
    nbformat.validate(nbformat.read(folder / "rnn.ipynb", as_version=4))
    for name in ("rnn.py", "rnn.ipynb"):
        grade = own.grade(Submission("rnn", name, (folder / name).read_bytes()))
        assert str(grade.reason) == "not attempted: every entry is still the template"
        assert grade.notes == ()
    text = (folder / "rnn.py").read_text(encoding="utf-8")
    asked = choose_assignment(assignment)
    for entry in asked.entries:
        assert f"def {entry.functions[0]}(" in text
        assert all(f"- {language(lang)(claim)}" in text for claim in claims_of(entry, asked))
    assert "output_t : (H,)" in text or "outputs : (T, O)" in text


def run_checks(folder: Path, path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(folder / "public_checks.py"), str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_public_checks_tell_right_from_wrong(tmp_path: Path) -> None:
    folder = hand_out(tmp_path / "out")
    right = run_checks(folder, RIGHT)
    assert (right.returncode, right.stdout.count("WRONG")) == (0, 0)
    wrong = run_checks(folder, WRONG)
    assert wrong.returncode == 1
    assert re.search(r"WRONG rnn_layer .* \[1, 0\]: -?[\d.]+ != -?[\d.]+", wrong.stdout)
    (tmp_path / "bare.py").write_text("def rnn_cell(x, h, Wx, Wh, b): return 1\n")
    bare = run_checks(folder, tmp_path / "bare.py")
    assert "WRONG rnn_cell (3,), (4,), (4, 3), (4, 4), (4,) () != (4,)" in bare.stdout
    assert "it is not there" in bare.stdout


@pytest.mark.parametrize("name", ["notes", "notes-models"])
def test_the_problems_are_not_those_of_the_grading(name: str) -> None:
    asked = choose_assignment(name)
    from harness.bank import make_bank

    graded = [case.arguments for case in make_bank(asked, "cpu").cases.values()]
    public = list(problems(asked))
    assert {entry.name for entry, _ in public} == {entry.name for entry in asked.entries}
    for arguments in [case.arguments for _, cases in public for case in cases]:
        assert not any(len(arguments) == len(known) and all(map(np.array_equal, arguments, known)) for known in graded)


def test_a_handout_takes_nothings_place(tmp_path: Path) -> None:
    folder = hand_out(tmp_path / "out")
    (folder / "rnn.py").write_text("my work")
    result = CliRunner().invoke(commands.handout, ["notes", str(folder)])
    assert result.exit_code == 2
    assert result.output == f"grade.py: {folder / 'rnn.py'} is there already; move it away, or give another folder\n"
    assert (folder / "rnn.py").read_text() == "my work"


BAD: dict[str, tuple[Callable[[Path], list[str]], str]] = {
    "assignment": (lambda folder: ["nots", str(folder / "x")], "grade.py: there is no assignment 'nots'; choose one"),
    "folder": (lambda folder: ["notes", str(folder / "file" / "x")], "can't be written: Not a directory"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_handout_that_cannot_be_is_one_clear_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    arguments, message = BAD[name]
    result = CliRunner().invoke(commands.handout, arguments(tmp_path))
    assert (result.exit_code, message in result.output, result.output.count("\n")) == (2, True, 1)


def test_a_hidden_check_is_in_no_handout(notes: Assignment) -> None:
    from dataclasses import replace

    plans = tuple(replace(plan, hidden=True) for plan in notes.checks)
    assert not list(claims_of(notes.entries[0], replace(notes, checks=plans)))
    assert "def main" in (public_checks(notes, str) or "")


# Gradescope: the zip, laid out and run as it is there


@pytest.fixture(scope="module")
def autograder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = hand_out(tmp_path_factory.mktemp("handout") / "out", "notes", "--gradescope")
    root = tmp_path_factory.mktemp("autograder")
    with zipfile.ZipFile(folder / "autograder.zip") as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
        assert modes["setup.sh"] & 0o111
        assert modes["run_autograder"] & 0o111
        archive.extractall(root / "source")
    return root


def run_autograder(root: Path, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    for path in (root / "submission").glob("*"):
        path.unlink()
    (root / "submission").mkdir(exist_ok=True)
    for name, text in files.items():
        (root / "submission" / name).write_text(text)
    environment = {**os.environ, "AUTOGRADER": str(root), "PYTHON": sys.executable}
    command = ["bash", str(root / "source" / "run_autograder")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_autograder_runs_as_at_gradescope(autograder: Path) -> None:
    import jsonschema

    done = run_autograder(autograder, {"my_rnn.py": WRONG.read_text(), "helper.py": "def f(): return 1\n"})
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((autograder / "results" / "results.json").read_text())
    jsonschema.validate(results, RESULTS)
    assert results["score"] == 74
    assert results["extra_data"]["findings"] == ["misspelled-hidden-state"]
    assert sorted(path.name for path in autograder.iterdir()) == ["results", "source", "submission"]


def test_the_autograder_without_a_hand_in_that_can_be_graded(autograder: Path) -> None:
    done = run_autograder(autograder, {"report.txt": "see attachment"})
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((autograder / "results" / "results.json").read_text())
    assert results["score"] == 0
    assert "there is no .py, .ipynb, .md file among what was handed in: report.txt" in results["output"]


def test_the_autograder_brings_all_that_it_needs(autograder: Path) -> None:
    source = autograder / "source" / "rnn-harness"
    assert {"pyproject.toml", "grade.py", "harness", "reference", "LICENSE"} <= {path.name for path in source.iterdir()}
    here = {path.relative_to(PROJECT) for path in (PROJECT / "harness").rglob("*.py")}
    assert {path.relative_to(source) for path in (source / "harness").rglob("*.py")} == here
    done = subprocess.run(["bash", "-n", str(autograder / "source" / "setup.sh")], check=False)
    assert done.returncode == 0


def test_an_assignment_of_ones_own_goes_along(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_bytes((PROJECT / "harness" / "assignments" / "notes.toml").read_bytes())
    folder = hand_out(tmp_path / "out", str(own), "--gradescope", "--classroom")
    with zipfile.ZipFile(io.BytesIO((folder / "autograder.zip").read_bytes())) as archive:
        assert archive.read("rnn-harness/assignment.toml") == own.read_bytes()
        assert b"--assignment assignment.toml" in archive.read("run_autograder")
    workflow = yaml.safe_load((folder / ".github" / "workflows" / "grade.yml").read_text())
    (job,) = workflow["jobs"].values()
    graded = next(step["run"] for step in job["steps"] if step.get("name") == "Grade")
    assert "--assignment .github/rnn-harness/assignment.toml" in graded
    assert (folder / ".github" / "rnn-harness" / "assignment.toml").exists()


def test_the_command_of_the_workflow_runs(tmp_path: Path) -> None:
    repository = hand_out(tmp_path / "hw1-kim", "notes", "--classroom")
    (repository / "rnn.py").write_text(RIGHT.read_text())
    workflow = yaml.safe_load((repository / ".github" / "workflows" / "grade.yml").read_text())
    (job,) = workflow["jobs"].values()
    command = next(step["run"] for step in job["steps"] if step.get("name") == "Grade")
    environment = {
        **os.environ,
        "RUNNER_TEMP": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "94 of 94 points" in (tmp_path / "grades" / "github-summary.md").read_text()


# check(): in the student's own process


def load(path: Path) -> dict[str, object]:
    from importlib.machinery import SourceFileLoader
    from importlib.util import module_from_spec, spec_from_loader

    spec = spec_from_loader(path.stem, SourceFileLoader(path.stem, str(path)))
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return vars(module)


def test_check_says_what_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    right = load(RIGHT)
    done = check(right["rnn_cell"], right["rnn_layer"])
    assert done.passed
    assert repr(done).startswith("rnn_cell, rnn_layer: 94 of 94 points")
    assert capsys.readouterr().out == f"{done}\n"  # a program shows nothing by itself


def test_check_says_what_is_wrong_with_a_picture() -> None:
    done = check(load(WRONG)["rnn_layer"])
    assert not done.passed
    assert "FAILED  stacking.state-is-carried    0 of 10 points" in repr(done)
    assert "cell" not in re.sub("rnn_cell", "", repr(done).split("PASSED")[1])
    html = done._repr_html_()
    assert "each hidden state is computed from the one before it" in html
    assert '<svg class="states"' in html
    assert "<script" not in html


def test_check_takes_classes_and_other_assignments_and_korean() -> None:
    class RNN:
        def __init__(self, Wx: np.ndarray, Wh: np.ndarray, b: np.ndarray) -> None:
            self.Wx, self.Wh, self.b = Wx, Wh, b

        def forward(self, inputs: np.ndarray) -> np.ndarray:
            h, states = np.zeros(len(self.b)), []
            for x in inputs:
                h = np.tanh(self.Wx @ x + self.Wh @ h + self.b)
                states.append(h)
            return np.stack(states)

    assert "stacking.state-is-carried" in repr(check(RNN)).split("PASSED")[1]

    def output_layer(h: np.ndarray, Wy: np.ndarray, by: np.ndarray, activation: str) -> np.ndarray:
        y = h @ Wy.T + by
        e = np.exp(y - y.max(axis=-1, keepdims=True))
        return np.where(activation == "softmax", e / e.sum(axis=-1, keepdims=True), 0.5 * (1 + np.tanh(y / 2)))

    done = check(output_layer, assignment="notes-models", lang="ko")
    assert done.passed, repr(done)
    assert "점" in repr(done)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((len,), "there is nothing to check: give functions or classes that are called rnn_cell or rnn_layer"),
        ((1,), "1 is no"),
    ],
)
def test_check_of_something_else_is_told(given: tuple[object, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check(*given)


def test_what_students_call_check_with_costs_nothing_when_it_is_graded(grade_source: GradeSource) -> None:
    text = RIGHT.read_text() + "\nfrom harness import check\nprint(check(rnn_cell, rnn_layer))\n"
    grade = grade_source(text)
    assert is_full(grade)
    assert grade.notes == ()
    assert grade.printed == "None\n"
