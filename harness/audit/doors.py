"""The doors out of the sandbox, each tried from inside: what holds on this machine, and what does not.

A door is a few lines that a hand-in could have; it says by an exception whether it came through. `audit --sandbox`
tries them on the machine that will grade; the tests try them, and without confinement too, to be sure that they are
doors.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.conversation import Conversation, Zygotes
from harness.model import Assignment, Call, Submission

_PROJECT = Path(__file__).resolve().parents[2]

#: The hand-in tries a door while it is called, and says in its exception whether it came through.
PROBE = """
import os, sys, signal, socket, subprocess, ctypes, threading, numpy as np
def attempt():
{attempt}
def rnn_cell(x=0, h=0, Wx=0, Wh=0, b=0):
    try:
        attempt()
    except BaseException as error:
        raise ValueError(f"REFUSED {{type(error).__name__}} {{error}}") from None
    raise ValueError("REACHED")
def rnn_layer(*a):
    return rnn_cell(*a)
"""
SYSCALL = (
    "    libc = ctypes.CDLL(None, use_errno=True)\n"
    "    if libc.syscall({}) < 0: raise OSError(ctypes.get_errno(), 'syscall')"
)

DOORS = {
    "reads-passwords": "    open('/etc/passwd').read()",
    "reads-the-reference": f"    open({str(_PROJECT / 'reference' / 'rnn.py')!r}).read()",
    "reads-the-checks": f"    open({str(_PROJECT / 'harness' / 'cases.py')!r}).read()",
    "reads-another-hand-in": f"    open({str(Path(__file__))!r}).read()",
    "lists-home": "    os.listdir(os.path.expanduser('~root'))",
    "lists-the-project": f"    os.listdir({str(_PROJECT)!r})",
    "lists-temporary-files": "    os.listdir('/tmp')",
    "reads-the-graders-memory-map": "    open(f'/proc/{os.getppid()}/maps').read()",
    "reads-the-graders-command": "    open(f'/proc/{os.getppid()}/cmdline').read()",
    "imports-the-reference-by-path": f"    sys.path.insert(0, {str(_PROJECT)!r}); sys.meta_path.pop(0); import reference.rnn",  # noqa: E501
    "writes-in-tmp": "    open('/tmp/left-behind-by-a-hand-in', 'w').close()",
    "writes-in-shared-memory": "    open('/dev/shm/left-behind-by-a-hand-in', 'w').close()",
    "links-out-of-its-folder": "    os.symlink('/etc/passwd', 'x'); open('x').read()",
    "opens-a-socket": "    socket.socket()",
    "opens-a-unix-socket": "    socket.socket(socket.AF_UNIX)",
    "connects": "    socket.create_connection(('127.0.0.1', 9), timeout=1)",
    "runs-a-program": "    subprocess.run(['/bin/true'], check=True)",
    "runs-a-program-by-exec": "    os.execv('/bin/true', ['true'])",
    "runs-a-shell": "    if os.system('true') != 0: raise OSError('no shell')",
    "forks": "    if os.fork() == 0: os._exit(0)",
    "leaves-its-group": "    os.setpgid(0, 0) if os.getpid() != os.getsid(0) else os.setsid()",
    "signals-the-zygote": "    os.kill(os.getppid(), 0)",
    "signals-everyone": "    os.kill(-1, 0)",
    "memory-file": "    os.memfd_create('x')",
    "traces": SYSCALL.format("101, 0, 0, 0, 0" if os.uname().machine == "x86_64" else "117, 0, 0, 0, 0"),
    "io-uring": SYSCALL.format("425, 1, ctypes.create_string_buffer(120)"),
    "shared-memory-segment": SYSCALL.format("29, 0, 4096, 0o1600" if os.uname().machine == "x86_64" else "194, 0, 4096, 0o1600"),  # noqa: E501
    "a-namespace-of-its-own": SYSCALL.format("272, 0x10000000" if os.uname().machine == "x86_64" else "97, 0x10000000"),
    "raises-its-limits": "    import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))",
}  # fmt: skip
#: Doors that are shut or lead nowhere even without confinement, for reasons of their own on some machines.
NOT_TRIED_OPEN = {
    "lists-home", "leaves-its-group", "links-out-of-its-folder", "connects", "traces", "io-uring",
    "a-namespace-of-its-own", "runs-a-program-by-exec", "signals-everyone", "shared-memory-segment",
    "imports-the-reference-by-path",
}  # fmt: skip
_LEFT_BEHIND = (Path("/tmp/left-behind-by-a-hand-in"), Path("/dev/shm/left-behind-by-a-hand-in"))


@dataclass(frozen=True)
class Tried:
    """One door, and what the hand-in said of it."""

    name: str
    is_open: bool
    said: str


def try_doors(assignment: Assignment, layers: tuple[str, ...]) -> Iterator[Tried]:
    """Try every door from inside a child of a level of confinement; what comes through is cleaned up."""
    zygotes = Zygotes(layers)
    try:
        for name, attempt in DOORS.items():
            submission = Submission(name, f"{name}.py", PROBE.format(attempt=attempt).encode())
            with Conversation(submission, assignment, zygotes) as conversation:
                conversation.load()
                said = str(conversation.ask([Call("door", "cell", (), 1)])["door"].message)
            for path in _LEFT_BEHIND:
                path.unlink(missing_ok=True)
            yield Tried(name, "REFUSED" not in said, said)
    finally:
        zygotes.close()
