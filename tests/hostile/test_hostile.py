"""Attacks that every level must withstand: none earns a mark, stops the batch, or outlives its run."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from harness.bank import Bank
from harness.grading import Grader, grade_all
from harness.model import Assignment, Grade, Limits, Submission
from harness.sandbox import choose_layers
from tests.conftest import SUBMISSIONS, is_full

WRONG = """
def rnn_cell(x, h, Wx, Wh, b):
    {cell}
    return np.zeros(len(b))
def rnn_layer(xs, Wx, Wh, b, h=None):
    {layer}
    return np.zeros(xs.shape[:-1] + b.shape)
"""


def hand_in(before: str = "", cell: str = "pass", layer: str = "pass") -> str:
    return "import numpy as np, os, sys, time, signal, threading, gc\n" + before + WRONG.format(cell=cell, layer=layer)


EQUAL_TO_ALL = """
class Yes(np.ndarray):
    def __array_ufunc__(self, *a, **k): return True
    def __array_function__(self, *a, **k): return True
    def __eq__(self, other): return True
    def __le__(self, other): return True
    def __sub__(self, other): return np.zeros(1)
    def __float__(self): return 1.0
    def all(self, *a, **k): return True
"""

ATTACKS = {
    # Forging a mark.
    "patches-numpy": hand_in("np.allclose = np.array_equal = lambda *a, **k: True\nnp.abs = lambda *a: 0\n"),
    "patches-the-harness": hand_in("for m in list(sys.modules.values()):\n    m.__dict__.setdefault('compare', 1)\n"),
    "array-subclass": hand_in(EQUAL_TO_ALL, "return np.zeros(len(b)).view(Yes)", "return np.zeros(3).view(Yes)"),
    "array-protocol": hand_in("class A:\n    def __array__(self, *a, **k): raise SystemExit\n", "return A()", "return A()"),  # noqa: E501
    "masked": hand_in(cell="return np.ma.masked_all(len(b))", layer="return np.ma.masked_all((5, 4))"),
    "nan": hand_in(cell="return np.full(len(b), np.nan)", layer="return np.full(xs.shape[:-1] + b.shape, np.nan)"),
    "objects": hand_in(cell="return np.array([object()] * len(b))", layer="return np.array([None] * 5)"),
    "reads-frames": hand_in(
        "def look():\n    f = sys._getframe()\n    while f:\n        for v in f.f_locals.values():\n"
        "            if type(v).__name__ in ('Case', 'Bank', 'Expectation'): raise SystemError('FOUND')\n"
        "        f = f.f_back\n"
        "    if any(type(o).__name__ in ('Case', 'Bank', 'Expectation') for o in gc.get_objects()):\n"
        "        raise SystemError('FOUND')\n",
        "look()",
        "look()",
    ),
    "imports-the-reference": hand_in(
        cell="from reference.rnn import rnn_cell as right; return right(x, h, Wx, Wh, b)",
        layer="from reference.rnn import rnn_layer as right; return right(xs, Wx, Wh, b, h)",
    ),
    "imports-torch-on-the-sly": hand_in(
        cell="torch = __import__('torch')", layer="torch = __import__('torch')"
    ),
    "results-file": hand_in("open('results.json', 'w').write('{\"score\": 100}')\n"),
    "prints-a-score": hand_in("print('{\"score\": 100, \"outcome\": \"PASSED\"}')\n"),
    # The wire.
    "writes-to-the-wire": hand_in("os.write(3, b'\\x04\\0\\0\\0' + b'junk')\n"),
    "writes-frames": hand_in(cell="import msgpack\n    m = msgpack.packb({'reply': {'kind': 'RETURNED'}}); os.write(3, len(m).to_bytes(4, 'little') + m)"),  # noqa: E501
    "writes-a-huge-frame": hand_in(cell="os.write(3, b'\\xff\\xff\\xff\\xff')"),
    "closes-the-wire": hand_in("os.close(3)\n"),
    "closes-everything": hand_in("os.closerange(0, 100)\n"),
    # Ending things.
    "exits": hand_in("os._exit(0)\n"),
    "exits-in-a-call": hand_in(cell="os._exit(0)", layer="sys.exit(0)"),
    "kills-itself": hand_in(cell="os.kill(os.getpid(), signal.SIGKILL)"),
    "stops-itself": hand_in(cell="os.kill(os.getpid(), signal.SIGSTOP)"),
    "segfault": hand_in(cell="import ctypes; ctypes.string_at(0)"),
    "recursion": hand_in(cell="return rnn_cell(x, h, Wx, Wh, b)", layer="return rnn_layer(xs, Wx, Wh, b)"),
    "deep-source": "x = " + "(" * 100_000 + ")" * 100_000 + hand_in(),
    # Resources.
    "endless-call": hand_in(cell="while True: pass"),
    "ignores-signals": hand_in("for s in (15, 2, 26):\n    signal.signal(s, signal.SIG_IGN)\n", "while True: pass"),
    "sleeps": hand_in(cell="time.sleep(1000)"),
    "sleeps-while-loading": hand_in("time.sleep(1000)\n"),
    "memory": hand_in(cell="return np.ones(1 << 34)", layer="b'x' * (1 << 36)"),
    "zero-stride": hand_in(cell="return np.broadcast_to(0.0, (1 << 30,))", layer="return np.broadcast_to(0.0, (9,) * 8)"),  # noqa: E501
    "endless-list": hand_in(cell="a = []; a.append(a); return a"),
    "generator": hand_in(cell="return iter(int, 1)", layer="return (x for x in iter(int, 1))"),
    "prints-a-flood": hand_in(cell="for _ in range(10**5): print('x' * 1000)"),
    "one-huge-line": hand_in("print('x' * (1 << 27))\n"),
    "threads": hand_in("for _ in range(20):\n    threading.Thread(target=time.sleep, args=(1000,)).start()\n"),
    "disk": hand_in("open('big', 'wb').write(b'x' * (1 << 26))\n"),
    # Leaving something behind.
    "forks": hand_in("if os.fork() == 0:\n    time.sleep(1000)\n"),
    "daemon": hand_in("if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(1000)\n    os._exit(0)\n"),  # noqa: E501
    "atexit": hand_in("import atexit\natexit.register(time.sleep, 1000)\n"),
}  # fmt: skip


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
def nothing_left_behind() -> Iterator[None]:
    """No process of a hand-in outlives it: what is there afterwards was there before."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        left = [one for one in psutil.Process().children(recursive=True) if one.pid not in before and not _zygote(one)]
        if not left:
            return
        time.sleep(0.01)
    raise AssertionError(f"still running: {left}")


def _zygote(process: psutil.Process) -> bool:
    """Zygotes live as long as their grader; a hand-in's process is a child of one."""
    return process.ppid() == os.getpid()


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_earns_no_full_mark_and_is_no_fault_of_ours(name: str, hostile_grader: Grader) -> None:
    grade = hostile_grader.grade(Submission(name, f"{name}.py", ATTACKS[name].encode()))
    assert grade.graded, grade.reason
    assert not is_full(grade)
    # What is left for returning zeros of the right shapes: shapes and conduct.
    numbers = [c for c in grade.checks if c.id.startswith(("numerics", "batches.each", "stacking")) and c.earned]
    assert numbers == []
    assert not any("FOUND" in str(check.message) for check in grade.checks)


def test_honest_neighbours_keep_their_marks(impatient: Assignment, bank: Bank) -> None:
    honest = (SUBMISSIONS / "correct" / "loop.py").read_bytes()
    batch: list[Submission] = []
    for name in ("exits", "forks", "memory", "writes-to-the-wire", "patches-numpy", "ignores-signals"):
        batch.append(Submission(name, f"{name}.py", ATTACKS[name].encode()))
        batch.append(Submission(f"honest-{name}", "loop.py", honest))
    grades: dict[str, Grade] = {grade.id: grade for grade in grade_all(batch, impatient, bank, jobs=2)}
    assert [is_full(grade) for id, grade in grades.items() if id.startswith("honest")] == [True] * 6
    assert not any(is_full(grade) for id, grade in grades.items() if not id.startswith("honest"))


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
    killer = hand_in("os.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(1)\n").encode()
    batch = [Submission("killer", "k.py", killer), Submission("honest", "h.py", honest)]
    grades = grade_all(batch, impatient, bank, jobs=1, layers=())
    assert not grades[0].graded
    assert "the grader failed, not this code; nothing was graded: the worker process failed" in str(grades[0].reason)
    assert is_full(grades[1])


def test_private_folders_are_removed(hostile_grader: Grader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = hand_in(
        "open('left', 'w').write(os.getcwd())\nprint(os.getcwd())\nFOLDER = os.getcwd()\n", "raise OSError(FOLDER)"
    )
    grade = hostile_grader.grade(Submission("a", "a.py", source.encode()))
    folder = next(
        str(c.message).split("OSError: ")[1].split(" ")[0] for c in grade.checks if "OSError" in str(c.message)
    )
    assert folder.startswith("/")
    assert not Path(folder).exists()
