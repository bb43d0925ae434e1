"""--watch grades again when something is saved, and shows what changed; a regrade says who gained what, and why."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from harness import cli
from harness import run as runs
from harness.intake import look
from harness.model import Assignment, Grade, Run, Submission
from harness.reports import Reports, chosen
from harness.watching import Watch
from tests.conftest import PROJECT, SUBMISSIONS, GradeSource
from tests.test_layouts import on_disk

RIGHT = (SUBMISSIONS / "correct" / "loop.py").read_text(encoding="utf-8")
WRONG = RIGHT.replace("        hidden_state_t = output_t\n", "        hiden_state_t = output_t\n")


def test_the_screen_shows_what_changed(tmp_path: Path, notes: Assignment, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rnn.py"
    path.write_text(WRONG)
    watch = Watch(runs.prepare(notes, device="cpu"), lambda: look([path]).hand_ins, 1)

    def shown() -> str:
        watch.look_again()
        return capsys.readouterr().out

    assert shown().startswith("rnn: 74 of 94 points")
    assert shown() == "saved; nothing comes out otherwise\n"
    path.write_text(RIGHT)
    better = shown()
    assert better.startswith("rnn: from 74 to 94 points\n+ stacking.state-is-carried: each hidden state is computed")
    path.write_text(WRONG)
    worse = shown()
    assert "rnn: from 94 to 74 points\n- stacking.state-is-carried: total_hidden_states[1, 0] = 0, but" in worse
    assert "KNOWN BUG  misspelled-hidden-state" in worse
    path.unlink()
    assert "there is no file or folder" in shown()
    path.write_text(RIGHT)
    assert shown().startswith("rnn: from 74 to 94 points")


def test_it_goes_on_until_it_is_interrupted(tmp_path: Path) -> None:
    (tmp_path / "rnn.py").write_text(WRONG)
    command = [sys.executable, "-u", str(PROJECT / "grade.py"), str(tmp_path / "rnn.py"), "--watch", "--device", "cpu"]

    def listens() -> None:  # what is started in the background of a shell ignores Ctrl+C
        signal.signal(signal.SIGINT, signal.default_int_handler)

    with subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=listens,  # noqa: PLW1509 it does nothing that another thread could hold up
    ) as process:
        assert process.stdout
        os.set_blocking(process.stdout.fileno(), False)
        seen = b""
        saved = False
        deadline = time.monotonic() + 60
        while b"from 74 to 94 points" not in seen and time.monotonic() < deadline:
            seen += process.stdout.read() or b""
            if b"Ctrl+C to end" in seen and not saved:
                time.sleep(0.5)  # until the kernel tells of changes
                (tmp_path / "rnn.py").write_text(RIGHT)
                saved = True
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
    assert b"from 74 to 94 points" in seen
    assert process.returncode == 0
    assert b"Traceback" not in seen
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rnn.py"]  # it writes no reports


def grade(folder: Path, *options: str) -> list[dict[str, str]]:
    arguments = [str(folder / "in"), "--out", str(folder / "out"), "--reports", "regrade,results", "--device", "cpu"]
    result = CliRunner().invoke(cli.main, [*arguments, *options])
    assert result.exit_code == 0, result.output
    return list(csv.DictReader((folder / "out" / "regrade.csv").read_text("utf-8-sig").splitlines()))


def test_who_gained_what_and_why(tmp_path: Path) -> None:
    on_disk(tmp_path / "in", {"kim.py": WRONG, "lee.py": RIGHT})
    assert grade(tmp_path) == []
    (tmp_path / "in" / "kim.py").write_text(RIGHT)
    (row,) = grade(tmp_path)
    assert (row["id"], row["before"], row["now"], row["gained"], row["changed"]) == (
        "kim",
        "74/94",
        "94/94",
        "20.0",
        "the hand-in",
    )
    assert "stacking.state-is-carried: FAILED 0/10 -> PASSED 10/10" in row["checks"].split("; ")
    assert row["known_bugs_gone"] == "misspelled-hidden-state"
    assert grade(tmp_path) == [row]  # nothing was graded again; what was said still holds

    toml = (PROJECT / "harness" / "assignments" / "notes.toml").read_text(encoding="utf-8")
    cheaper = toml.replace(
        'id = "stacking.state-is-carried"\npoints = 10', 'id = "stacking.state-is-carried"\npoints = 4'
    )
    (tmp_path / "notes.toml").write_text(cheaper, encoding="utf-8")
    arguments = [str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--assignment", str(tmp_path / "notes.toml")]
    told = CliRunner().invoke(cli.main, [*arguments, "--device", "cpu"]).output
    assert "2 marks are not what they were: 0 gained, 2 lost; --reports regrade says why" in told
    assert "not what they were" not in CliRunner().invoke(cli.main, [*arguments, "--device", "cpu"]).output
    rows = {row["id"]: row for row in grade(tmp_path, "--assignment", str(tmp_path / "notes.toml"))}
    assert {id: (row["gained"], row["changed"]) for id, row in rows.items()} == {
        "kim": ("-6.0", "the assignment"),
        "lee": ("-6.0", "the assignment"),
    }
    assert rows["lee"]["checks"] == "stacking.state-is-carried: PASSED 10/10 -> PASSED 4/4"


def test_another_harness_and_another_confinement_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_disk(tmp_path / "in", {"kim.py": WRONG})
    grade(tmp_path)
    monkeypatch.setattr("harness.gradebook.version", lambda: "another")
    (row,) = grade(tmp_path, "--sandbox", "process")
    assert (row["gained"], row["changed"], row["checks"]) == ("0.0", "the harness, the oracle or the confinement", "")


# Feedback in the notebook itself


def annotated(content: bytes, run: Run, grade: Grade, folder: Path) -> nbformat.NotebookNode | None:
    grade = replace(grade, path="a.ipynb")
    reading = replace(run, read=lambda id: Submission(id, "a.ipynb", content))
    with Reports(reading, folder, chosen("notebooks", run)) as reports:
        reports.write(grade)
    path = folder / "feedback" / f"{grade.id}.ipynb"
    if not path.exists():
        return None
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    return notebook


@pytest.fixture
def run(notes: Assignment) -> Run:
    return Run(notes, "2.13.0", "cpu", "process")


def test_feedback_stands_under_the_guilty_cell(grade_source: GradeSource, run: Run, tmp_path: Path) -> None:
    content = (SUBMISSIONS / "buggy" / "misspelled_hidden_state.ipynb").read_bytes()
    before = json.loads(content)
    before["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["kept\n"]}]
    content = json.dumps(before).encode()
    grade = grade_source(content, "a.ipynb")
    place = grade.findings[0].place
    assert place
    assert place.cell
    notebook = annotated(content, run, grade, tmp_path)
    assert notebook
    ours = [i for i, cell in enumerate(notebook.cells) if "rnn-feedback" in cell.metadata.get("tags", [])]
    assert ours == [0, place.cell + 1]
    assert notebook.cells[place.cell].source == "".join(before["cells"][place.cell - 1]["source"])
    assert "KNOWN BUG  misspelled-hidden-state" in notebook.cells[place.cell + 1].source
    assert notebook.cells[0].source.startswith("```text\nhand_in: 39 of 49 points")
    theirs = [cell for i, cell in enumerate(notebook.cells) if i not in ours]
    assert [cell.get("outputs", []) for cell in theirs] == [
        [{**one, "text": "".join(one["text"])} for one in cell.get("outputs", [])] for cell in before["cells"]
    ]
    # Handed in again with the feedback in it, it gets new feedback in the place of the old.
    again = (tmp_path / "feedback" / "hand_in.ipynb").read_bytes()
    regraded = grade_source(again, "a.ipynb")
    assert regraded.score == grade.score
    second = annotated(again, run, regraded, tmp_path)
    assert second
    assert len(second.cells) == len(notebook.cells)


BARE = {"cells": [{"cell_type": "code", "source": RIGHT}, {"cell_type": "markdown", "source": ["x"]}]}
OLD = {
    "nbformat": 3,
    "nbformat_minor": 0,
    "metadata": {"name": ""},
    "worksheets": [
        {"metadata": {}, "cells": [{"cell_type": "code", "language": "python", "input": RIGHT, "outputs": []}]}
    ],
}


COPIED = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [{**cell, "id": id} for id in ("same", "same", "no id!", "cell-0-0") for cell in BARE["cells"][:1]],
}


@pytest.mark.parametrize("notebook", [BARE, OLD, COPIED, {**BARE, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}])
def test_notebooks_that_lack_what_the_format_asks_for_come_out_whole(
    grade_source: GradeSource, run: Run, tmp_path: Path, notebook: dict[str, object]
) -> None:
    content = json.dumps(notebook).encode()
    grade = grade_source(content, "a.ipynb")
    out = annotated(content, run, grade, tmp_path)
    assert out
    assert out.cells[0].source.startswith("```text\nhand_in: 94 of 94 points")


@pytest.mark.parametrize("content", [b"{", b"", b'{"cells": [1, 2]}', b"[" * 100_000, b'{"cells": {}}'])
def test_what_is_no_notebook_gets_none(grade_source: GradeSource, run: Run, tmp_path: Path, content: bytes) -> None:
    grade = grade_source(content, "a.ipynb")
    (tmp_path / "feedback").mkdir()
    (tmp_path / "feedback" / "hand_in.ipynb").write_text("of an earlier run")
    assert annotated(content, run, grade, tmp_path) is None


def test_feedback_in_a_notebook_can_be_no_markup(grade_source: GradeSource, run: Run, tmp_path: Path) -> None:
    evil = "```\n<img src=x onerror=alert(1)>"
    content = json.dumps(
        {
            "cells": [
                {
                    "cell_type": "code",
                    "source": RIGHT.replace("output_t = np", f"raise ValueError({evil!r})\n    output_t = np", 1),
                }
            ]
        }
    ).encode()
    out = annotated(content, run, grade_source(content, "a.ipynb"), tmp_path)
    assert out
    text = out.cells[0].source
    assert "<img" in text
    fence = text.partition("text\n")[0]
    assert len(fence) > 3
    assert text.index("<img") < text.rindex(fence)
