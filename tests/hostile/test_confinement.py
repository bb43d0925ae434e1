"""What a confined hand-in can't reach, each door tried from inside, and tried without confinement to be a real door."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.bank import Bank
from harness.cli import EXIT_USAGE
from harness.errors import GraderFault, InputError
from harness.grading import Grader
from harness.model import Assignment, Limits, Submission
from harness.sandbox import Zygote, choose_layers, level, pool
from harness.worker import confinement, landlock, seccomp
from tests.conftest import PROJECT, SUBMISSIONS, check_of, is_full

NEEDS_LAYERS = pytest.mark.skipif(
    confinement.available() != confinement.LAYERS, reason="this kernel does not offer Landlock and seccomp"
)

#: The hand-in tries a door while it is called, and says in its exception whether it came through.
PROBE = """
import os, sys, signal, socket, subprocess, ctypes, threading, numpy as np
def attempt():
{attempt}
def rnn_cell(x, h, Wx, Wh, b):
    try:
        attempt()
    except BaseException as error:
        raise ValueError(f"REFUSED {{type(error).__name__}} {{error}}") from None
    raise ValueError("REACHED")
def rnn_layer(*a):
    return rnn_cell(*a)
"""
SYSCALL = (
    "    libc = ctypes.CDLL(None, use_errno=True)\n"
    "    if libc.syscall({}) < 0: raise OSError(ctypes.get_errno(), 'syscall')"
)

DOORS = {
    "reads-passwords": "    open('/etc/passwd').read()",
    "reads-the-reference": f"    open({str(PROJECT / 'reference' / 'rnn.py')!r}).read()",
    "reads-the-checks": f"    open({str(PROJECT / 'harness' / 'cases.py')!r}).read()",
    "reads-another-hand-in": f"    open({str(SUBMISSIONS / 'correct' / 'loop.py')!r}).read()",
    "lists-home": "    os.listdir(os.path.expanduser('~root'))",
    "lists-the-project": f"    os.listdir({str(PROJECT)!r})",
    "lists-temporary-files": "    os.listdir('/tmp')",
    "reads-the-graders-memory-map": "    open(f'/proc/{os.getppid()}/maps').read()",
    "reads-the-graders-command": "    open(f'/proc/{os.getppid()}/cmdline').read()",
    "imports-the-reference-by-path": f"    sys.path.insert(0, {str(PROJECT)!r}); sys.meta_path.pop(0); import reference.rnn",  # noqa: E501
    "writes-in-tmp": "    open('/tmp/left-behind-by-a-hand-in', 'w').close()",
    "writes-in-shared-memory": "    open('/dev/shm/left-behind-by-a-hand-in', 'w').close()",
    "links-out-of-its-folder": "    os.symlink('/etc/passwd', 'x'); open('x').read()",
    "opens-a-socket": "    socket.socket()",
    "opens-a-unix-socket": "    socket.socket(socket.AF_UNIX)",
    "connects": "    socket.create_connection(('127.0.0.1', 9), timeout=1)",
    "runs-a-program": "    subprocess.run(['/bin/true'], check=True)",
    "runs-a-program-by-exec": "    os.execv('/bin/true', ['true'])",
    "runs-a-shell": "    if os.system('true') != 0: raise OSError('no shell')",
    "forks": "    if os.fork() == 0: os._exit(0)",
    "leaves-its-group": "    os.setpgid(0, 0) if os.getpid() != os.getsid(0) else os.setsid()",
    "signals-the-zygote": "    os.kill(os.getppid(), 0)",
    "signals-everyone": "    os.kill(-1, 0)",
    "memory-file": "    os.memfd_create('x')",
    "traces": SYSCALL.format("101, 0, 0, 0, 0" if os.uname().machine == "x86_64" else "117, 0, 0, 0, 0"),
    "io-uring": SYSCALL.format("425, 1, ctypes.create_string_buffer(120)"),
    "shared-memory-segment": SYSCALL.format("29, 0, 4096, 0o1600" if os.uname().machine == "x86_64" else "194, 0, 4096, 0o1600"),  # noqa: E501
    "a-namespace-of-its-own": SYSCALL.format("272, 0x10000000" if os.uname().machine == "x86_64" else "97, 0x10000000"),
    "raises-its-limits": "    import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))",
}  # fmt: skip
#: Doors that are shut or lead nowhere even without confinement, for reasons of their own on some machines.
NOT_TRIED_OPEN = {
    "lists-home", "leaves-its-group", "links-out-of-its-folder", "connects", "traces", "io-uring",
    "a-namespace-of-its-own", "runs-a-program-by-exec", "signals-everyone", "shared-memory-segment",
    "imports-the-reference-by-path",
}  # fmt: skip


@pytest.fixture(scope="module")
def confined(notes: Assignment, bank: Bank) -> Iterator[Grader]:
    grader = Grader(notes, bank, choose_layers("auto"))
    yield grader
    grader.close()


@pytest.fixture(scope="module")
def bare(notes: Assignment, bank: Bank) -> Iterator[Grader]:
    grader = Grader(notes, bank, choose_layers("process"))
    yield grader
    grader.close()


def told(grader: Grader, attempt: str) -> str:
    grade = grader.grade(Submission("a", "a.py", PROBE.format(attempt=attempt).encode()))
    assert grade.graded, grade.reason
    assert not is_full(grade)
    return str(check_of(grade, "shapes.cell-output").message)


@NEEDS_LAYERS
@pytest.mark.parametrize("door", DOORS)
def test_a_door_is_shut(door: str, confined: Grader) -> None:
    message = told(confined, DOORS[door])
    assert "REFUSED" in message, message
    assert "REACHED" not in message


@pytest.mark.parametrize("door", sorted(DOORS.keys() - NOT_TRIED_OPEN))
def test_without_confinement_the_door_is_open(door: str, bare: Grader) -> None:
    """Else the test above would pass for another reason."""
    message = told(bare, DOORS[door])
    for path in ("/tmp/left-behind-by-a-hand-in", "/dev/shm/left-behind-by-a-hand-in"):
        Path(path).unlink(missing_ok=True)
    assert "REACHED" in message, message


STILL_ALLOWED = {
    "its-own-folder": "    open('n', 'w').write('x'); assert open('n').read() == 'x'; os.makedirs('d', exist_ok=True)",
    "the-standard-library": "    import decimal, csv, sqlite3, unittest.mock, wave",
    "numpy-to-the-last-corner": "    import numpy.polynomial, numpy.ma, numpy.testing; np.linalg.svd(np.eye(9)); np.fft.fft(np.ones(8))",  # noqa: E501
    "randomness": "    os.urandom(8); np.random.default_rng().random(3)",
    "threads": "    t = threading.Thread(target=len, args=('x',)); t.start(); t.join()",
    "signalling-itself": "    os.kill(os.getpid(), 0)",
    "time": "    import time; time.sleep(0.001); time.localtime()",
    "big-matrices": "    np.random.random((300, 300)) @ np.random.random((300, 300))",
}


@pytest.mark.parametrize("what", STILL_ALLOWED)
def test_what_a_hand_in_honestly_does_still_works(what: str, confined: Grader) -> None:
    message = told(confined, STILL_ALLOWED[what])
    assert "REACHED" in message, message


@NEEDS_LAYERS
def test_the_level_is_named() -> None:
    assert choose_layers("auto") == choose_layers("strict") == ("landlock", "seccomp")
    assert level(choose_layers("strict")) == "landlock+seccomp"
    assert level(choose_layers("process")) == "process"


def test_strict_refuses_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    monkeypatch.setattr(seccomp, "available", lambda: True)
    assert level(choose_layers("auto")) == "seccomp"
    with pytest.raises(
        InputError, match="--sandbox strict can't be had here: this kernel does not offer landlock; use"
    ):
        choose_layers("strict")
    assert EXIT_USAGE == 2


def test_a_layer_that_cannot_be_taken_stops_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing silently falls back: a child that fails to confine itself runs nothing, and that is a fault of ours."""
    broken = pool._BOOT.replace(
        "from harness.worker.zygote import main",
        "from harness.worker import landlock\nlandlock._RULE_PATH_BENEATH = 99\nfrom harness.worker.zygote import main",
    )
    monkeypatch.setattr(pool, "_BOOT", broken)
    with Zygote(layers=("landlock",)) as zygote:  # noqa: SIM117 the fault is raised on entering the child
        with pytest.raises(GraderFault, match=r"a child could not be confined \(landlock\): the process ended"):
            with zygote.child(Limits()):
                pass
