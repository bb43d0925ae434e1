"""On a cluster the bytes are those of one machine, whatever becomes of the workers. All of them are processes here."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from harness import cli
from harness.gradebook import NAME
from harness.worker import confinement
from tests.conftest import PROJECT, SUBMISSIONS

pytest.importorskip("distributed")

DASK = [sys.executable, "-m", "dask"]
SOURCES = [
    SUBMISSIONS / name
    for name in (
        *("correct/loop.py", "correct/notebook.ipynb", "correct/script.py", "correct/one_class.py"),
        *("buggy/state_lags.py", "buggy/misspelled_hidden_state.py", "unfinished/pass.py"),
    )
]
confined = pytest.mark.skipif(
    not set(confinement.NEEDED) <= set(confinement.available()), reason="this kernel lacks Landlock or seccomp"
)
pytestmark = confined


class Dask:
    """A scheduler, and workers that come and go."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._start("scheduler", "--port", "0", "--host", "127.0.0.1")
        self.address = str(json.loads(self._read("address.json"))["address"])

    def worker(self, *options: str, **variables: str) -> subprocess.Popen[bytes]:
        """Start a worker, and wait until the scheduler knows it."""
        before = self._workers()
        started = self._start("worker", "--nthreads", "1", *(options or ["--no-nanny"]), **variables)
        until(lambda: self._workers() > before)
        return started

    def _workers(self) -> int:
        return (self._folder / "log").read_text().count("Register worker")

    def end(self) -> None:
        for process in self._started:
            process.kill()
            process.wait()

    def _start(self, *command: str, **variables: str) -> subprocess.Popen[bytes]:
        here = ["--no-dashboard", "--scheduler-file", str(self._folder / "address.json")]
        with (self._folder / "log").open("a") as log:
            started = subprocess.Popen(
                [*DASK, *command, *here], cwd=self._folder, env={**os.environ, **variables}, stdout=log, stderr=log
            )
        self._started.append(started)
        return started

    def _read(self, name: str) -> str:
        path = self._folder / name
        for _ in range(600):
            with suppress(OSError):
                if text := path.read_text():
                    return text
            time.sleep(0.05)
        raise AssertionError((self._folder / "log").read_text())


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Dask]:
    folder = tmp_path / "dask"
    folder.mkdir()
    cluster = Dask(folder)
    yield cluster
    cluster.end()


def make_class(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        source = SOURCES[number % len(SOURCES)]
        shutil.copy(source, folder / f"s{number:04}{source.suffix}")
    return folder


def command(hand_ins: Path, out: Path, *options: str) -> list[str]:
    return [sys.executable, str(PROJECT / "grade.py"), str(hand_ins), "--out", str(out), *options]


def run(hand_ins: Path, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(hand_ins, out, *options), capture_output=True, text=True, check=False)


def reports(out: Path) -> dict[str, bytes]:
    """All that is the same wherever it was made."""
    paths = [out / "results.json", out / "gradebook.csv", *sorted((out / "feedback").iterdir())]
    return {path.name: path.read_bytes() for path in paths}


def graded(out: Path) -> int:
    """How many are in the gradebook so far."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{out / NAME}?mode=ro", uri=True)) as book:
        return int(book.execute("SELECT count(*) FROM grades").fetchone()[0])
    return 0


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def until(happened: Callable[[], bool]) -> None:
    for _ in range(1200):
        if happened():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen in a minute")


def test_a_class_of_500_gets_the_same_bytes_as_on_one_machine(dask: Dask, tmp_path: Path) -> None:
    hand_ins = make_class(tmp_path / "class", 500)
    for _ in range(2):
        dask.worker()
    there = run(hand_ins, tmp_path / "there", "--scheduler", dask.address)
    here = run(hand_ins, tmp_path / "here", "--jobs", "2")
    assert (there.returncode, here.returncode) == (0, 0), there.stdout + there.stderr
    assert "graded 500 of 500" in there.stdout
    assert reports(tmp_path / "there") == reports(tmp_path / "here")
    again = run(hand_ins, tmp_path / "there", "--scheduler", dask.address)  # all of it is known by now
    assert again.returncode == 0
    assert reports(tmp_path / "there") == reports(tmp_path / "here")


def test_a_worker_that_is_killed_costs_nothing_and_one_that_joins_helps(dask: Dask, tmp_path: Path) -> None:
    hand_ins, out = make_class(tmp_path / "class", 120), tmp_path / "there"
    first = dask.worker()
    with subprocess.Popen(command(hand_ins, out, "--scheduler", dask.address), stdout=subprocess.PIPE) as grading:
        until(lambda: graded(out) >= 10)
        first.send_signal(signal.SIGKILL)
        assert grading.poll() is None
        before = graded(out)
        assert before < 120
        dask.worker()  # there is no other: it gets all that is left
        told, _ = grading.communicate(timeout=120)
    assert grading.returncode == 0, told
    assert "120 graded, 0 not graded" in told.decode()
    run(hand_ins, tmp_path / "here")
    assert reports(out) == reports(tmp_path / "here")


def test_a_scheduler_that_is_gone_is_told_in_one_line_and_what_was_graded_is_kept(dask: Dask, tmp_path: Path) -> None:
    hand_ins, out = make_class(tmp_path / "class", 200), tmp_path / "there"
    dask.worker()
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command(hand_ins, out, "--scheduler", dask.address), **pipes) as grading:  # type: ignore[call-overload]
        until(lambda: graded(out) >= 10)
        dask.scheduler.send_signal(signal.SIGKILL)
        _, told = grading.communicate(timeout=120)
    assert grading.returncode == 2
    (line,) = told.strip().split("\n")
    assert line.startswith(f"grade.py: the Dask scheduler at {dask.address} is gone (")
    assert line.endswith("); what was graded is kept, and the next run goes on")
    kept = graded(out)
    assert 10 <= kept < 200
    assert run(hand_ins, out).returncode == 0
    assert graded(out) == 200


@pytest.fixture
def other_harness(tmp_path: Path) -> str:
    """A harness that differs in a comment."""
    folder = tmp_path / "other"
    for name in ("harness", "reference"):
        shutil.copytree(PROJECT / name, folder / name)
    with (folder / "harness" / "marks.py").open("a") as file:
        file.write("# another version\n")
    return str(folder)


@pytest.fixture
def weak(tmp_path: Path) -> str:
    """What makes a worker's kernel seem to offer nothing but seccomp."""
    folder = tmp_path / "weak"
    folder.mkdir()
    text = "import harness.worker.confinement as c\nc.available = lambda: ('seccomp',)\n"
    (folder / "sitecustomize.py").write_text(text)
    return str(folder)


OTHER = "it has another version of the harness; install this one there"
WEAK = "it can't confine hand-ins as this run demands: it has no landlock"


@pytest.mark.parametrize(("which", "why"), [("other_harness", OTHER), ("weak", WEAK)])
def test_a_worker_that_is_not_fit_gets_no_work(
    which: str, why: str, dask: Dask, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    hand_ins = make_class(tmp_path / "class", 20)
    dask.worker(PYTHONPATH=request.getfixturevalue(which))
    alone = run(hand_ins, tmp_path / "there", "--scheduler", dask.address)
    assert (alone.returncode, alone.stderr) == (2, f"grade.py: nothing at {dask.address} can grade: {why}\n")
    dask.worker()
    together = run(hand_ins, tmp_path / "there", "--scheduler", dask.address)
    assert together.returncode == 0
    assert f"gets no work: {why}" in " ".join(together.stdout.split())
    run(hand_ins, tmp_path / "here")
    assert reports(tmp_path / "there") == reports(tmp_path / "here")


def test_a_worker_without_a_sandbox_grades_if_one_insists(dask: Dask, tmp_path: Path, weak: str) -> None:
    hand_ins = make_class(tmp_path / "class", 3)
    dask.worker(PYTHONPATH=weak)
    assert run(hand_ins, tmp_path / "there", "--scheduler", dask.address, "--sandbox", "process").returncode == 0
    assert json.loads((tmp_path / "there" / "results.json").read_text())["sandbox"] == {"level": "process"}


def test_a_hand_in_that_workers_fail_on_is_not_graded_and_costs_no_other(dask: Dask, tmp_path: Path) -> None:
    folder, hand_ins = tmp_path / "broken", make_class(tmp_path / "class", 7)
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import harness.grading as g\n"
        "grade = g.Grader.grade\n"
        "g.Grader.grade = lambda self, one: 1 / 0 if one.id == 's0004' else grade(self, one)\n"
    )
    dask.worker(PYTHONPATH=str(folder))
    assert run(hand_ins, tmp_path / "there", "--scheduler", dask.address).returncode == 3
    graded = json.loads((tmp_path / "there" / "results.json").read_text())["submissions"]
    assert [one["id"] for one in graded if one["outcome"] == "not_graded"] == ["s0004"]
    reason = "the grader failed, not this code; nothing was graded: ZeroDivisionError: division by zero"
    assert graded[4]["reason"] == reason


def test_a_worker_that_is_started_again_where_it_was_is_told_of_the_run_again(dask: Dask, tmp_path: Path) -> None:
    hand_ins, out = make_class(tmp_path / "class", 60), tmp_path / "there"
    nanny = psutil.Process(dask.worker("--nanny", "--worker-port", str(free_port())).pid)
    with subprocess.Popen(command(hand_ins, out, "--scheduler", dask.address), stdout=subprocess.PIPE) as grading:
        until(lambda: graded(out) >= 10)
        worker = next(one for one in nanny.children() if "spawn_main" in " ".join(one.cmdline()))
        worker.kill()
        told, _ = grading.communicate(timeout=120)
    assert grading.returncode == 0, told
    assert "60 graded, 0 not graded" in told.decode()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["tcp://127.0.0.1:1"], "no Dask scheduler answers at tcp://127.0.0.1:1: "),
        (["nonsense"], "no Dask scheduler answers at nonsense: "),
        (["tcp://127.0.0.1:1", "--jobs", "2"], "--jobs is for this machine; with --scheduler each worker runs as many"),
    ],
)
def test_a_scheduler_that_is_not_there_is_told_in_one_line(
    options: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.cluster._CONNECT_SECONDS", 0.5)
    arguments = [str(SUBMISSIONS / "unfinished"), "--out", str(tmp_path), "--scheduler", *options]
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code == 2
    (line,) = result.output.strip().split("\n")
    assert line.startswith(f"grade.py: {message}")


def test_dask_missing_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "harness.cluster", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    arguments = [str(SUBMISSIONS / "unfinished"), "--out", str(tmp_path), "--scheduler", "tcp://127.0.0.1:1"]
    result = CliRunner().invoke(cli.main, arguments)
    assert (result.exit_code, result.output) == (
        2,
        "grade.py: --scheduler needs Dask; install it with: pip install -e '.[cluster]'\n",
    )
