"""The grader's side of a zygote and of its children."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from harness.errors import GraderFault, InputError, WorkerEnded
from harness.model import Limits
from harness.wire import Channel, WireError, WireTimeout
from harness.worker import confinement

PROJECT = Path(__file__).resolve().parents[2]
#: `import torch` can take this long on a cold disk.
_START_SECONDS = 120.0
#: Before it is confined a child runs nothing but ours.
_CONFINE_SECONDS = 30.0
#: What torch maps before a hand-in has allocated anything.
_TORCH_MEMORY = 16 << 30

_BOOT = """
import sys
sys.path.insert(0, sys.argv[1])
from harness.worker.zygote import main
main(int(sys.argv[2]), sys.argv[3] == "torch", sys.argv[1])
"""


def choose_layers(wanted: str) -> tuple[str, ...]:
    """Choose the layers of confinement for a run.

    Parameters
    ----------
    wanted : ``auto`` takes what the kernel offers, ``strict`` everything or nothing, ``process`` none

    Raises
    ------
    InputError
        When ``strict`` can't be had.
    """
    offered = confinement.available()
    if wanted == "strict" and offered != confinement.LAYERS:
        missing = ", ".join(layer for layer in confinement.LAYERS if layer not in offered)
        raise InputError(
            f"--sandbox strict can't be had here: this kernel does not offer {missing}; use --sandbox auto"
        )
    return () if wanted == "process" else offered


def level(layers: tuple[str, ...]) -> str:
    """Name the confinement that a run has, for the screen and for every report."""
    return "+".join(layers) or "process"


class ChildProcess:
    """A confined child: send it frames, get frames back, always with a deadline."""

    def __init__(self, pid: int, channel: Channel) -> None:
        self.pid = pid
        self._channel = channel

    def ask(self, message: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a frame and wait for one.

        Raises
        ------
        WorkerEnded
        """
        self.send(message, seconds)
        return self.receive(seconds)

    def send(self, message: dict[str, Any], seconds: float) -> None:
        """Send a frame; a child that does not read in time has ended.

        Raises
        ------
        WorkerEnded
        """
        try:
            self._channel.send(message, seconds)
        except WireTimeout:
            raise WorkerEnded(f"it did not listen for {seconds:g} s", timed_out=True) from None
        except WireError as error:
            raise WorkerEnded(str(error), timed_out=False) from None

    def receive(self, seconds: float) -> dict[str, Any]:
        """Wait for a frame.

        Raises
        ------
        WorkerEnded
        """
        try:
            return self._channel.receive(seconds)
        except WireTimeout:
            raise WorkerEnded(f"no answer within {seconds:g} s", timed_out=True) from None
        except WireError as error:
            raise WorkerEnded(str(error), timed_out=False) from None


class Zygote:
    """A fresh interpreter that forks a child for each hand-in; one hand-in at a time.

    Parameters
    ----------
    with_torch : load torch into it
    layers : what each child must take on before it sees a hand-in; by default what the kernel offers
    """

    def __init__(self, *, with_torch: bool = False, layers: tuple[str, ...] | None = None) -> None:
        self._with_torch = with_torch
        self._layers = confinement.available() if layers is None else layers
        self._folder = tempfile.mkdtemp(prefix="hand-in-")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        mode = "torch" if with_torch else "numpy"
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", _BOOT, str(PROJECT), str(theirs.fileno()), mode],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=_bare_environment(),
            cwd=self._folder,
        )
        theirs.close()
        self._control = ours
        self._ready = False

    def __enter__(self) -> "Zygote":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def alive(self) -> bool:
        """Whether it can still be asked for children."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the zygote and remove its folder; never raises."""
        self._control.close()
        self._process.kill()
        self._process.wait()
        if self._process.stderr:
            self._process.stderr.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def child(self, limits: Limits) -> Iterator[ChildProcess]:
        """Fork and confine a child; at the end of the block it is killed with all that it started.

        Raises
        ------
        GraderFault
            When the zygote itself is gone.
            Also when the child can't be confined as it must be.
        """
        self._wait_until_ready()
        folder = tempfile.mkdtemp(dir=self._folder)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        channel = Channel(ours)
        try:
            pid = self._fork(theirs, folder)
        except GraderFault:
            channel.close()
            raise
        try:
            process = ChildProcess(pid, channel)
            memory = limits.memory_bytes + (_TORCH_MEMORY if self._with_torch else 0)
            wanted = {
                "memory_bytes": memory,
                "cpu_seconds": int(limits.total_seconds + limits.load_seconds) + 1,
                "project": str(PROJECT),
                "layers": list(self._layers),
            }
            try:
                process.ask({"confine": wanted}, _CONFINE_SECONDS)
            except WorkerEnded as ended:
                raise GraderFault(f"a child could not be confined ({level(self._layers)}): {ended}") from None
            yield process
        finally:
            channel.close()
            self._reap(pid)
            shutil.rmtree(folder, ignore_errors=True)

    def _wait_until_ready(self) -> None:
        if not self._ready:
            self._expect(1, _START_SECONDS)
            self._ready = True

    def _fork(self, theirs: socket.socket, folder: str) -> int:
        try:
            socket.send_fds(self._control, [b"F" + folder.encode()], [theirs.fileno()])
        except OSError as error:
            raise self._fault(str(error)) from None
        finally:
            theirs.close()
        return int.from_bytes(self._expect(4, 30.0), "little")

    def _reap(self, pid: int) -> None:
        # From here too, so that a zygote that is slow to hear does not prolong a hand-in's life.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        try:
            self._control.sendall(b"D" + str(pid).encode())
        except OSError as error:
            raise self._fault(str(error)) from None
        self._expect(1, 30.0)

    def _expect(self, size: int, seconds: float) -> bytes:
        self._control.settimeout(seconds)
        received = b""
        while len(received) < size:
            try:
                part = self._control.recv(size - len(received))
            except OSError as error:
                raise self._fault(str(error) or "no answer") from None
            if not part:
                raise self._fault("it ended")
            received += part
        return received

    def _fault(self, what: str) -> GraderFault:
        self._process.kill()
        self._process.wait()  # so that it is known to be dead when it is next asked for
        said = self._process.stderr.read().decode(errors="replace").strip() if self._process.stderr else ""
        return GraderFault(f"the worker process failed ({what}) {said[-2000:]}".strip())


def _bare_environment() -> dict[str, str]:
    """What a zygote needs to start, and nothing of the person who runs the grader.

    One thread for each BLAS: children are many, and their matrices are small.
    """
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    return {**kept, **threads, "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
