"""A process that forks a child for each hand-in, itself forked from the `harness.worker.mother` of a run.

It talks to one grader over one socket:

    grader → zygote   B, a byte that says whether to enter namespaces, and where to make its folder, before all else;
                      answered by R, its process id, how long the folder's path is, and this
    grader → zygote   F, how to confine a child, and as a descriptor its end of a new wire; answered by its process id
    grader → zygote   N, a process id, and then as F: end that child and whatever is left of it, and fork the next one;
                      answered by how the first ended, as `os.wait` has it, or `STILL_ALIVE` if it had to be killed,
                      and by the process id of the second
    grader → zygote   W and a process id: wait a moment for its own end, and say how it ended
    grader → zygote   T, how many bytes, and these: what is asked of hand-ins, for children to know; answered by a byte
"""

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import struct
import sys
import tempfile
import time
import traceback
from typing import Any, NoReturn

from harness.wire import STILL_ALIVE, Channel, WireError, unpack
from harness.worker import child, confinement, namespaces, warming
from harness.worker.asked import Asked

_PR_SET_CHILD_SUBREAPER = 36
#: From the hang-up of a process to its end there is a moment, in which it is still there.
_OWN_END_SECONDS = 0.2


def serve(control: socket.socket, *, with_torch: bool) -> None:
    """Serve forks until the grader hangs up.

    Parameters
    ----------
    control : the zygote's end of the control socket
    with_torch : whether it is loaded
    """
    message = control.recv(4096)
    if not message:
        return  # the grader has no use for it any more
    with_namespaces = message[1]
    # Here and not in the grader, which may be killed before it can say what is to be removed then.
    folder = tempfile.mkdtemp(prefix="hand-in-", dir=os.fsdecode(message[2:]))
    provided = confinement.Provided()
    try:
        os.chdir(folder)
        if with_namespaces:
            namespaces.enter()
        if sys.platform == "linux":
            # What a child leaves behind becomes ours, and is ended with it.
            ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        with contextlib.suppress(ConnectionError):  # the grader may have been killed before it was answered
            path = os.fsencode(folder)
            control.sendall(struct.pack("<cIH", b"R", os.getpid(), len(path)) + path)
            _serve(control, provided, with_torch)
    finally:
        _leave_nothing(folder, provided)


def only_descriptor(descriptor: int) -> int:
    """Move what a forked process talks over to descriptor 3, and close all above it but what confines children."""
    if descriptor != 3:
        os.dup2(descriptor, 3)
        os.close(descriptor)  # its number may be above them
    os.closerange(4, confinement.KEPT_FROM)
    return 3


def leave(code: int) -> NoReturn:
    """Tell of what went wrong, if anything did, and end, without the clean-up of what this was forked from."""
    if error := sys.exc_info()[1]:
        with contextlib.suppress(OSError):
            os.write(2, "".join(traceback.format_exception(error)).encode())
    os._exit(code)


def _serve(control: socket.socket, provided: confinement.Provided, with_torch: bool) -> None:
    """Do as the grader says, until it hangs up."""
    told: Asked | None = None
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 4096, 1)
        if not message:
            return
        kind, number, rest = message[:1], int.from_bytes(message[1:5], "little"), message[5:]
        if kind == b"T":
            told = _hear(control, number, rest, with_torch)
            continue
        if kind != b"F":
            status = _end_all_children(number, _OWN_END_SECONDS if kind == b"W" else 0.0)
            control.sendall(status.to_bytes(4, "little", signed=True))
        if kind != b"W":
            wanted = unpack(rest)
            try:
                provided.provide(wanted["folder"], wanted["layers"])
            except OSError as error:
                wanted["refused"] = str(error)
            _fork(control, descriptors[0], wanted, told, with_torch)


def _hear(control: socket.socket, length: int, begun: bytes, with_torch: bool) -> Asked | None:
    """Hear what is asked of hand-ins; None where the grader hung up over it."""
    data = bytearray(begun)
    while len(data) < length:
        if not (part := control.recv(length - len(data))):
            return None
        data += part
    told = make_ready(bytes(data), has_torch=with_torch)
    control.sendall(b"T")
    return told


def make_ready(packed: bytes, *, has_torch: bool) -> Asked:
    """Make ready for hand-ins that are asked this."""
    told = Asked.of(unpack(packed))
    child.tell(told, has_torch=has_torch)
    warming.keep()
    return told


def _fork(control: socket.socket, wire_fd: int, wanted: dict[str, Any], told: Asked | None, with_torch: bool) -> None:
    # Here and not in the child, where it would be fifty pages to copy: mostly it is the same folder again.
    if os.environ.get("HOME") != wanted["folder"]:
        os.environ["HOME"] = os.environ["TMPDIR"] = wanted["folder"]
    pid = os.fork()
    if pid == 0:
        _be_child(control, wire_fd, wanted, told, with_torch)
    os.close(wire_fd)
    control.sendall(pid.to_bytes(4, "little"))


def _be_child(
    control: socket.socket, wire_fd: int, wanted: dict[str, Any], told: Asked | None, with_torch: bool
) -> NoReturn:
    """Become the child: a session of its own, a private folder, no descriptor but the wire."""
    code, folder = 1, wanted["folder"]
    try:
        os.setsid()
        control.close()
        os.chdir(folder)
        os.dup2(0, 2)  # nothing, as the other two; what a zygote writes there goes to the grader
        wire_fd = only_descriptor(wire_fd)
        channel = Channel(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, wire_fd))
        try:
            if why := wanted.get("refused"):
                raise OSError(why)
            confinement.confine(wanted)
        except OSError as error:
            channel.send({"refused": str(error)})
            os._exit(code)
        channel.send({"confined": True})
        child.serve(channel, told, has_torch=with_torch)
        code = 0
    except WireError:
        code = 0
    finally:
        os._exit(code)  # without the clean-up of the zygote that this was forked from


def _end_all_children(pid: int, patience: float) -> int:
    """Kill the child's group and every stray that it left, until none is there; say how the child ended by itself."""
    status = _own_end(pid, patience)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    if status == STILL_ALIVE:  # else the number may be another's by now
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)  # it takes a millisecond, mostly to give its memory back
    _end_strays()
    return status


def _end_strays() -> None:
    """Kill whatever is a child of this process, or becomes one, until none is there."""
    for _ in range(1000):
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        for stray in _children():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(stray, signal.SIGKILL)
        time.sleep(0.0005)


def _leave_nothing(folder: str, provided: confinement.Provided) -> None:
    """End what runs and remove the folder: a grader that was killed has no time to."""
    _end_strays()
    provided.take_away()
    with contextlib.suppress(OSError, RecursionError):
        shutil.rmtree(folder, ignore_errors=True)


def _own_end(pid: int, patience: float) -> int:
    deadline = time.monotonic() + patience
    while True:
        with contextlib.suppress(ChildProcessError):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return status
        if time.monotonic() >= deadline:
            return STILL_ALIVE
        time.sleep(0.001)


def _children() -> list[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []
