"""A resident interpreter with NumPy loaded, which forks the zygotes of a run.

To start an interpreter and load all that children need takes a quarter of a second; to fork one that has done so, a
millisecond. It is started fresh by the grader, not forked from it, so nothing that the grader expects is in its memory.
No hand-in is run by it or by a child of its own: a zygote ends everything that descends from it, and may be ended.

It is asked over one socket, which all graders of a run write to, a byte at a time, with two descriptors:

    grader → mother   Z, with the zygote's end of a control socket and where it is to tell of errors: fork a zygote
    grader → mother   T, likewise: fork one with torch loaded

Those with torch are forked from a mother with torch, which is forked from this one when the first is asked for.
"""

import contextlib
import gc
import os
import signal
import socket
import sys
from typing import NoReturn

import numpy as np

from harness.worker import confinement, warming, zygote


def main(control_fd: int, project: str) -> None:
    """Serve zygotes until the last grader hangs up.

    Parameters
    ----------
    control_fd : the mother's end of the socket that it is asked over
    project : the folder of this project's source, which children must not read
    """
    control = socket.socket(fileno=zygote.only_descriptor(control_fd))
    warm_up(project)
    _serve(control, with_torch=False)


def warm_up(project: str) -> None:
    """Do beforehand what every child would do, so that none pays for it, and keep it out of the collector's way."""
    np.linalg.norm(np.random.default_rng(0).random((3, 3)) @ np.ones(3))
    confinement.prepare(project)
    os.environ.clear()
    os.environ.update({"MPLBACKEND": "Agg", "LANG": "C.UTF-8"})
    warming.run_through()
    sys.dont_write_bytecode = True  # what is ours is compiled once for all runs; what hand-ins import is not to be
    warming.keep()


def _serve(control: socket.socket, *, with_torch: bool) -> None:
    """Do as the graders say, until all have hung up."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a zygote; the kernel takes what is left of it
    other: socket.socket | None = None
    while True:
        kind, descriptors, _, _ = socket.recv_fds(control, 1, 2)
        if not kind:
            return
        try:
            if kind == b"T" and not with_torch:
                other = _passed_on(other, descriptors)
            elif os.fork() == 0:
                _be_zygote(descriptors, with_torch)
        except OSError as error:  # this machine has no room for another process
            with contextlib.suppress(OSError):
                os.write(descriptors[1], str(error).encode())
        for descriptor in descriptors:
            os.close(descriptor)


def _passed_on(other: socket.socket | None, descriptors: list[int]) -> socket.socket:
    """Ask the mother with torch, which is forked where there is none, or none any more."""
    if other is not None:
        with contextlib.suppress(OSError):
            socket.send_fds(other, [b"T"], descriptors)
            return other
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with theirs:
        if os.fork() == 0:
            _be_mother_with_torch(theirs.detach(), descriptors[1])
    socket.send_fds(ours, [b"T"], descriptors)
    return ours


def _be_mother_with_torch(control_fd: int, errors: int) -> NoReturn:
    """Load torch, and serve; if it can't be loaded, the grader that asked first is told."""
    code = 1
    try:
        os.dup2(errors, 2)
        control = socket.socket(fileno=zygote.only_descriptor(control_fd))
        gc.disable()
        sys.dont_write_bytecode = False
        threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        os.environ.update(threads)
        import torch

        torch.set_num_threads(1)
        torch.nn.RNN(2, 2)
        for name in threads:
            del os.environ[name]
        sys.dont_write_bytecode = True
        warming.keep()
        os.dup2(0, 2)  # nothing
        _serve(control, with_torch=True)
        code = 0
    finally:
        zygote.leave(code)


def _be_zygote(descriptors: list[int], with_torch: bool) -> NoReturn:
    """Become a zygote: with a control socket of its own, and what goes wrong told to the grader that asked."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        control_fd, errors = descriptors
        os.dup2(errors, 2)
        zygote.serve(socket.socket(fileno=zygote.only_descriptor(control_fd)), with_torch=with_torch)
        code = 0
    finally:
        zygote.leave(code)
