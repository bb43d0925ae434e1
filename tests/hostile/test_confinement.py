"""What a confined hand-in can't reach, each door tried from inside, and tried without confinement to be a real door."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness import commands, launching
from harness.audit.doors import DOORS, NOT_TRIED_OPEN, PROBE, try_doors
from harness.bank import Bank
from harness.commands import EXIT_USAGE
from harness.errors import GraderFault, InputError
from harness.grading import Grader
from harness.model import Assignment, Limits, Submission
from harness.sandbox import Zygote, choose_layers, level
from harness.worker import confinement, landlock, namespaces, seccomp
from tests.conftest import check_of, is_full

NEEDS_LAYERS = pytest.mark.skipif(
    not set(confinement.NEEDED) <= set(confinement.available()), reason="this kernel lacks Landlock or seccomp"
)
NEEDS_NAMESPACES = pytest.mark.skipif(not namespaces.available(), reason="this kernel grants no namespaces")
#: Each set of layers that shuts every door alone.
ENOUGH = [confinement.NEEDED, confinement.LAYERS]


@pytest.fixture(scope="module", params=ENOUGH, ids=level)
def confined(request: pytest.FixtureRequest, notes: Assignment, bank: Bank) -> Iterator[Grader]:
    if not set(request.param) <= set(confinement.available()):
        pytest.skip("not offered by this kernel")
    grader = Grader(notes, bank, request.param)
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
    assert "REFUSED" in message or "it filled its folder" in message, message
    assert "REACHED" not in message
    if "libc.syscall(" in DOORS[door]:
        assert "[Errno 1]" in message, "refused by the filter, not for another reason"


@pytest.mark.parametrize("door", sorted(DOORS.keys() - NOT_TRIED_OPEN))
def test_without_confinement_the_door_is_open(door: str, bare: Grader) -> None:
    """Else the test above would pass for another reason."""
    message = told(bare, DOORS[door])
    for path in ("/tmp/left-behind-by-a-hand-in", "/dev/shm/left-behind-by-a-hand-in"):
        Path(path).unlink(missing_ok=True)
    assert "REACHED" in message, message


STILL_ALLOWED = {
    "its-own-folder": "    open('n', 'w').write('x'); assert open('n').read() == 'x'; os.makedirs('d', exist_ok=True)",
    "files-of-its-own": (
        "    import pathlib, shutil, tempfile; np.save('a.npy', np.ones(3)); shutil.copyfile('a.npy', 'b.npy')\n"
        "    assert np.load('b.npy').sum() == 3; t = pathlib.Path('t'); t.touch(); t.touch(); os.replace('t', 'u')\n"
        "    with tempfile.TemporaryDirectory() as d, open(d + '/x', 'w') as f: f.write('long'); f.truncate(2)\n"
        "    np.memmap('m', dtype=float, mode='w+', shape=4)[:] = 1"
    ),
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
    assert choose_layers("auto") == choose_layers("strict") == confinement.available()
    assert level(confinement.LAYERS) == "landlock+seccomp+namespaces"
    assert level(choose_layers("process")) == "process"


def test_strict_refuses_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    monkeypatch.setattr(seccomp, "available", lambda: True)
    monkeypatch.setattr(namespaces, "available", lambda: True)
    assert level(choose_layers("auto")) == "seccomp+namespaces"
    with pytest.raises(
        InputError, match="--sandbox strict can't be had here: this kernel does not offer landlock; use"
    ):
        choose_layers("strict")
    assert EXIT_USAGE == 2


def test_strict_does_without_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers take them away; the other two shut every door alone, as is tried above."""
    monkeypatch.setattr(landlock, "version", lambda: 5)
    monkeypatch.setattr(seccomp, "available", lambda: True)
    monkeypatch.setattr(namespaces, "available", lambda: False)
    assert level(choose_layers("strict")) == "landlock+seccomp"


def test_a_layer_that_cannot_be_taken_stops_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing silently falls back: a child that fails to confine itself runs nothing, and that is a fault of ours."""
    broken = launching._BOOT.replace(
        "from harness.worker.mother import main",
        "from harness.worker import landlock\nlandlock._RULE_PATH_BENEATH = 99\nfrom harness.worker.mother import main",
    )
    monkeypatch.setattr(launching, "_BOOT", broken)
    monkeypatch.setattr(launching, "_MOTHERS", launching._Mothers())
    with Zygote(layers=("landlock",)) as zygote:  # noqa: SIM117 the fault is raised on entering the child
        with pytest.raises(
            GraderFault, match=r"a child could not be confined \(landlock\): .*Landlock: Invalid argument"
        ):
            with zygote.child(Limits()):
                pass


@NEEDS_LAYERS
def test_the_self_test_finds_every_door_shut_here(notes: Assignment) -> None:
    tried = list(try_doors(notes, choose_layers("strict")))
    assert [one.name for one in tried] == list(DOORS)
    assert [one for one in tried if one.is_open] == []


def test_the_self_test_sees_what_is_open(notes: Assignment) -> None:
    tried = {one.name: one for one in try_doors(notes, choose_layers("process"))}
    assert tried["reads-passwords"].is_open
    assert tried["opens-a-socket"].is_open
    assert not Path("/tmp/left-behind-by-a-hand-in").exists()
    assert not Path("/dev/shm/left-behind-by-a-hand-in").exists()
    assert "/hand-in-" not in Path("/proc/mounts").read_text()


@NEEDS_LAYERS
def test_the_command_prints_what_holds_here() -> None:
    result = CliRunner().invoke(commands.audit, ["--sandbox"])
    assert result.exit_code == 0
    assert "shut  reads-passwords" in result.output
    assert result.output.rstrip().endswith(f"all {len(DOORS)} doors are shut at level {level(choose_layers('auto'))}")


def test_the_command_exits_one_where_a_door_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.sandbox.choose_layers", lambda wanted: ())
    result = CliRunner().invoke(commands.audit, ["--sandbox"])
    assert result.exit_code == 1
    assert "OPEN  reads-passwords" in result.output
    assert "at level process" in result.output
