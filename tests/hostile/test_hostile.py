"""Attacks, each with its verdict: none earns a mark, stops the batch, costs a neighbour anything, or leaves a trace.

`HOSTILE=all python -m pytest tests/hostile` runs them at every level, with one job and with four, and, where it can
start programs as another user, as one without rights.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness.bank import Bank
from harness.grading import Grader, grade_all
from harness.model import Assignment, Limits, Submission
from harness.sandbox import Zygote, choose_layers
from tests.conftest import PROJECT, SUBMISSIONS, is_full
from tests.hostile.attacks import ATTACKS, wrong
from tests.hostile.battery import HONEST

#: How much more memory a grader may take because of what it grades.
MEMORY_GROWTH = 256 << 20
NOBODY = 65534
#: (level, jobs, user); the rest are for whoever asks for all of them.
RUNS = [("auto", 4, None), ("process", 1, None)]
if os.environ.get("HOSTILE") == "all":
    RUNS += [("auto", 1, None), ("process", 4, None), ("auto", 4, NOBODY), ("process", 4, NOBODY)]


@dataclass(frozen=True)
class Battery:
    """What one run of all attacks came to."""

    level: str
    submissions: dict[str, dict[str, Any]]
    seen: dict[str, Any]


@pytest.fixture(scope="session")
def battery(tmp_path_factory: pytest.TempPathFactory) -> Callable[[tuple[str, int, int | None]], Battery]:
    """Run all attacks once for each way to run them."""

    @cache
    def run(way: tuple[str, int, int | None]) -> Battery:
        level, jobs, user = way
        environment = dict(os.environ)
        if user is not None:
            home = tmp_path_factory.mktemp("home")
            os.chown(home, user, user)
            environment |= {"HOME": str(home), "RNN_HARNESS_CACHE": str(home)}
        done = subprocess.run(
            [sys.executable, "-m", "tests.hostile.battery", level, str(jobs)],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            env=environment,
        )
        if user is not None and done.returncode:
            pytest.skip(f"this interpreter can't be run by another user: {done.stderr[-300:]}")
        assert done.returncode == 0, done.stderr
        seen = json.loads(done.stdout)
        return Battery(level, {one["id"]: one for one in seen["submissions"]}, seen)

    return run


@pytest.fixture(scope="session", params=RUNS, ids=lambda way: f"{way[0]}-{way[1]}-{way[2] or 'self'}")
def run_of_all(request: pytest.FixtureRequest, battery: Callable[[Any], Battery]) -> Battery:
    return battery(request.param)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gets_its_verdict(name: str, run_of_all: Battery) -> None:
    attack = ATTACKS[name]
    if run_of_all.level == "process" and not attack.processes:
        pytest.skip("not promised without confinement")
    result = run_of_all.submissions[name]
    assert result["outcome"] == "graded", result["reason"]
    assert (result["score"] == result["max_score"]) == attack.keeps
    # What is left for returning zeros of the right shapes: shapes and conduct.
    if not attack.keeps:
        earned = [check["id"] for check in result["checks"] if check["earned"]]
        assert not [id for id in earned if id.startswith(("numerics", "batches.each", "stacking"))]
    said = [str(result["reason"]), *map(str, result["notes"]), *(str(check["message"]) for check in result["checks"])]
    assert any(re.search(attack.says, one) for one in said), said
    assert not any("FOUND" in one or len(one) > 2000 or "\x1b" in one for one in said)
    if attack.outcome:
        assert {check["id"]: check["outcome"] for check in result["checks"]}["shapes.cell-output"] == attack.outcome


def test_honest_neighbours_keep_their_marks(run_of_all: Battery) -> None:
    honest = {id: one for id, one in run_of_all.submissions.items() if id.endswith(HONEST)}
    assert len(honest) == len(run_of_all.submissions) / 2 > 100
    assert [id for id, one in honest.items() if one["score"] != one["max_score"]] == []
    assert run_of_all.seen["code"] == 0, run_of_all.seen["said"]


def test_nothing_is_left_behind(run_of_all: Battery) -> None:
    assert run_of_all.seen["left"] == []


def test_the_grader_does_not_grow_with_what_it_grades(run_of_all: Battery) -> None:
    assert 0 < run_of_all.seen["memory"] - run_of_all.seen["calm_memory"] < MEMORY_GROWTH


def test_the_output_is_short_and_safe_to_show(run_of_all: Battery) -> None:
    said = run_of_all.seen["said"]
    assert "\x1b" not in said
    assert len(said) < 200_000
    assert "Traceback" not in said


@pytest.fixture(scope="module")
def impatient(notes: Assignment) -> Assignment:
    """Give every hand-in little time, so that the suite is quick."""
    limits = Limits(load_seconds=1.0, call_seconds=0.3, total_seconds=4.0, memory_bytes=1 << 30, hangs_per_entry=1)
    return replace(notes, limits=limits)


@pytest.fixture(scope="module", params=["auto", "process"])
def hostile_grader(request: pytest.FixtureRequest, impatient: Assignment, bank: Bank) -> Iterator[Grader]:
    grader = Grader(impatient, bank, choose_layers(request.param))
    yield grader
    grader.close()


@pytest.fixture(autouse=True)
def nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """No process of a hand-in outlives it: what is there afterwards was there before, or waits for the next."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    if "hostile_grader" in request.fixturenames:
        for zygote in request.getfixturevalue("hostile_grader")._zygotes._kinds.values():
            before |= {spare_of(zygote), zygote._pid}
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        left = [one for one in psutil.Process().children(recursive=True) if one.pid not in before and not _fine(one)]
        if not left:
            return
        time.sleep(0.01)
    raise AssertionError(f"still running: {left}")


def spare_of(zygote: Zygote) -> int:
    """The child that waits for the next hand-in, once the last one is known to be gone."""
    zygote._tidy()
    return zygote._spare.pid if zygote._spare else 0


def _fine(process: psutil.Process) -> bool:
    """The mother lives as long as this process; a hand-in's process is a child of a zygote, and may end as we look."""
    try:
        return process.ppid() == os.getpid()
    except psutil.NoSuchProcess:
        return True


def test_a_hang_names_its_call_and_costs_only_what_hangs(hostile_grader: Grader) -> None:
    right = (SUBMISSIONS / "correct" / "loop.py").read_text()
    text = right.replace("    if inputs.ndim == 3:", "    while inputs.ndim == 3: pass\n    if inputs.ndim == 3:")
    grade = hostile_grader.grade(Submission("a", "a.py", text.encode()))
    outcomes = {check.id: str(check.outcome) for check in grade.checks}
    assert outcomes["batches.shape"] == "TIMED_OUT"
    assert outcomes["stacking.state-is-carried"] == outcomes["numerics.cell"] == "PASSED"
    (late,) = (check for check in grade.checks if check.id == "batches.shape")
    assert str(late.message) == "layer did not come back: no answer within 0.3 s"


def test_a_zygote_that_is_killed_is_replaced(impatient: Assignment, bank: Bank) -> None:
    before = psutil.Process().children()
    grader = Grader(impatient, bank)
    try:
        honest = Submission("a", "a.py", (SUBMISSIONS / "correct" / "loop.py").read_bytes())
        assert is_full(grader.grade(honest))
        for child in psutil.Process().children():
            if child not in before:
                child.kill()
        assert is_full(grader.grade(honest))
    finally:
        grader.close()


def test_a_hand_in_that_kills_its_zygote_costs_nobody_else_anything(impatient: Assignment, bank: Bank) -> None:
    """Without seccomp it can; it is then not graded, and said so, and the next one is."""
    honest = (SUBMISSIONS / "correct" / "loop.py").read_bytes()
    killer = wrong("os.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(1)\n").content
    batch = [Submission("killer", "k.py", killer), Submission("honest", "h.py", honest)]
    grades = list(grade_all([lambda one=one: one for one in batch], impatient, bank, jobs=1, layers=()))
    assert not grades[0].graded
    assert "the grader failed, not this code; nothing was graded: the worker process failed" in str(grades[0].reason)
    assert is_full(grades[1])


def test_private_folders_are_emptied(hostile_grader: Grader) -> None:
    source = wrong("FOLDER = os.getcwd()\nopen('left', 'w').write(FOLDER)\n", "raise OSError(FOLDER)").content
    grade = hostile_grader.grade(Submission("a", "a.py", source))
    folder = next(
        str(c.message).split("OSError: ")[1].split(" ")[0] for c in grade.checks if "OSError" in str(c.message)
    )
    assert folder.startswith("/")
    hostile_grader.grade(Submission("b", "b.py", source))  # before the next one, at the latest
    assert not Path(folder).exists() or not os.listdir(folder)  # an empty one is used again
