"""How zygotes are started: forked from one fresh interpreter, their mother, and told by which layers to be confined.

To start the interpreter takes a good part of a second, as does loading the grader; so it is started `ahead`, while the
grader is still being loaded. For that this file imports next to nothing.
"""

import atexit
import contextlib
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from harness.worker import confinement

PROJECT = Path(__file__).resolve().parents[1]

# The hooks that libraries register to run after each fork (reseed `random`, forget other threads) touch memory that a
# child would else share: a quarter of what the fork costs. A zygote has one thread, and each child seeds anyway.
# Garbage is not looked for while it starts, for what is imported stays; see `harness.worker.warming`.
_BOOT = """
import gc, os, sys
gc.disable()
os.register_at_fork = lambda **hooks: None
sys.path.insert(0, sys.argv[1])
from harness.worker.mother import main
main(int(sys.argv[2]), sys.argv[1])
"""
#: For how long it is waited for the end of a zygote that was hung up on, and for its last words.
_END_SECONDS, _LAST_WORDS_SECONDS = 10.0, 1.0


class Mother:
    """The interpreter from which the zygotes of this process and of those forked from it are forked."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-c", _BOOT, str(PROJECT), str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    env=_bare_environment(),
                    cwd="/",
                )
        except OSError:
            self._control.close()
            raise

    @property
    def alive(self) -> bool:
        """Whether she can still be asked; in a process that was forked from the one that started her, too."""
        return not _is_hung_up(self._control)

    @property
    def pid(self) -> int:
        """Her process id."""
        return self._process.pid

    @property
    def descriptors(self) -> tuple[int, int]:
        """What is open for her, here and in processes that are forked from this one."""
        assert self._process.stderr is not None
        return self._control.fileno(), self._process.stderr.fileno()

    def fork(self, with_torch: bool, control: int, errors: int) -> None:
        """Have a zygote forked, which is asked over one descriptor and tells of errors over the other.

        Raises
        ------
        OSError
            When she is gone.
        """
        socket.send_fds(self._control, [b"T" if with_torch else b"Z"], [control, errors])

    def last_words(self) -> str:
        """What she said, if she is gone."""
        return "" if self.alive else _said(self.descriptors[1])

    def close(self) -> None:
        """End her; her zygotes live on."""
        self._control.close()
        self._process.kill()
        self._process.wait()
        if self._process.stderr:
            self._process.stderr.close()


class Launched:
    """A process that is becoming a zygote.

    Parameters
    ----------
    mother : to be asked for it
    layers : of confinement, of which it must know beforehand

    Attributes
    ----------
    control : our end of the socket that it is asked over
    folder : its own, in which its children have theirs; empty until it has said where it made it

    Raises
    ------
    OSError
        When the mother is gone.
    """

    def __init__(self, mother: Mother, with_torch: bool, layers: tuple[str, ...]) -> None:
        self._mother = mother
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        reader, errors = os.pipe()
        self._errors = os.fdopen(reader, "rb", buffering=0)
        self.folder = ""
        try:
            mother.fork(with_torch, theirs.fileno(), errors)
            self.control.sendall(b"B" + bytes(["namespaces" in layers]) + os.fsencode(tempfile.gettempdir()))
        except OSError:
            self.close()
            raise
        finally:
            theirs.close()
            os.close(errors)

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return not _is_hung_up(self.control)

    def last_words(self) -> str:
        """What it said of its end, or its mother of hers."""
        return _said(self._errors.fileno()) or self._mother.last_words()

    def close(self) -> None:
        """Hang up, which ends it; wait for that and remove its folder, if it is there already."""
        if self.folder:
            with contextlib.suppress(OSError):
                self.control.shutdown(socket.SHUT_WR)
                self.control.settimeout(_END_SECONDS)
                while self.control.recv(4096):
                    pass
            remove(self.folder)
        self.control.close()
        self._errors.close()


def launch(with_torch: bool, layers: tuple[str, ...]) -> Launched:
    """Have a zygote forked, from a new mother if there is none or she has just gone.

    Raises
    ------
    OSError
        When this machine has no room for another process.
    """
    with contextlib.suppress(OSError):
        return Launched(_MOTHERS.one(), with_torch, layers)
    return Launched(_MOTHERS.one(), with_torch, layers)


def ahead() -> None:
    """Begin to start the mother, and to ask the kernel which layers it offers; do not wait for it."""
    _MOTHERS.begin()


def wait() -> None:
    """Wait until that is done; there is no other thread then."""
    _MOTHERS.wait()


def in_time() -> None:
    """See to it that processes which are forked from now on share a mother with this one."""
    with contextlib.suppress(OSError):  # what is wrong is told when a zygote is needed
        _MOTHERS.one()


def shared() -> tuple[int, ...]:
    """The descriptors that a process which was forked from this one needs to have zygotes from the same mother."""
    return _MOTHERS.descriptors


def can_fork() -> bool:
    """Tell whether this process may go on in two: threads do not survive a fork, and torch has some."""
    return sys.platform == "linux" and threading.active_count() == 1 and "torch" not in sys.modules


class _Mothers:
    """The mother of this process, if there is one; she ends with the process that started her."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._mother: Mother | None = None

    def begin(self) -> None:
        if self._thread is None and self._mother is None:
            self._thread = threading.Thread(target=self._begin, daemon=True)
            self._thread.start()

    def _begin(self) -> None:
        with contextlib.suppress(OSError):  # what is wrong is told when a zygote is needed
            self._mother = self._new()
        confinement.available()

    def _new(self) -> Mother:
        mother = Mother()
        atexit.register(mother.close)
        return mother

    def wait(self) -> None:
        """Wait for the thread, which is soon done; a thread must not be there when the grader forks."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def one(self) -> Mother:
        with self._lock:
            self.wait()
            if self._mother is None or not self._mother.alive:
                self._mother = self._new()
            return self._mother

    @property
    def descriptors(self) -> tuple[int, ...]:
        return self._mother.descriptors if self._mother else ()


_MOTHERS = _Mothers()


def _is_hung_up(connection: socket.socket) -> bool:
    """Tell whether the other side is gone, and has left nothing that is to be heard."""
    try:
        return _has_something(connection.fileno(), 0.0) and not connection.recv(1, socket.MSG_PEEK)
    except OSError:
        return True


def _said(errors: int) -> str:
    """What comes out of a pipe until it is closed, or for as long as that is waited for."""
    said, deadline = b"", time.monotonic() + _LAST_WORDS_SECONDS
    while (left := deadline - time.monotonic()) > 0 and _has_something(errors, left):
        if not (part := os.read(errors, 65_536)):
            break
        said += part
    return said.decode(errors="replace").strip()


def _has_something(descriptor: int, seconds: float) -> bool:
    """Wait until there is something to be heard, if only that the other side has hung up."""
    if descriptor < 0:
        raise OSError("it is closed")
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(1000 * seconds))


def remove(folder: str) -> None:
    """Remove a folder in whatever state a hand-in left it: nested deeper than Python recurses, or not writable."""
    with contextlib.suppress(OSError):
        os.rmdir(folder)  # mostly it is empty: what was written was written to a file system that hid it
        return
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if os.path.lexists(folder):
        for command in ("chmod", "-R", "u+rwX"), ("rm", "-rf"):
            subprocess.run([*command, folder], stdin=subprocess.DEVNULL, capture_output=True, check=False)


def _bare_environment() -> dict[str, str]:
    """What the mother needs to start, and nothing of the person who runs the grader.

    One thread for each BLAS: children are many, and their matrices are small. And the linker looks up all functions at
    once, where else each child would look up again those that she has not called.
    """
    set_here = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "LD_BIND_NOW"), "1")
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    return {**kept, **set_here, "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
