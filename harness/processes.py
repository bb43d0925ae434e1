"""Graders beside this one, each in a process of its own.

A hand-in costs the grader about as much time as its own process, and Python runs one thread at a time; so a class is
graded by as many processes as there are cores. They are forked when everything is loaded and nothing has begun, and
share its memory. What they send back are grades as data, as in the gradebook.
"""

import ctypes
import itertools
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import astuple
from typing import NoReturn

from harness import gradebook, launching
from harness.grading import Grader
from harness.model import Grade, Submission
from harness.wire import Channel, WireError

_PR_SET_PDEATHSIG = 1


class GraderProcess:
    """A `Grader` in a process that is forked from this one; one hand-in at a time.

    Should it end, for want of memory say, what it had and what comes is graded here.

    Parameters
    ----------
    make : makes the grader, there or here

    Raises
    ------
    OSError
        When this machine has no room for another process.
    """

    def __init__(self, make: Callable[[], Grader]) -> None:
        self._make = make
        self._instead: Grader | None = None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        parent = os.getpid() if threading.current_thread() is threading.main_thread() else None
        self._channel = Channel(ours)
        with theirs:
            try:
                self._pid: int | None = os.fork()
            except OSError:
                self._channel.close()
                raise
            if self._pid == 0:
                _be_grader(theirs, make, parent)

    def grade(self, submission: Submission) -> Grade:
        """Grade a submission."""
        if self._instead is None:
            try:
                self._channel.send({"grade": astuple(submission)})
                return gradebook.received(self._channel.receive()["graded"])
            except WireError:
                self._instead = self._make()
        return self._instead.grade(submission)

    def close(self) -> None:
        """End the process."""
        self._channel.close()
        if self._pid is not None:
            os.waitpid(self._pid, 0)
            self._pid = None
        if self._instead is not None:
            self._instead.close()


def _be_grader(wire: socket.socket, make: Callable[[], Grader], parent: int | None) -> NoReturn:
    """Grade what comes over the wire until it is hung up; never to return to what this process was forked from."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches all of us; it is the parent who ends the others
        if parent is not None:
            _end_with(parent)
        _close_all_but(wire.fileno(), *launching.shared())
        channel, grader = Channel(wire), make()
        try:
            while True:
                submission = Submission(*channel.receive()["grade"])
                channel.send({"graded": gradebook.sent(grader.grade(submission))})
        finally:
            grader.close()
    except WireError:
        code = 0
    finally:
        os._exit(code)  # without the clean-up of the grader that this was forked from


def _end_with(parent: int) -> None:
    """Have the kernel end this process when the parent is killed, and with it all that it has started."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def _close_all_but(*kept: int) -> None:
    """Close what the parent has open: its gradebook's lock, its ends of other wires; who holds them seems to live."""
    for below, above in itertools.pairwise((2, *sorted(kept), 65_536)):
        os.closerange(below + 1, above)
