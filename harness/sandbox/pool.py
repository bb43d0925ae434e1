"""The grader's side of a zygote."""

import contextlib
import os
import signal
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from harness.errors import GraderFault, WorkerEnded
from harness.launching import launch, remove
from harness.model import Limits
from harness.sandbox.child_process import ChildProcess
from harness.sandbox.layers import level
from harness.wire import STILL_ALIVE, Channel, pack
from harness.worker import confinement

#: `import torch` can take this long on a cold disk.
_START_SECONDS = 120.0
#: Before it is confined a child runs nothing but ours.
_CONFINE_SECONDS = 30.0
#: What torch maps before a hand-in has allocated anything.
_TORCH_MEMORY = 16 << 30


class Zygote:
    """A process that forks a child for each hand-in; one hand-in at a time.

    Parameters
    ----------
    with_torch : load torch into it
    layers : what each child must take on before it sees a hand-in; by default what the kernel offers
    told : what is asked of hand-ins, for its children to know; see `harness.worker.asked`

    Raises
    ------
    GraderFault
        When it can't be started.
    """

    def __init__(
        self,
        *,
        with_torch: bool = False,
        layers: tuple[str, ...] | None = None,
        told: dict[str, Any] | None = None,
    ) -> None:
        self._with_torch = with_torch
        self._told = told
        self._layers = confinement.available() if layers is None else layers
        try:
            self._launched = launch(with_torch, self._layers)
        except OSError as error:
            raise GraderFault(f"a worker process could not be started ({error})") from None
        self._control = self._launched.control
        self._pid = 0
        self._children = 0
        self._unused: list[str] = []
        self._ready = False
        self._spare: _Forked | None = None

    def __enter__(self) -> "Zygote":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def alive(self) -> bool:
        """Whether it can still be asked for children."""
        return self._launched.alive

    def close(self) -> None:
        """End the zygote and remove its folder; never raises."""
        with contextlib.suppress(GraderFault):
            self._tidy()
            self._drop_spare()
        self._launched.close()

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
        self._tidy()
        if self._spare is not None and self._spare.limits != limits:
            self._drop_spare()
        forked = self._spare or self._fork(limits)
        self._spare = None
        ends: list[int] = []

        def how_it_ended() -> str:
            ends.append(self._reap(forked.pid))
            return _in_words(ends[0], _cpu_seconds(limits))

        try:
            process = ChildProcess(forked.pid, forked.channel, Path(forked.folder), how_it_ended)
            self._see_it_confined(process)
            yield process
        finally:
            forked.channel.close()
            if ends:
                self._put_away(forked.folder)
            else:
                self._leave(forked)

    def _see_it_confined(self, process: ChildProcess) -> None:
        try:
            answer = process.receive(_CONFINE_SECONDS)
            why = None if answer.get("confined") is True else str(answer.get("refused"))
        except WorkerEnded as ended:
            why = str(ended)
        if why is not None:
            raise GraderFault(f"a child could not be confined ({level(self._layers)}): {why}")

    def _wait_until_ready(self) -> None:
        if not self._ready:
            pid, length = struct.unpack("<xIH", self._expect(7, _START_SECONDS))
            self._pid, self._launched.folder = pid, os.fsdecode(self._expect(length, _START_SECONDS))
            if self._told is not None:
                self._tell(pack(self._told))
            self._ready = True

    def _tell(self, told: bytes) -> None:
        self._say(b"T" + _number(len(told)) + told)
        self._expect(1, _CONFINE_SECONDS)

    def _fork(self, limits: Limits) -> "_Forked":
        forked = self._ask_for_child(limits)
        self._hear_of(forked)
        return forked

    def _ask_for_child(self, limits: Limits, left: "_Forked | None" = None) -> "_Forked":
        """Have a child forked with a folder and a wire of its own, once one that is left is gone."""
        folder = self._unused.pop() if self._unused else self._new_folder()
        wanted = {
            "folder": folder,
            "memory_bytes": limits.memory_bytes + (_TORCH_MEMORY if self._with_torch else 0),
            "cpu_seconds": _cpu_seconds(limits),
            "layers": list(self._layers),
        }
        message = (b"N" + _number(left.pid) if left else b"F" + _number(0)) + pack(wanted)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            socket.send_fds(self._control, [message], [theirs.fileno()])
        except OSError as error:
            ours.close()
            raise self._fault(str(error)) from None
        finally:
            theirs.close()
        return _Forked(limits, folder, Channel(ours), left.folder if left else None)

    def _hear_of(self, forked: "_Forked") -> None:
        """Learn the number of a child, after how the one ended that it was to wait for."""
        try:
            answer = self._expect(4 if forked.left is None else 8, 30.0)
        except GraderFault:
            forked.channel.close()
            raise
        forked.pid = int.from_bytes(answer[-4:], "little")

    def _new_folder(self) -> str:
        while True:
            self._children += 1
            folder = os.path.join(self._launched.folder, str(self._children))
            with contextlib.suppress(FileExistsError):  # without Landlock a hand-in may have been at work here
                os.makedirs(folder, 0o700)
                return folder

    def _put_away(self, folder: str) -> None:
        """Use a folder again where a file system of the zygote's hides it, so that nothing is ever in it; else not."""
        if "namespaces" in self._layers and os.path.isdir(folder):
            self._unused.append(folder)
        else:
            remove(folder)

    def _reap(self, pid: int) -> int:
        """Wait a moment for a child's own end, end what it left, and say how it ended, as `os.wait` would."""
        self._say(b"W" + _number(pid))
        return int.from_bytes(self._expect(4, 30.0), "little", signed=True)

    def _leave(self, forked: "_Forked") -> None:
        """Kill a child, and have the next one forked and confined while the grader has other work.

        That the memory of the first is given back and its folder removed is waited for before the second is used.
        """
        # From here too, so that a zygote that is slow to hear does not prolong a hand-in's life.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(forked.pid, signal.SIGKILL)
        if "namespaces" in self._layers:
            self._put_away(forked.folder)  # for the next one
        self._spare = self._ask_for_child(forked.limits, forked)

    def _tidy(self) -> None:
        """Hear that the last child is gone, and which one waits in its place."""
        if self._spare is not None and not self._spare.pid:
            spare, self._spare = self._spare, None
            self._hear_of(spare)
            if spare.left is not None and "namespaces" not in self._layers:
                self._put_away(spare.left)
            self._spare = spare

    def _drop_spare(self) -> None:
        """End a child that nobody has use for; nothing of a hand-in is in it."""
        if self._spare is not None:
            spare, self._spare = self._spare, None
            spare.channel.close()
            self._reap(spare.pid)
            self._put_away(spare.folder)

    def _say(self, message: bytes) -> None:
        try:
            self._control.sendall(message)
        except OSError as error:
            raise self._fault(str(error)) from None

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
        if self._pid and self.alive:  # else the number may be another's by now
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self._pid, signal.SIGKILL)
        said = self._launched.last_words()
        self._launched.close()  # so that it is known to be dead when it is next asked for
        return GraderFault(f"the worker process failed ({what}) {said[-2000:]}".strip())


@dataclass
class _Forked:
    """A child as it was asked for.

    Attributes
    ----------
    folder, channel : its own, and our end of its wire
    left : the folder of the one that is to be gone before it is forked
    pid : 0 until it is known
    """

    limits: Limits
    folder: str
    channel: Channel
    left: str | None
    pid: int = 0


def _number(number: int) -> bytes:
    return number.to_bytes(4, "little")


def _cpu_seconds(limits: Limits) -> int:
    return int(limits.total_seconds + limits.load_seconds) + 1


def _in_words(status: int, cpu_seconds: int) -> str:
    """Say how a process ended, from a status as `os.wait` has it."""
    if status == STILL_ALIVE:
        return "it closed the grader's wire"
    if os.WIFEXITED(status):
        return f"exit code {os.WEXITSTATUS(status)}"
    number = os.WTERMSIG(status)
    if number == signal.SIGXCPU:
        return f"it used up its {cpu_seconds} s of processor time"
    if number == signal.SIGKILL:
        return "SIGKILL, from itself or for want of memory"
    names = {int(one): one.name for one in signal.Signals}  # those for real time have none
    return f"{names.get(number, f'signal {number}')} ({signal.strsignal(number)})"
