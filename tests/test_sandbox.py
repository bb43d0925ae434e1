"""The grader's side of a child: how long it is waited for, how it ended, and what becomes of its folder."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness import launching
from harness.bank import Bank
from harness.conversation import Conversation, Zygotes, packed
from harness.errors import GraderFault, WorkerEnded
from harness.judging import Judging
from harness.model import Assignment, Limits, Outcome, Reply, Submission
from harness.sandbox import Zygote, child_process, level, patience, pool
from harness.sandbox.patience import Patience
from harness.wire import STILL_ALIVE
from harness.worker import confinement, execution, namespaces, warming
from harness.worker.namespaces import FOLDER_BYTES
from tests.bug_styles import STYLES
from tests.conftest import GradeSource, check_of, is_there
from tests.test_models import RIGHT as RIGHT_MODELS


@pytest.fixture(scope="module")
def bare_zygote() -> Iterator[Zygote]:
    with Zygote(layers=()) as zygote:
        yield zygote


def load_request(notes: Assignment, source: str) -> dict[str, object]:
    zygotes = Zygotes(())
    try:
        return Conversation(Submission("a", "a.py", source.encode()), notes, zygotes)._load_request()
    finally:
        zygotes.close()


Ending = Callable[[str], str]


@pytest.fixture
def ending(notes: Assignment, bare_zygote: Zygote) -> Ending:
    """How the grader words the end of a hand-in with a second of processor time."""

    def end(source: str) -> str:
        with bare_zygote.child(Limits(load_seconds=0.1, total_seconds=0.1)) as child:
            with pytest.raises(WorkerEnded) as ended:
                child.ask({"load": load_request(notes, source)}, 9.0)
            assert not ended.value.timed_out
            return str(ended.value)

    return end


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import os; os._exit(7)", "exit code 7"),
        ("import os; os.abort()", "SIGABRT (Aborted)"),
        ("import os; os.kill(os.getpid(), 9)", "SIGKILL, from itself or for want of memory"),
        ("while True: pass", "it used up its 1 s of processor time"),
        ("import os, time; os.close(3); time.sleep(9)", "it closed the grader's wire"),
    ],
)
def test_the_end_of_a_process_is_told(source: str, words: str, ending: Ending) -> None:
    assert ending(source) == words


def test_the_next_child_is_forked_while_the_last_one_is_judged() -> None:
    with Zygote(layers=()) as zygote:
        pids = []
        for _ in range(3):
            with zygote.child(Limits()) as child:
                assert zygote._spare is None  # it has no company
                pids.append(child.pid)
            assert zygote._spare is not None
        assert len(set(pids)) == 3
        assert not any(is_there(pid) for pid in pids)
        zygote._tidy()
        waiting = zygote._spare.pid
        with zygote.child(Limits()) as child:
            assert child.pid == waiting
        zygote._tidy()
        waiting = zygote._spare.pid
    assert not is_there(waiting)


@pytest.mark.parametrize("layers", [(), confinement.available()], ids=level)
def test_a_child_that_was_forked_under_other_limits_is_not_used(layers: tuple[str, ...]) -> None:
    with Zygote(layers=layers) as zygote:
        with zygote.child(Limits()):
            pass
        zygote._tidy()
        assert zygote._spare is not None
        waiting = zygote._spare.pid
        with zygote.child(Limits(memory_bytes=1 << 30)) as child:
            assert child.pid != waiting
        assert not is_there(waiting)


def test_a_child_that_ended_while_it_waited_is_told_of() -> None:
    with Zygote(layers=()) as zygote:
        with zygote.child(Limits()):
            pass
        zygote._tidy()
        assert zygote._spare is not None
        zygote._spare.channel.receive(9.0)  # as if it had been killed before it could say that it is confined
        os.kill(zygote._spare.pid, signal.SIGKILL)
        with pytest.raises(GraderFault, match="a child could not be confined"), zygote.child(Limits()):
            pass
        with zygote.child(Limits()) as child:  # the next one is there
            os.kill(child.pid, 0)


def test_a_zygote_whose_answer_nobody_hears_leaves_nothing() -> None:
    """As when the grader is killed just then: it must not end by the error that this is."""
    zygote = Zygote(layers=())
    zygote._wait_until_ready()
    forked = zygote._fork(Limits())
    zygote._say(b"W" + forked.pid.to_bytes(4, "little"))  # it waits a moment for an end that does not come
    zygote._control.close()
    assert not is_there(zygote._pid)
    assert not is_there(forked.pid)
    assert not Path(zygote._launched.folder).exists()
    forked.channel.close()
    zygote.close()


def test_no_child_finds_what_another_wrote(notes: Assignment) -> None:
    look_and_write = "import os\nprint(sorted(os.listdir('.')))\nopen('left', 'w').close()\nos.chmod('.', 0o500)"
    for layers in ((), confinement.available()):
        with Zygote(layers=layers) as zygote:
            for _ in range(4):
                with zygote.child(Limits()) as child:
                    loaded = child.ask({"load": load_request(notes, look_and_write)}, 9.0)["loaded"]
                assert loaded["printed"] == "[]\n"


@pytest.mark.skipif(not namespaces.available(), reason="this kernel grants no namespaces")
def test_a_file_system_is_used_again_only_where_nothing_was_ever_made_in_it(notes: Assignment) -> None:
    look = "import os\nseen = os.stat('.')\nprint(seen.st_dev, seen.st_ctime_ns)\n"
    made_and_removed = look + "os.mkdir('d')\nos.rmdir('d')"
    filled = (
        look
        + "try:\n    [open(f'{n}', 'wb').write(bytes(4 << 20)) for n in range(9)]\nexcept OSError:\n    print('full')"
    )
    printed = []
    with Zygote(layers=confinement.available()) as zygote:
        for source in (look, look, made_and_removed, filled, filled):
            with zygote.child(Limits()) as child:
                printed.append(child.ask({"load": load_request(notes, source)}, 9.0)["loaded"]["printed"].split("\n"))
    first, second, third, fourth, fifth = (lines[0] for lines in printed)
    assert first == second == third
    assert len({third, fourth, fifth}) == 3
    assert printed[3][1] == printed[4][1] == "full"


@pytest.mark.skipif(not namespaces.available(), reason="this kernel grants no namespaces")
def test_a_folder_that_somebody_removed_costs_one_fault(notes: Assignment) -> None:
    """As one who tidies /tmp does. The child that waits in it can't write there any more; a fault is tried again."""
    source = "import os\nopen('x', 'w').close()\nprint(os.listdir('.'))"
    printed: list[str | None] = []
    with Zygote(layers=confinement.available()) as zygote:
        for number in range(5):
            try:
                with zygote.child(Limits()) as child:
                    printed.append(child.ask({"load": load_request(notes, source)}, 9.0)["loaded"]["printed"])
            except GraderFault:
                printed.append(None)
            zygote._tidy()
            if number == 1:
                for path in Path(zygote._launched.folder).iterdir():
                    path.rmdir()
    assert printed.count(None) <= 1
    assert printed[:2] == printed[-1:] * 2 == ["['x']\n"] * 2


@pytest.mark.parametrize(
    "deed", ["shutil.rmtree(base)", "[os.makedirs(f'{base}/{n}', exist_ok=True) for n in range(9)]"]
)
def test_no_child_wants_for_a_folder_because_of_another(deed: str, notes: Assignment) -> None:
    """Without Landlock a hand-in reaches the folders of those that come after it."""
    source = f"import os, shutil\nbase = os.path.dirname(os.getcwd())\n{deed}\nprint('done')"
    with Zygote(layers=()) as zygote:
        for _ in range(4):
            with zygote.child(Limits()) as child:
                assert child.ask({"load": load_request(notes, source)}, 9.0)["loaded"]["printed"] == "done\n"


def test_nothing_is_left_of_a_grader_that_is_killed(notes: Assignment) -> None:
    """Not the hand-in that it was about, which would go on for a minute, and not its folder."""
    script = f"""
from harness import launching
from harness.model import Limits
from harness.sandbox import Zygote, level
with Zygote() as zygote, zygote.child(Limits()) as child:
    print(launching._MOTHERS.one().pid, zygote._pid, child.pid, zygote._launched.folder, flush=True)
    child.ask({{"load": {load_request(notes, "while True: pass")!r}}}, 60.0)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        *pids, folder = process.stdout.readline().split()
        time.sleep(0.3)
        process.send_signal(signal.SIGKILL)
    assert not any(is_there(int(pid)) for pid in pids)
    assert not Path(folder).exists()


@pytest.fixture
def mothers(monkeypatch: pytest.MonkeyPatch) -> Iterator[launching._Mothers]:
    """As in a process that has started nothing yet."""
    mothers = launching._Mothers()
    monkeypatch.setattr(launching, "_MOTHERS", mothers)
    yield mothers
    if mothers._mother is not None:
        mothers._mother.close()


def test_the_mother_is_started_ahead(mothers: launching._Mothers) -> None:
    mothers.begin()
    mothers.begin()  # one is enough
    mothers.wait()
    mother = mothers._mother
    assert mother is not None
    assert mothers.one() is mother
    with Zygote(layers=()) as first, Zygote(layers=()) as second:
        for zygote in (first, second):
            with zygote.child(Limits()):
                assert parent_of(zygote._pid) == mother.pid
    assert not is_there(first._pid)
    assert not Path(first._launched.folder).exists()
    assert mother.alive


def test_who_is_forked_shares_the_mother(mothers: launching._Mothers) -> None:
    mother = mothers.one()
    pid = os.fork()
    if pid == 0:
        with Zygote(layers=()) as zygote, zygote.child(Limits()):
            os._exit(0 if parent_of(zygote._pid) == mother.pid else 1)
    assert os.waitpid(pid, 0)[1] == 0
    with Zygote(layers=()) as zygote, zygote.child(Limits()):
        assert parent_of(zygote._pid) == mother.pid


def parent_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("PPid:")[2].split()[0])


def test_one_that_nobody_needed_ends_with_the_grader() -> None:
    script = """
from harness import launching
launching.ahead()
launching.wait()
print(launching._MOTHERS.one().pid)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not done.stderr
    assert not is_there(int(done.stdout))


@pytest.mark.parametrize("open_already", [0, 100])
def test_zygotes_outlive_their_mother_and_another_follows_her(mothers: launching._Mothers, open_already: int) -> None:
    with ExitStack() as files:
        for _ in range(open_already):
            files.enter_context(open(os.devnull, "rb"))
        mothers.one()  # whose end of the socket has a high number then
    with Zygote(layers=()) as zygote:
        with zygote.child(Limits()):
            pass
        mother = mothers.one()
        os.kill(mother.pid, signal.SIGKILL)
        mother._process.wait()
        assert not mother.alive
        with zygote.child(Limits()):
            pass
        with Zygote(layers=()) as other, other.child(Limits()):
            assert parent_of(other._pid) == mothers.one().pid != mother.pid


def test_a_mother_who_cannot_start_is_heard(mothers: launching._Mothers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "_BOOT", "raise ImportError('no NumPy here')")
    with Zygote(layers=()) as zygote:
        with pytest.raises(GraderFault, match=r"(?s)the worker process failed \(.*\).*ImportError: no NumPy here"):
            zygote.child(Limits()).__enter__()
        assert not zygote.alive


def test_a_zygote_that_cannot_begin_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    with (
        Zygote(layers=()) as zygote,
        pytest.raises(GraderFault, match=r"(?s)the worker process failed .*FileNotFoundError"),
    ):
        zygote.child(Limits()).__enter__()


def test_no_room_for_a_process_is_a_fault_of_ours(mothers: launching._Mothers, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **named: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(GraderFault, match=r"a worker process could not be started \(.*temporarily unavailable\)"):
        Zygote(layers=())


def test_a_child_goes_on_after_an_end(notes: Assignment, bare_zygote: Zygote, ending: Ending) -> None:
    """Asking how one ended leaves the zygote ready for the next."""
    assert ending("import os; os._exit(1)") == "exit code 1"
    with bare_zygote.child(Limits()) as child:
        assert "loaded" in child.ask({"load": load_request(notes, "x = 1")}, 9.0)


def test_every_signal_has_words() -> None:
    for number in signal.valid_signals():
        assert pool._in_words(int(number), 3)
    assert pool._in_words(STILL_ALIVE, 3) == "it closed the grader's wire"


def fill(folder: Path, sizes: list[int]) -> None:
    for i, size in enumerate(sizes):
        with (folder / str(i)).open("wb") as file:
            file.truncate(size)


def test_a_folder_is_measured_with_what_is_in_its_folders(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    fill(tmp_path / "a" / "b", [1000, 2000])
    small = child_process._size_of(tmp_path)
    assert 3000 <= small < FOLDER_BYTES
    fill(tmp_path / "a", [FOLDER_BYTES])
    assert child_process._size_of(tmp_path) > FOLDER_BYTES


def test_links_are_not_followed_when_it_is_measured(tmp_path: Path) -> None:
    (tmp_path / "usr").symlink_to("/usr")
    (tmp_path / "self").symlink_to(tmp_path)
    assert child_process._size_of(tmp_path) < 100_000


def test_a_folder_of_too_many_files_counts_as_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "_MANY_FILES", 5)
    fill(tmp_path, [0] * 6)
    assert child_process._size_of(tmp_path) > FOLDER_BYTES


def test_a_folder_nested_deeper_than_python_recurses_is_removed(tmp_path: Path) -> None:
    target = tmp_path / "deep"
    target.mkdir()
    here = os.open(target, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    launching.remove(str(target))
    assert not target.exists()


def test_a_folder_that_may_not_be_written_is_removed(tmp_path: Path) -> None:
    (tmp_path / "locked" / "in").mkdir(parents=True)
    (tmp_path / "locked" / "in" / "x").touch()
    (tmp_path / "locked" / "in").chmod(0)
    launching.remove(str(tmp_path / "locked"))
    assert not (tmp_path / "locked").exists()


class Clock:
    """A clock, and a queue for the processor, that a test sets."""

    def __init__(self) -> None:
        self.now = self.queued = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(patience, "time", clock)
    monkeypatch.setattr(Patience, "_queued", lambda self: clock.queued)
    return clock


def test_waiting_for_a_processor_is_not_counted(clock: Clock) -> None:
    waits = Patience(1)
    waits.begin(2.0)
    clock.now, clock.queued = 2.5, 1.5
    assert waits.remaining() == pytest.approx(1.0)  # until 2 + 1.5
    clock.now = 3.6
    assert waits.remaining() <= 0


def test_it_is_forgiven_once(clock: Clock) -> None:
    waits = Patience(1)
    clock.queued = 1.0
    waits.begin(2.0)
    clock.now = 2.5
    assert waits.remaining() == pytest.approx(0.5)
    waits.begin(2.0)
    clock.now = 4.6
    assert waits.remaining() <= 0


def test_patience_has_an_end(clock: Clock) -> None:
    waits = Patience(1)
    waits.begin(2.0)
    clock.now, clock.queued = 8.1, 100.0
    assert waits.remaining() <= 0


def test_the_kernel_knows_who_queues() -> None:
    """Two programs on one core: each is in the queue for about half of the time."""
    spin = "import os\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nwhile True: pass"
    both = [subprocess.Popen(["python3", "-S", "-c", spin]) for _ in range(2)]
    try:
        time.sleep(0.7)
        queued = [Patience(one.pid)._queued() for one in both]
    finally:
        for one in both:
            one.kill()
            one.wait()
    if not Path("/proc/self/schedstat").exists():
        pytest.skip("this kernel does not say")
    assert sum(queued) > 0.1


def test_who_sleeps_does_not_queue() -> None:
    sleeper = subprocess.Popen(["sleep", "9"])
    try:
        time.sleep(0.3)
        assert Patience(sleeper.pid)._queued() < 0.1
    finally:
        sleeper.kill()
        sleeper.wait()


def test_a_kernel_that_does_not_say_leaves_the_wall_clock() -> None:
    waits = Patience(2**30)
    waits.begin(0.0)
    assert waits.remaining() <= 0


def test_what_a_zygote_is_warmed_up_with_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def state() -> list[object]:
        there = [sys.stdout, sys.stderr, list(sys.meta_path), np.random.default_rng, signal.getsignal(signal.SIGVTALRM)]
        return [*there, execution.MODULE_NAME in sys.modules]

    changed: list[bool] = []
    serve = warming.child.serve

    def served(*arguments: object, **options: object) -> None:
        serve(*arguments, **options)  # type: ignore[arg-type]
        changed.append(all(now != then for now, then in zip(state(), before, strict=True)))

    monkeypatch.setattr(warming.child, "serve", served)
    before = state()
    warming.run_through()
    assert changed == [True] * 5, "else there is nothing to take back"
    assert state() == before


def test_a_child_has_the_finders_of_its_own_hand_in_alone(grade_source: GradeSource) -> None:
    finders = "import sys\nfound = [type(one).__name__ for one in sys.meta_path].count('Refusal')\n"
    grade = grade_source(finders + "def rnn_cell(a, h, Wx, Wh, b):\n    raise ValueError(f'FOUND {found}')\n")
    assert "FOUND 1" in str(check_of(grade, "shapes.cell-output").message)


def test_what_children_are_told_beforehand_changes_no_answer(
    notes: Assignment, bank: Bank, models: Assignment, models_bank: Bank
) -> None:
    """A zygote is told what one assignment asks; hand-ins of another are told by themselves."""
    asked = {STYLES["filled"]: Judging(notes, bank), RIGHT_MODELS: Judging(models, models_bank)}
    told, untold = Zygotes((), notes, asked[STYLES["filled"]].usual), Zygotes(())
    try:
        for source, judging in asked.items():
            heard = []
            for zygotes in (told, untold):
                submission = Submission("a", "a.py", source.encode())
                with Conversation(submission, judging.assignment, zygotes) as conversation:
                    knows = zygotes is told and judging.assignment is notes
                    assert (conversation._load_request()["asked"] is None) == knows
                    loaded = conversation.load()
                    heard.append((loaded, pack_replies(conversation.ask(judging.calls(loaded)))))
            assert heard[0] == heard[1]
            assert len(heard[0][1]) > 20
    finally:
        told.close()
        untold.close()


def pack_replies(replies: Mapping[str, Reply]) -> list[str]:
    with np.printoptions(threshold=10_000, floatmode="unique"):
        return [repr(reply) for reply in replies.values()]


def test_a_call_that_is_like_a_known_one_is_asked_in_full(notes: Assignment, bank: Bank) -> None:
    usual = Judging(notes, bank).usual
    zygotes = Zygotes((), notes, usual)
    try:
        assert [zygotes.in_short(call) for call in usual] == [call.key for call in usual]
        assert zygotes.in_short(replace(usual[0], times=5)) == packed(replace(usual[0], times=5))
    finally:
        zygotes.close()


@pytest.fixture(params=[(), None], ids=["process", "auto"])
def printed(request: pytest.FixtureRequest, notes: Assignment) -> Iterator[Callable[[str], str]]:
    """What a hand-in prints, at the lowest level and at the highest."""
    zygotes = Zygotes(request.param)

    def run(source: str, name: str = "a.py") -> str:
        with Conversation(Submission("a", name, source.encode()), notes, zygotes) as conversation:
            return conversation.load().printed

    yield run
    zygotes.close()


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        ("np.ma.array(np.tanh(a), mask=a > 0)", "a masked array"),
        ("[None, np.tanh(a)]", "a list with None in it"),
        ("[]", "an empty list"),
        ("[np.zeros(2), np.zeros(3)]", "a list of arrays of unequal shapes [(2,), (3,)]"),
        ("(a, h)", "a tuple of 2"),
        ("h.tolist().clear()", "None"),
    ],
)
def test_what_is_no_array_is_told_in_words(returned: str, words: str, grade_source: GradeSource) -> None:
    """Masked arrays are looked for only where a hand-in has loaded them; in a confined child it can."""
    grade = grade_source(f"import numpy as np\n\ndef rnn_cell(a, h, Wx, Wh, b):\n    return {returned}\n")
    assert f"is {words}, but should be an array" in str(check_of(grade, "shapes.cell-output").message)


def test_a_subclass_of_array_is_taken_for_its_numbers(grade_source: GradeSource) -> None:
    grade = grade_source(
        "import numpy as np\nclass Own(np.ndarray):\n    pass\n"
        "def rnn_cell(a, h, Wx, Wh, b):\n    return np.tanh(Wx @ a + Wh @ h + b).view(Own)\n"
    )
    assert check_of(grade, "shapes.cell-output").outcome is Outcome.PASSED


def test_a_child_has_no_descriptor_but_the_wire(printed: Callable[[str], str]) -> None:
    """What a zygote keeps open for the confinement of its children is closed in each."""
    source = """
import os
there = []
for number in range(4096):
    try:
        os.fstat(number)
        there.append(number)
    except OSError:
        pass
print(there)
"""
    assert printed(source) == printed(source) == "[0, 1, 2, 3]\n"


def test_a_child_has_a_bare_environment(printed: Callable[[str], str]) -> None:
    source = "import os\nprint(sorted(os.environ), os.environ['HOME'] == os.environ['TMPDIR'] == os.getcwd())\n"
    assert printed(source) == "['HOME', 'LANG', 'MPLBACKEND', 'TMPDIR'] True\n"


def test_a_child_collects_garbage_as_every_python_does(printed: Callable[[str], str]) -> None:
    """Its zygote does not while it starts."""
    said = subprocess.run([sys.executable, "-c", COLLECTOR], capture_output=True, text=True, check=True).stdout
    assert printed(COLLECTOR) == said
    assert said.startswith("True")


COLLECTOR = "import gc\nprint(gc.isenabled(), gc.get_threshold())\n"


def test_a_notebook_of_an_old_version_is_upgraded_in_the_child(printed: Callable[[str], str]) -> None:
    """Nbformat is not loaded beforehand; a confined child can still load it."""
    cell = {"cell_type": "code", "input": "print(7 * 6)", "language": "python", "outputs": []}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": [cell]}]}
    assert printed(json.dumps(old), "a.ipynb") == "42\n"


@pytest.mark.parametrize("how", ["import os; os._exit(3)", "raise KeyboardInterrupt"])
def test_a_source_that_cannot_be_had_costs_no_call(how: str, grade_source: GradeSource) -> None:
    """It is asked for along with the calls; a child that ends over it is asked the rest again."""
    wrong = STYLES["filled"].replace("prev_h @ Wh.T + b", "prev_h @ Wh.T + 3 * b")
    sabotage = f"""
import sys
def flatten(*arguments):
    {how}
sys.modules["harness.trees"].flatten = flatten
"""
    honest, sabotaged = grade_source(wrong), grade_source(wrong + sabotage)
    assert [str(one) for one in honest.checks] == [str(one) for one in sabotaged.checks]
    assert honest.listings
    assert not sabotaged.listings
