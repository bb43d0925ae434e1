"""How a zygote is started: a fresh interpreter, told by which layers its children are to be confined.

It takes a good part of a second, as does loading the grader; so the first one is started `ahead`, while the grader is
still being loaded. For that this file imports next to nothing.
"""

import atexit
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from harness.errors import InputError
from harness.worker import confinement

PROJECT = Path(__file__).resolve().parents[1]

# The hooks that libraries register to run after each fork (reseed `random`, forget other threads) touch memory that a
# child would else share: a quarter of what the fork costs. A zygote has one thread, and each child seeds anyway.
# Garbage is not looked for while it starts, for what is imported stays; see `harness.worker.zygote`.
_BOOT = """
import gc, os, sys
gc.disable()
os.register_at_fork = lambda **hooks: None
sys.path.insert(0, sys.argv[1])
from harness.worker.zygote import main
main(int(sys.argv[2]), sys.argv[1], frozenset(sys.argv[3:]))
"""


def choose_layers(wanted: str) -> tuple[str, ...]:
    """Choose the layers of confinement for a run.

    Parameters
    ----------
    wanted : ``auto`` takes what the kernel offers, ``strict`` too but not without those that are needed to shut every
        door, ``process`` none

    Raises
    ------
    InputError
        When ``strict`` can't be had.
    """
    _AHEAD.wait()  # it has asked the kernel already
    offered = confinement.available()
    missing = ", ".join(layer for layer in confinement.NEEDED if layer not in offered)
    if wanted == "strict" and missing:
        raise InputError(
            f"--sandbox strict can't be had here: this kernel does not offer {missing}; use --sandbox auto"
        )
    return () if wanted == "process" else offered


def level(layers: tuple[str, ...]) -> str:
    """Name the confinement that a run has, for the screen and for every report."""
    return "+".join(layers) or "process"


@dataclass(frozen=True)
class Launched:
    """A process that is becoming a zygote.

    Attributes
    ----------
    control : our end of the socket that it is asked over
    folder : its own, in which its children have theirs
    """

    process: subprocess.Popen[bytes]
    control: socket.socket
    folder: str

    def close(self) -> None:
        """End it, and remove its folder."""
        self.let_go()
        self.process.kill()
        self.process.wait()
        remove(self.folder)

    def let_go(self) -> None:
        """Close our ends of what it is asked and heard over."""
        self.control.close()
        if self.process.stderr:
            self.process.stderr.close()


def launch(with_torch: bool, layers: tuple[str, ...]) -> Launched:
    """Start one, or take the one that was started ahead if it is such a one."""
    return _AHEAD.take(with_torch, layers) or _start(with_torch, layers)


def ahead(wanted: str) -> None:
    """Begin to start one for a run, as `choose_layers` will choose, and do not wait for it."""
    _AHEAD.begin(wanted)


def forget_ahead() -> None:
    """Leave the one that was started ahead to the process that this one was forked from."""
    _AHEAD.forget()


def can_fork() -> bool:
    """Tell whether this process may go on in two: threads do not survive a fork, and torch has some."""
    return sys.platform == "linux" and threading.active_count() == 1 and "torch" not in sys.modules


def _start(with_torch: bool, layers: tuple[str, ...]) -> Launched:
    folder = tempfile.mkdtemp(prefix="hand-in-")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    options = [name for name, on in (("torch", with_torch), ("namespaces", "namespaces" in layers)) if on]
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _BOOT, str(PROJECT), str(theirs.fileno()), *options],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=_bare_environment(),
            cwd=folder,
        )
    return Launched(process, ours, folder)


class _Ahead:
    """The one that was started ahead, if there is one; it ends with the grader if nobody takes it."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._kind: tuple[bool, tuple[str, ...]] | None = None
        self._launched: Launched | None = None

    def begin(self, wanted: str) -> None:
        if self._thread is None and self._launched is None:
            self._thread = threading.Thread(target=self._begin, args=(wanted,), daemon=True)
            self._thread.start()

    def _begin(self, wanted: str) -> None:
        layers = () if wanted == "process" else confinement.available()
        with contextlib.suppress(OSError):  # what is wrong is told when one is needed
            self._launched, self._kind = _start(False, layers), (False, layers)
            atexit.register(self._end)

    def wait(self) -> None:
        """Wait for the thread, which is soon done; a thread must not be there when the grader forks."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def take(self, with_torch: bool, layers: tuple[str, ...]) -> Launched | None:
        with self._lock:
            self.wait()
            if self._kind != (with_torch, layers):
                return None
            launched, self._launched, self._kind = self._launched, None, None
            atexit.unregister(self._end)
            return launched

    def forget(self) -> None:
        if self._launched is not None:
            self._launched.let_go()
        self._launched = self._kind = None

    def _end(self) -> None:
        if self._launched is not None:
            self._launched.close()


_AHEAD = _Ahead()


def remove(folder: str) -> None:
    """Remove a folder in whatever state a hand-in left it: nested deeper than Python recurses, or not writable."""
    with contextlib.suppress(OSError):
        os.rmdir(folder)  # mostly it is empty: what was written was written to a file system of the child's own
        return
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if os.path.lexists(folder):
        for command in ("chmod", "-R", "u+rwX"), ("rm", "-rf"):
            subprocess.run([*command, folder], stdin=subprocess.DEVNULL, capture_output=True, check=False)


def _bare_environment() -> dict[str, str]:
    """What a zygote needs to start, and nothing of the person who runs the grader.

    One thread for each BLAS: children are many, and their matrices are small. And the linker looks up all functions at
    once, where else each child would look up again those that the zygote has not called.
    """
    set_here = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "LD_BIND_NOW"), "1")
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    return {**kept, **set_here, "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
