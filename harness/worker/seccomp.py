"""seccomp: which system calls a process may make, without being root.

A list of what is refused, each with EPERM, so that Python raises and the hand-in is told: new programs, new
processes (threads may be), sockets, looking into or signalling other processes, leaving the process group, namespaces
and mounts, shared memory and message queues, and the doors that sandboxes are usually left through (io_uring, bpf,
userfaultfd, perf, keys). The filter is a classic BPF program, as ``linux/seccomp.h`` and ``linux/filter.h`` have it.
"""

import ctypes
import os
import struct
import sys
from functools import cache

_PR_SET_NO_NEW_PRIVS, _PR_GET_SECCOMP, _PR_SET_SECCOMP = 38, 21, 22
_MODE_FILTER = 2

_KILL_PROCESS, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_EPERM, _ENOSYS = 1, 38
_CLONE_THREAD = 0x10000

# Offsets in `struct seccomp_data`: the number, the architecture, and the lower halves of the first two arguments.
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24
_LOAD, _EQUAL, _AT_LEAST, _HAS_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06

#: `struct sock_filter`: what to do, jumps if true and if false, and a value, which begins at the fourth byte.
_STEP, _VALUE = struct.Struct("HBBI"), 4
#: Stands for a process's own number until that is known; no process has it.
_IS_ITSELF = _STEP.pack(_EQUAL, 1, 0, 0x7FFFFFFF)

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
#: Numbers above this are the x32 interface, another way to the same calls.
_X32 = 0x40000000

#: name → number on x86_64, on aarch64 (None where it does not exist)
REFUSED: dict[str, tuple[int | None, int | None]] = {
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, None), "vfork": (58, None),
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "kcmp": (312, 272), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424), "tkill": (200, 130), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "setsid": (112, 157), "setpgid": (109, 154),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "shmget": (29, 194), "shmat": (30, 196), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "userfaultfd": (323, 282), "bpf": (321, 280),
    "perf_event_open": (298, 241), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "quotactl": (179, 60),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171), "sethostname": (170, 161),
    "setdomainname": (171, 162), "ioperm": (173, None), "iopl": (172, None), "personality": (135, 92),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "fanotify_init": (300, 262),
    "lookup_dcookie": (212, 18), "mknod": (133, None), "mknodat": (259, 33), "sched_setaffinity": (203, 122),
    "prlimit64": (302, 261), "setrlimit": (160, 164), "setpriority": (141, 140), "ioprio_set": (251, 30),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "kexec_file_load": (320, 294), "quotactl_fd": (443, 443), "clock_adjtime": (305, 266), "vhangup": (153, 58),
    "syslog": (103, 116), "uselib": (134, None), "modify_ldt": (154, None), "sysfs": (139, None),
    "process_mrelease": (448, 448), "move_pages": (279, 239), "migrate_pages": (256, 238), "mbind": (237, 235),
    "set_mempolicy": (238, 237), "set_mempolicy_home_node": (450, 450), "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274), "sched_setparam": (142, 118), "io_setup": (206, 0),
}  # fmt: skip
_CLONE, _CLONE3 = (56, 220), (435, 435)
#: Signals are for oneself alone: the first argument must be this process.
_TO_ITSELF = {"kill": (62, 129), "tgkill": (234, 131)}
#: Commands, in the second argument, that make the kernel send others a signal (F_SETOWN, F_SETSIG, F_SETOWN_EX,
#: FIOSETOWN, SIOCSPGRP), or type into a terminal (TIOCSTI, TIOCLINUX).
_WITHOUT = {"fcntl": ((72, 25), (8, 10, 15)), "ioctl": ((16, 29), (0x8901, 0x8902, 0x5412, 0x541C))}


class _Told(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("count", ctypes.c_ushort), ("steps", ctypes.c_void_p))


class Filter:
    """The filter of processes on a machine; it is written once, and each process puts its own number into it.

    Parameters
    ----------
    machine : as `os.uname` has it

    Attributes
    ----------
    program : its steps
    """

    def __init__(self, machine: str) -> None:
        steps = _steps(machine)
        text = b"".join(steps)
        self.program = ctypes.create_string_buffer(text, len(text))
        self.told = _Told(len(steps), ctypes.addressof(self.program))
        self._places = [i * _STEP.size + _VALUE for i, step in enumerate(steps) if step == _IS_ITSELF]

    def make_own(self, pid: int) -> None:
        """Put a process's number into it."""
        for place in self._places:
            struct.pack_into("I", self.program, place, pid)


def number(name: str) -> int | None:
    """The number that a refused system call has on this machine; None where it does not exist, or is not known."""
    machine = os.uname().machine
    return REFUSED[name][list(_ARCHITECTURES).index(machine)] if machine in _ARCHITECTURES else None


def available() -> bool:
    """Tell whether the kernel filters system calls, and whether their numbers are known here."""
    if sys.platform != "linux" or os.uname().machine not in _ARCHITECTURES:
        return False
    return int(_libc().prctl(_PR_GET_SECCOMP, 0, 0, 0, 0)) >= 0


def prepare() -> None:
    """Write, once in a zygote, the filter of all its children."""
    _filter()


def restrict() -> None:
    """Filter this process's system calls, for good.

    Raises
    ------
    OSError
        When the kernel refuses; then nothing may run here.
    """
    filter = _filter()
    filter.make_own(os.getpid())
    told = ctypes.byref(filter.told)
    for arguments in ((_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (_PR_SET_SECCOMP, _MODE_FILTER, told, 0, 0)):
        if _libc().prctl(*arguments) != 0:
            raise OSError(ctypes.get_errno(), f"seccomp: {os.strerror(ctypes.get_errno())}")


@cache
def _filter() -> Filter:
    return Filter(os.uname().machine)


def _steps(machine: str) -> list[bytes]:
    """Write the filter of some process: each rule is a jump over its own verdict."""
    column = list(_ARCHITECTURES).index(machine)
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, _ARCHITECTURES[machine], if_true=1),
        _step(_RETURN, _KILL_PROCESS),
        _step(_LOAD, _NUMBER),
    ]
    if machine == "x86_64":
        steps += [_step(_AT_LEAST, _X32, if_false=1), _step(_RETURN, _ERRNO | _EPERM)]
    for numbers in REFUSED.values():
        number = numbers[column]
        if number is not None:
            steps += [_step(_EQUAL, number, if_false=1), _step(_RETURN, _ERRNO | _EPERM)]
    # glibc falls back to clone, whose flags can be seen; those of clone3 are behind a pointer.
    steps += [_step(_EQUAL, _CLONE3[column], if_false=1), _step(_RETURN, _ERRNO | _ENOSYS)]
    steps += _by_first_argument(_CLONE[column], _step(_HAS_BITS, _CLONE_THREAD, if_true=1))
    for numbers, commands in _WITHOUT.values():
        steps += _unless_second_argument(numbers[column], commands)
    for numbers in _TO_ITSELF.values():
        steps += _by_first_argument(numbers[column], _IS_ITSELF)
    return [*steps, _step(_RETURN, _ALLOW)]


def _by_first_argument(number: int, passes: bytes) -> list[bytes]:
    """Refuse a call unless a test of its first argument passes (and jumps over the refusal)."""
    return [
        _step(_EQUAL, number, if_false=4),
        _step(_LOAD, _FIRST_ARGUMENT),
        passes,
        _step(_RETURN, _ERRNO | _EPERM),
        _step(_RETURN, _ALLOW),
    ]


def _unless_second_argument(number: int, commands: tuple[int, ...]) -> list[bytes]:
    """Refuse a call with one of some commands."""
    tests = [_step(_EQUAL, one, if_true=len(commands) - i) for i, one in enumerate(commands)]
    return [
        _step(_EQUAL, number, if_false=len(commands) + 3),
        _step(_LOAD, _SECOND_ARGUMENT),
        *tests,
        _step(_RETURN, _ALLOW),
        _step(_RETURN, _ERRNO | _EPERM),
    ]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return _STEP.pack(code, if_true, if_false, value)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
