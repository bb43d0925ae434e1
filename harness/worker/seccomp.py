"""seccomp: which system calls a process may make, without being root.

A list of what is refused, each with EPERM, so that Python raises and the hand-in is told: new programs, new
processes (threads may be), sockets, looking into or signalling other processes, leaving the process group, namespaces
and mounts, shared memory and message queues, what Landlock lets anyone do to a file (its mode, owner, times and
attributes; its length, before Linux 6.2), and the doors that sandboxes are usually left through (io_uring, bpf,
userfaultfd, perf, keys). What came after Linux 5.17 is not there at all. The filter is a classic BPF program, as
``linux/seccomp.h`` and ``linux/filter.h`` have it.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

_PR_SET_NO_NEW_PRIVS, _PR_GET_SECCOMP, _PR_SET_SECCOMP = 38, 21, 22
_MODE_FILTER = 2

_EPERM, _ENOSYS = 1, 38
#: What a filter says in the end, as ``SECCOMP_RET_…``.
_VERDICTS = {
    "allowed": 0x7FFF0000,
    "refused": 0x00050000 | _EPERM,
    "not there": 0x00050000 | _ENOSYS,
    "killed": 0x80000000,
}

# Offsets in `struct seccomp_data`: the number, the architecture, and the lower halves of the first three arguments.
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT, _THIRD_ARGUMENT = 0, 4, 16, 24, 32
_LOAD, _KEEP_BITS, _EQUAL, _AT_LEAST, _HAS_BITS, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06

#: `struct sock_filter`: what to do, jumps if true and if false, and a value, which begins at the fourth byte.
_STEP, _VALUE = struct.Struct("HBBI"), 4
#: Stands for a process's own number until that is known; no process has it.
_ITSELF = 0x7FFFFFFF

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
#: From here on numbers are those of the x32 interface, another way to the same calls.
_X32 = 0x40000000
#: The first number of which this file does not know what it is; the same on both machines.
UNKNOWN_FROM = 451

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
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "msgget": (68, 186), "msgsnd": (69, 189),
    "msgrcv": (70, 188), "msgctl": (71, 187), "semget": (64, 190), "semop": (65, 193), "semtimedop": (220, 192),
    "semctl": (66, 191), "mq_open": (240, 180), "mq_unlink": (241, 181),
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "chown": (92, None), "fchown": (93, 55),
    "lchown": (94, None), "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None), "futimesat": (261, None),
    "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16), "truncate": (76, 45),
    "landlock_create_ruleset": (444, 444), "landlock_add_rule": (445, 445), "landlock_restrict_self": (446, 446),
    "inotify_init": (253, None), "inotify_init1": (294, 26), "sync": (162, 81), "syncfs": (306, 267),
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
#: What is behind a pointer can't be seen; glibc and Python then make the older call, whose flags can.
NOT_THERE: dict[str, tuple[int | None, int | None]] = {"clone3": (435, 435), "openat2": (437, 437)}


@dataclass(frozen=True)
class Rule:
    """A system call that is allowed or refused by one of its arguments.

    Attributes
    ----------
    numbers : on x86_64 and on aarch64
    argument : where it is in `struct seccomp_data`
    tests : each a comparison, what the argument is compared with, and the verdict where it is true
    otherwise : the verdict where none is
    bits : of the argument that are compared
    """

    numbers: tuple[int | None, int | None]
    argument: int
    tests: tuple[tuple[int, int, str], ...]
    otherwise: str
    bits: int = 0xFFFFFFFF


_THREAD = ((_HAS_BITS, 0x10000, "allowed"),)
_OF_ITSELF = ((_EQUAL, _ITSELF, "allowed"),)
#: Commands that make the kernel send others a signal: F_SETOWN, F_SETSIG, F_SETOWN_EX, FIOSETOWN, SIOCSPGRP.
_SIGNALLING = tuple((_EQUAL, command, "refused") for command in (8, 10, 15))
#: And two that type into a terminal: TIOCSTI, TIOCLINUX.
_SIGNALLING_OR_TYPING = tuple((_EQUAL, command, "refused") for command in (0x8901, 0x8902, 0x5412, 0x541C))
#: O_TRUNC empties a file, for which old versions of Landlock do not ask that it be opened for writing: not if it is
#: opened for reading, nor in the access mode 3, which is for neither.
_TRUNCATE, _ACCESS_MODE = 0o1000, 0o3
_EMPTYING = ((_EQUAL, _TRUNCATE, "refused"), (_EQUAL, _TRUNCATE | _ACCESS_MODE, "refused"))

RULES = {
    "clone": Rule((56, 220), _FIRST_ARGUMENT, _THREAD, "refused"),
    "kill": Rule((62, 129), _FIRST_ARGUMENT, _OF_ITSELF, "refused"),
    "tgkill": Rule((234, 131), _FIRST_ARGUMENT, _OF_ITSELF, "refused"),
    "fcntl": Rule((72, 25), _SECOND_ARGUMENT, _SIGNALLING, "allowed"),
    "ioctl": Rule((16, 29), _SECOND_ARGUMENT, _SIGNALLING_OR_TYPING, "allowed"),
    "open": Rule((2, None), _SECOND_ARGUMENT, _EMPTYING, "allowed", _TRUNCATE | _ACCESS_MODE),
    "openat": Rule((257, 56), _THIRD_ARGUMENT, _EMPTYING, "allowed", _TRUNCATE | _ACCESS_MODE),
}


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
        text = b"".join(_STEP.pack(*step) for step in steps)
        self.program = ctypes.create_string_buffer(text, len(text))
        self.told = _Told(len(steps), ctypes.addressof(self.program))
        self._places = [i * _STEP.size + _VALUE for i, step in enumerate(steps) if step[3] == _ITSELF]

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


def _steps(machine: str) -> list[tuple[int, int, int, int]]:
    """Write the filter of some process, as `struct sock_filter` has it: find the number by halves, then its rule.

    To install a filter takes the kernel time for each of its steps, and for each that some number goes through.
    """
    column = list(_ARCHITECTURES).index(machine)
    program = _Program()
    program.load(_ARCHITECTURE)
    program.jump(_EQUAL, _ARCHITECTURES[machine], None, "killed")
    program.load(_NUMBER)
    program.search(_runs(_by_number(column), machine))
    for name, rule in RULES.items():
        program.mark(name)
        program.load(rule.argument)
        program.keep(rule.bits)
        for compare, value, verdict in rule.tests[:-1]:
            program.jump(compare, value, verdict, None)
        program.jump(*rule.tests[-1], rule.otherwise)
    for name, value in _VERDICTS.items():
        program.mark(name)
        program.steps.append((_RETURN, value, None, None))
    return program.assembled()


def _by_number(column: int) -> dict[int, str]:
    """What becomes of each number that is not simply allowed: a verdict, or the rule that it has."""
    lists: tuple[tuple[str | None, Mapping[str, tuple[int | None, int | None]]], ...] = (
        ("refused", REFUSED),
        ("not there", NOT_THERE),
        (None, {name: rule.numbers for name, rule in RULES.items()}),
    )
    return {
        number: verdict or name
        for verdict, calls in lists
        for name, numbers in calls.items()
        if (number := numbers[column]) is not None
    }


def _runs(by_number: Mapping[int, str], machine: str) -> list[tuple[int, str]]:
    """Every stretch of numbers that have the same verdict or rule: its first number, and which."""
    changes = {0: "allowed"}
    for number in sorted(by_number):
        changes |= {number: by_number[number], number + 1: by_number.get(number + 1, "allowed")}
    changes[UNKNOWN_FROM] = "not there"
    if machine == "x86_64":
        changes[_X32] = "refused"
    runs: list[tuple[int, str]] = []
    for first, verdict in sorted(changes.items()):
        if not runs or runs[-1][1] != verdict:
            runs.append((first, verdict))
    return runs


class _Program:
    """Steps that jump to each other by name or by place, each forwards; None is the next step."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int, int | str | None, int | str | None]] = []
        self._places: dict[str, int] = {}

    def mark(self, name: str) -> None:
        """Give the next step a name."""
        self._places[name] = len(self.steps)

    def load(self, offset: int) -> None:
        """Have a word of `struct seccomp_data` compared from here on."""
        self.steps.append((_LOAD, offset, None, None))

    def keep(self, bits: int) -> None:
        """Compare some of its bits alone."""
        if bits != 0xFFFFFFFF:
            self.steps.append((_KEEP_BITS, bits, None, None))

    def jump(self, compare: int, value: int, if_true: int | str | None, if_false: int | str | None) -> None:
        """Compare, and go on elsewhere."""
        self.steps.append((compare, value, if_true, if_false))

    def search(self, runs: list[tuple[int, str]]) -> int | str:
        """Go to where the number's run leads; say from where, or the name if that is known without looking."""
        if len(runs) == 1:
            return runs[0][1]
        half, place = len(runs) // 2, len(self.steps)
        self.jump(_AT_LEAST, runs[half][0], None, None)  # to what is known only after the other half
        below, above = self.search(runs[:half]), self.search(runs[half:])
        self.steps[place] = (_AT_LEAST, runs[half][0], above, below)
        return place

    def assembled(self) -> list[tuple[int, int, int, int]]:
        """The steps with jumps as the kernel counts them: how many steps are left out."""

        def distance(place: int, target: int | str | None) -> int:
            to = self._places[target] if isinstance(target, str) else target
            return 0 if to is None else to - place - 1

        return [
            (code, distance(place, if_true), distance(place, if_false), value)
            for place, (code, value, if_true, if_false) in enumerate(self.steps)
        ]


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
