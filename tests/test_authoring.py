"""Assignments of one's own: from a sample solution, from answers, and one clear line for what can't be had."""

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness import cli, commands
from harness.assignment import load_assignment
from harness.checks import CHECKS
from harness.convention import axes_of
from tests.conftest import PROJECT, SUBMISSIONS


def new(path: Path, *options: str, answers: str = "") -> Result:
    return CliRunner().invoke(commands.assignment, ["new", str(path), *options], input=answers)


TIME_FIRST = """\
import numpy as np

def zelle(h, x, Wx, Wh, b):
    return np.tanh(x @ Wx + h @ Wh + b)

def schicht(x, Wx, Wh, b, h0=None):
    h = np.zeros((x.shape[1], len(Wh))) if h0 is None else h0
    hs = []
    for x_t in x:
        h = zelle(h, x_t, Wx, Wh, b)
        hs.append(h)
    return np.stack(hs), h
"""
#: A sample, the options, and what must be written down.
SAMPLES = {
    "cs231n": (
        PROJECT / "docs" / "courses" / "cs231n.py",
        (),
        {"batch": "always", "Wx": "D H", "Wh": "H_before H", "inputs": "N T D"},
        ["inputs", "hidden_state_0", "Wx", "Wh", "b"],
        ["total_hidden_states", "_"],
    ),
    "notes": (
        SUBMISSIONS / "correct" / "einsum.py",
        (),
        {"batch": "optional", "Wx": "H D", "Wh": "H H_before", "inputs": "N T D"},
        ["inputs", "Wx", "Wh", "b", "hidden_state_0"],
        None,
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_shows_its_convention(name: str, tmp_path: Path) -> None:
    sample, options, axes, order, returns = SAMPLES[name]
    path = tmp_path / "mine.toml"
    result = new(path, "--from", str(sample), *options)
    assert result.exit_code == 0, result.output
    assert f"{sample} gets 100 of 100 in it" in result.output
    assert f"next: python grade.py audit --assignment {path}" in result.output
    assignment = load_assignment(str(path), CHECKS)
    assert {**{word: axes_of(word, assignment) for word in ("Wx", "Wh", "inputs")}, "batch": assignment.batch} == axes
    entry = tomllib.loads(path.read_text(encoding="utf-8"))["entries"]["layer"]
    assert (entry["parameters"], entry.get("returns")) == (order, returns)


def test_functions_of_other_names_are_named(tmp_path: Path) -> None:
    sample, path = tmp_path / "loesung.py", tmp_path / "mine.toml"
    sample.write_text(TIME_FIRST, encoding="utf-8")
    result = new(path, "--from", str(sample), "--cell", "zelle", "--layer", "schicht", "--title", "Übung 3")
    assert result.exit_code == 0, result.output
    assert f"{sample} gets 100 of 100 in it" in result.output
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    assert data["title"] == "Übung 3"
    assert data["entries"]["cell"]["parameters"] == ["hidden_state_t", "input_t", "Wx", "Wh", "b"]
    assert data["entries"]["layer"]["required"] == 4
    assert data["convention"]["inputs"] == "T N D"


def test_answers_do_as_well(tmp_path: Path) -> None:
    path, sample = tmp_path / "mine.toml", tmp_path / "loesung.py"
    sample.write_text(TIME_FIRST.replace(", h\n", "\n"), encoding="utf-8")
    answers = [
        "zelle", "input_t, hidden_state_t", "hidden_state_t, input_t, Wx, Wh, b", "schicht", "", "y",
        "D H", "h @ Wh", "T N D", "H", "always", "1",
    ]  # fmt: skip
    result = new(path, answers="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    assert "these, each once: input_t, hidden_state_t, Wx, Wh, b" in result.output
    graded = CliRunner().invoke(cli.main, [str(sample), "--assignment", str(path), "--out", str(tmp_path / "out")])
    assert "loesung: 100 of 100 points" in graded.output


BAD = {
    "wrong": ("def rnn_cell(x, h, Wx, Wh, b):\n    return x\ndef rnn_layer(x, Wx, Wh, b):\n    return x\n", (), "rnn_cell is right in none of the conventions that are tried; leave out --from"),
    "nothing": ("x = 1\n", (), "no function for the cell: no rnn_cell or cell was found; name it with --cell"),
    "unknown": (TIME_FIRST, ("--cell", "zelle", "--layer", "sicht"), "no function for the layer: no sicht was found; name it with --layer"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_sample_that_tells_nothing_is_one_clear_line(name: str, tmp_path: Path) -> None:
    text, options, told = BAD[name]
    sample, path = tmp_path / "sample.py", tmp_path / "mine.toml"
    sample.write_text(text, encoding="utf-8")
    result = new(path, "--from", str(sample), *options)
    assert (result.exit_code, result.output.count("\n")) == (2, 1)
    assert result.output.startswith(f"grade.py: {sample}: ")
    assert told in result.output
    assert not path.exists()


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    path, sample = tmp_path / "mine.toml", SUBMISSIONS / "correct" / "loop.py"
    path.write_text("mine")
    result = new(path, "--from", str(sample))
    assert (result.exit_code, result.output) == (2, f"grade.py: {path} is there already; give another name\n")
    result = new(tmp_path / "mine.txt", "--from", str(sample))
    assert result.output == f"grade.py: {tmp_path / 'mine.txt'}: an assignment's file must end in .toml\n"
    result = new(tmp_path / "nowhere" / "mine.toml", "--from", str(sample))
    assert result.exit_code == 2
    assert "can't be written: No such file or directory" in result.output
    result = new(tmp_path / "a.toml", "--from", str(SUBMISSIONS / "correct"))
    assert "must be one file, a solution of the assignment" in result.output


def test_the_page_about_it_has_an_assignment_that_works(tmp_path: Path) -> None:
    """The TOML of docs/your-course.md, with a hand-in that is written as it says."""
    page = (PROJECT / "docs" / "your-course.md").read_text(encoding="utf-8")
    path, sample = tmp_path / "mine.toml", tmp_path / "mine.py"
    path.write_text(page.partition("```toml\n")[2].partition("```")[0], encoding="utf-8")
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 31
    sample.write_text(
        "import numpy as np\n"
        "def rnn_step(h, x, Wx, Wh, b):\n    h = np.tanh(x @ Wx + h @ Wh + b)\n    return h, (x, h)\n"
        "def rnn(x, Wx, Wh, b, h0=None):\n    h = np.zeros((len(x), len(Wh))) if h0 is None else h0\n    hs = []\n"
        "    for t in range(x.shape[1]):\n        h, _ = rnn_step(h, x[:, t], Wx, Wh, b)\n        hs.append(h)\n"
        "    return np.stack(hs, axis=1)\n"
    )
    graded = CliRunner().invoke(cli.main, [str(sample), "--assignment", str(path), "--out", str(tmp_path / "out")])
    assert "mine: 100 of 100 points" in graded.output
