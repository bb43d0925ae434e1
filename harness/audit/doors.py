"""The doors out of the sandbox, each tried from inside: what holds on this machine, and what does not.

A door is a few lines that a hand-in could have; it says by an exception whether it came through. `audit --sandbox`
tries them on the machine that will grade; the tests try them, and without confinement too, to be sure that they are
doors.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.conversation import Conversation, Zygotes
from harness.model import Assignment, Call, Submission
from harness.worker import seccomp

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


def _call(name: str, arguments: str) -> str:
    """Make a system call by its number, as ctypes lets anyone do; what it gave is `result`."""
    return (
        "    libc = ctypes.CDLL(None, use_errno=True)\n"
        f"    result = libc.syscall({seccomp.number(name)}, {arguments})\n"
        f"    if result < 0: raise OSError(ctypes.get_errno(), {name!r})"
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
    # As they are already, so that nothing is harmed where these succeed.
    "changes-who-may-read": "    os.chmod('..', os.stat('..').st_mode & 0o7777)",
    "changes-who-may-read-by-a-descriptor": (
        "    with open(os.__file__) as f: os.fchmod(f.fileno(), os.fstat(f.fileno()).st_mode & 0o7777)"
    ),
    "changes-whose-it-is": "    os.chown('..', os.getuid(), os.getgid())",
    "changes-when-it-was-written": "    os.utime('..')",
    "writes-beside-a-file": "    os.setxattr('..', 'user.left-behind', b'')",
    "cuts-a-file-off": f"    path = {str(Path(__file__))!r}; os.truncate(path, os.stat(path).st_size)",
    "uses-the-powers-of-root": "    os.setgroups(os.getgroups())",
    "watches-files": _call("inotify_init1", "0") + "\n    os.close(result)",
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
    "signals-by-a-descriptor": "    import fcntl; fcntl.fcntl(3, fcntl.F_SETOWN, os.getppid())",
    "chooses-that-signal": "    import fcntl; fcntl.fcntl(3, 10, signal.SIGKILL)",
    "signals-by-a-device": "    import fcntl; fcntl.ioctl(3, 0x8901, os.getppid().to_bytes(4, 'little'))",
    "runs-before-all-others": "    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))",
    "signals-everyone": "    os.kill(-1, 0)",
    "memory-file": "    os.close(os.memfd_create('x'))",  # a hand-in is called often, and may have few files open
    "runs-a-program-in-memory": (
        "    f = os.memfd_create('x'); os.write(f, open('/bin/true', 'rb').read()); os.execve(f, ['x'], {})"
    ),
    "traces": _call("ptrace", "0, 0, 0, 0"),
    "reads-another-process": (
        "    import struct; there = ctypes.create_string_buffer(16)\n"
        "    here = struct.pack('PN', ctypes.addressof(there), 16); far = struct.pack('PN', id(os), 16)\n"
        + _call("process_vm_readv", "os.getppid(), here, 1, far, 1, 0")
    ),
    "opens-a-process": _call("pidfd_open", "os.getppid(), 0") + "\n    os.close(result)",
    "signals-a-thread": _call("tkill", "os.getppid(), 0"),
    "io-uring": _call("io_uring_setup", "1, ctypes.create_string_buffer(120)"),
    "page-faults": _call("userfaultfd", "1"),
    "performance-counters": _call("perf_event_open", "ctypes.create_string_buffer(128), 0, -1, -1, 0"),
    "bpf": _call("bpf", "0, ctypes.create_string_buffer(128), 128"),
    "keys": _call("keyctl", "0, -3, 0"),
    "shared-memory-segment": _call("shmget", "0, 4096, 0o1600"),
    "message-queue": _call("msgget", "0, 0o1600"),
    "reads-a-message-queue": _call("msgrcv", "0x7FFFFFFF, ctypes.create_string_buffer(8), 0, 0, 0o4000"),
    "removes-a-shared-memory-segment": _call("shmctl", "0x7FFFFFFF, 0, 0"),
    "semaphores": _call("semget", "0, 1, 0o1600"),
    "posix-message-queue": _call("mq_open", "b'left-behind-by-a-hand-in', 0o102, 0o600, 0"),
    "a-namespace-of-its-own": _call("unshare", "0x10000000"),
    "enters-a-namespace": _call("setns", "3, 0"),
    "mounts": (  # and takes it back where that succeeds, else it would stay
        _call("mount", "b'x', os.fsencode(os.getcwd()), b'tmpfs', 0, 0")
        + "\n    libc.umount2(os.fsencode(os.getcwd()), 2)"
    ),
    "changes-its-root": _call("chroot", "b'.'"),
    "opens-by-handle": _call("open_by_handle_at", "-100, ctypes.create_string_buffer(16), 0"),
    "makes-a-device": "    os.mknod('memory', 0o020600, os.makedev(1, 1)); open('memory', 'rb').read(1)",
    "sets-the-clock": "    import time; time.clock_settime(time.CLOCK_REALTIME, time.time())",
    "sends-a-datagram": "    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
    "asks-the-kernel-for-news": "    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
    "talks-to-docker": (
        "    os.stat('/var/run/docker.sock'); socket.socket(socket.AF_UNIX).connect('/var/run/docker.sock')"
    ),
    "lists-processes": "    os.listdir('/proc')",
    "reads-connections": "    open('/proc/net/tcp').read()",
    "fills-its-folder": (
        "    import time\n"
        "    for i in range(5): open(str(i), 'wb').write(b'x' * (4 << 20))\n"
        "    time.sleep(1)"
    ),
    "raises-its-limits": "    import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))",
}  # fmt: skip
#: Doors that are shut or lead nowhere even without confinement, for reasons of their own on some machines.
NOT_TRIED_OPEN = {
    "reads-the-graders-memory-map", "changes-who-may-read-by-a-descriptor", "writes-beside-a-file", "cuts-a-file-off",
    "reads-a-message-queue", "removes-a-shared-memory-segment", "uses-the-powers-of-root", "lists-home",
    "leaves-its-group", "links-out-of-its-folder", "connects", "runs-a-program-by-exec", "runs-a-program-in-memory",
    "signals-everyone", "imports-the-reference-by-path", "traces", "reads-another-process", "io-uring", "page-faults",
    "performance-counters", "bpf", "keys", "shared-memory-segment", "message-queue", "semaphores",
    "posix-message-queue", "a-namespace-of-its-own", "enters-a-namespace", "mounts", "changes-its-root",
    "opens-by-handle", "makes-a-device", "sets-the-clock", "sends-a-datagram", "asks-the-kernel-for-news",
    "talks-to-docker", "fills-its-folder",
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
            yield Tried(name, "REFUSED" not in said and "it filled its folder" not in said, said)
    finally:
        zygotes.close()
