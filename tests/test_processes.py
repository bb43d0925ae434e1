"""Graders in processes of their own: the same grades, nothing lost when one dies, nothing left at the end."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from harness import gradebook
from harness.bank import Bank
from harness.grading import Grader, not_graded
from harness.model import Assignment, Grade, Run, Submission
from harness.processes import GraderProcess
from harness.run import Setting, grade, graders_beside
from tests.conftest import PROJECT, SUBMISSIONS, is_full, is_there

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="graders are forked on Linux alone")

RIGHT, WRONG = SUBMISSIONS / "correct" / "loop.py", SUBMISSIONS / "buggy" / "state_lags.py"
HAND_INS = [Submission(path.stem, path.name, path.read_bytes()) for path in (RIGHT, WRONG)]
#: What a process does that forks graders before it does anything else, as the command line does.
FORKING = """
import os, sys, time
from harness import run as runs
from harness.model import Submission
setting = runs.prepare(runs.choose_assignment("notes"), device="cpu")
with runs.graders_beside(setting, 3, 30) as beside:
    print(os.getpid(), *(one._pid for one in beside), flush=True)
    {body}
"""


@pytest.fixture
def beside(notes: Assignment, bank: Bank) -> Iterator[GraderProcess]:
    """One that is forked from here, though torch may be loaded: it is not used there."""
    with closing(GraderProcess(lambda: Grader(notes, bank))) as process:
        yield process


def test_it_grades_as_the_grader_here(beside: GraderProcess, grader: Grader) -> None:
    for one in HAND_INS:
        there, here = beside.grade(one), grader.grade(one)
        assert there.seconds > 0
        assert gradebook.encode(there) == gradebook.encode(here)
    assert beside._instead is None  # it was not done here


def test_one_that_dies_is_replaced_by_one_that_is_here(beside: GraderProcess) -> None:
    assert is_full(beside.grade(HAND_INS[0]))
    assert beside._pid is not None
    os.kill(beside._pid, signal.SIGKILL)
    assert is_full(beside.grade(HAND_INS[0]))
    assert beside._instead is not None


def test_one_that_dies_over_a_hand_in_costs_it_nothing(beside: GraderProcess) -> None:
    assert beside._pid is not None
    threading.Timer(0.6, os.kill, (beside._pid, signal.SIGKILL)).start()
    slow = RIGHT.read_bytes() + b"\nimport time\ntime.sleep(1.5)\n"
    assert is_full(beside.grade(Submission("slow", "slow.py", slow)))
    assert beside._instead is not None


def test_a_fault_of_ours_is_no_grade_on_the_other_side_either(notes: Assignment) -> None:
    fault = replace(not_graded(HAND_INS[0], notes, "no room"), seconds=1.5)
    data = json.loads(json.dumps(gradebook.sent(fault)))
    assert gradebook.received(data) == fault
    assert not gradebook.received(data).graded


def test_nothing_is_forked_beside_threads(notes: Assignment, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    setting = Setting(Run(notes, "2", "cpu", "process"), bank, ())
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    with graders_beside(setting, 3, 30) as beside:
        assert beside == []
    stop.set()
    thread.join()


def test_no_more_are_forked_than_have_something_to_do(
    notes: Assignment, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.launching.can_fork", lambda: True)
    setting = Setting(Run(notes, "2", "cpu", "process"), bank, ())
    for jobs, total, count in ((3, 1, 0), (3, 2, 1), (1, 30, 0), (2, 30, 1)):
        with graders_beside(setting, jobs, total) as beside:
            assert len(beside) == count


def test_where_there_is_no_room_for_more_those_that_there_are_do_the_work(
    notes: Assignment, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    fork, forked = os.fork, []

    def full() -> int:
        if forked:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        forked.append(fork())
        return forked[0]

    monkeypatch.setattr("harness.launching.can_fork", lambda: True)
    monkeypatch.setattr(os, "fork", full)
    with graders_beside(Setting(Run(notes, "2", "cpu", "process"), bank, ()), 4, 30) as beside:
        assert len(beside) == 1
        assert is_full(beside[0].grade(HAND_INS[0]))


def test_a_class_is_graded_by_all_of_them(notes: Assignment, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.launching.can_fork", lambda: True)
    setting = Setting(Run(notes, "2", "cpu", "process"), bank, ())
    hand_ins = [replace(one, id=f"{one.id}-{number}") for number in range(6) for one in HAND_INS]
    asked: list[str] = []
    grade_there = GraderProcess.grade

    def counted(process: GraderProcess, submission: Submission) -> Grade:
        asked.append(submission.id)
        return grade_there(process, submission)

    monkeypatch.setattr(GraderProcess, "grade", counted)
    with graders_beside(setting, 3, len(hand_ins)) as beside:
        readings = [lambda one=one: one for one in hand_ins]
        with closing(grade(readings, setting, jobs=3, beside=beside)) as grades:
            scores = [(one.id.rpartition("-")[0], one.score) for one in grades]
    assert len(set(scores)) == 2
    assert len(scores) == 12
    assert 2 <= len(asked) < 12


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_they_end_when_the_one_that_forked_them_is_killed(number: signal.Signals) -> None:
    script = FORKING.format(body="time.sleep(60)")
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pids = [int(word) for word in process.stdout.readline().split()]
        process.send_signal(number)
    assert len(pids) == 3
    assert not any(is_there(pid) for pid in pids)


def test_ctrl_c_ends_them_without_a_word(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    for i in range(300):
        (folder / f"{i}.py").write_bytes(RIGHT.read_bytes())
    command = [sys.executable, str(PROJECT / "grade.py"), str(folder), "--out", str(tmp_path / "out"), "--jobs", "3"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    while not (tmp_path / "out" / "gradebook.sqlite").exists():
        time.sleep(0.05)
    time.sleep(1.0)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal sends it, to all of them
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in said
    assert said.rstrip().endswith("Aborted!")
    left = subprocess.run(["pgrep", "-g", str(process.pid)], capture_output=True, text=True, check=False).stdout
    assert not any(is_there(int(pid)) for pid in left.split())


def test_the_command_gives_the_same_bytes_with_and_without_them(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    for i, path in enumerate([RIGHT, WRONG] * 4):
        (folder / f"{i}.py").write_bytes(path.read_bytes())
    for jobs in ("1", "3"):
        options = ["--out", str(tmp_path / jobs), "--jobs", jobs]
        command = [sys.executable, str(PROJECT / "grade.py"), str(folder), *options]
        subprocess.run(command, check=True, capture_output=True)
    for name in ("results.json", "gradebook.csv"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "3" / name).read_bytes()
