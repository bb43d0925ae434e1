"""One confined child, as the grader talks to it."""

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from harness.errors import WorkerEnded
from harness.sandbox.patience import Patience
from harness.wire import Channel, HungUp, WireError, WireTimeout, unpacked
from harness.worker.namespaces import FOLDER_BYTES

#: An answer takes less time than to be woken for it; where more than a few are due, some may gather first.
_FEW, _GATHERING_SECONDS = 6, 0.0003
#: How often a folder without a quota of the kernel's is measured while a hand-in is waited for.
_LOOK_SECONDS = 0.2
_MANY_FILES = 10_000

One = TypeVar("One")


class ChildProcess:
    """A confined child: send it frames, get frames back, always with a deadline.

    Parameters
    ----------
    pid, channel : of the child
    folder : its private one, which is measured while it is waited for
    how_it_ended : asks for words, once it has hung up
    """

    def __init__(self, pid: int, channel: Channel, folder: Path, how_it_ended: Callable[[], str]) -> None:
        self.pid = pid
        self._channel = channel
        self._folder = folder
        self._how_it_ended = how_it_ended
        self._patience = Patience(pid)

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
        except HungUp:
            raise WorkerEnded(self._how_it_ended(), timed_out=False) from None
        except WireError as error:
            raise WorkerEnded(str(error), timed_out=False) from None

    def receive(self, seconds: float) -> dict[str, Any]:
        """Wait for a frame.

        Raises
        ------
        WorkerEnded
        """
        return self.hear(unpacked, seconds)

    def hear(self, read: Callable[[bytes], One], seconds: float, following: int = 0) -> One:
        """Wait for a frame, and read it.

        Parameters
        ----------
        read : what its bytes say; raises `WireError` where they say nothing
        following : how many more are expected right after it

        Raises
        ------
        WorkerEnded
        """
        try:
            return read(self._wait(seconds, following))
        except HungUp:
            raise WorkerEnded(self._how_it_ended(), timed_out=False) from None
        except WireError as error:
            raise WorkerEnded(str(error), timed_out=False) from None

    def _wait(self, seconds: float, following: int) -> bytes:
        if (frame := self._channel.waiting_bytes()) is not None:
            return frame
        if following > _FEW:
            time.sleep(_GATHERING_SECONDS)
        self._patience.begin(seconds)
        while (remaining := self._patience.remaining()) > 0:
            with contextlib.suppress(WireTimeout):
                return self._channel.receive_bytes(min(remaining, _LOOK_SECONDS))
            self._measure_folder()
        raise WorkerEnded(f"no answer within {seconds:g} s", timed_out=True)

    def _measure_folder(self) -> None:
        """Stand in for a quota where the kernel keeps none."""
        if _size_of(self._folder) > FOLDER_BYTES:
            raise WorkerEnded(
                f"it filled its folder: more than {FOLDER_BYTES >> 20} MiB or {_MANY_FILES:,} files", timed_out=False
            )


def _size_of(folder: Path) -> int:
    """What is in a folder, in bytes; what is more than so many files is as bad as what is too large."""
    size = count = 0
    pending = [os.fspath(folder)]
    while pending:
        with contextlib.suppress(OSError), os.scandir(pending.pop()) as entries:
            for entry in entries:
                count += 1
                size += entry.stat(follow_symlinks=False).st_size
                if count > _MANY_FILES or size > FOLDER_BYTES:
                    return FOLDER_BYTES + 1
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
    return size
