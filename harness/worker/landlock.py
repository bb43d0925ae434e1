"""Landlock: which files a process may see, without being root (Linux 5.13 and newer).

A child may read the interpreter, its libraries and a few devices, and write in its private folder. It can't read this
project's source, other hand-ins, home, or /proc; and, where the kernel knows how, it can't open a TCP connection or
send a signal to a process outside. Numbers and layouts are from the kernel's ``include/uapi/linux/landlock.h``; the
system calls have the same numbers on x86_64 and aarch64.
"""

import contextlib
import ctypes
import fcntl
import os
import struct
import sys
import sysconfig
from functools import cache
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
#: How many rights over files each version of the interface has; a version that is newer has at least the last.
_RIGHTS_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NET_BIND_AND_CONNECT = 0b11
_SCOPE_SOCKETS_AND_SIGNALS = 0b11

_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_LIBRARIES = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/opt/nvidia")


#: `struct landlock_ruleset_attr`: rights over files and over the network, and what is scoped.
_RULESET = struct.Struct("=QQQ")
#: `struct landlock_path_beneath_attr`: rights, and a descriptor of the path.
_PATH_BENEATH = struct.Struct("=Qi")


@cache
def version() -> int:
    """Ask the kernel for its version of the interface; 0 where there is none."""
    if sys.platform != "linux" or os.uname().machine not in ("x86_64", "aarch64"):
        return 0
    return max(0, _syscall(_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION))


def prepare(hidden: tuple[Path, ...], kept_from: int) -> None:
    """Look up, once in a zygote, what all its children may read; it stays open for them.

    Parameters
    ----------
    hidden : folders that must not be readable, though they may lie within one that is
    kept_from : the lowest number that a descriptor which stays open may have
    """
    wanted = [(path, _EXECUTE | _READ_FILE | _READ_DIR) for path in readable(hidden)]
    wanted += [(Path(device), _READ_FILE | _WRITE_FILE) for device in _DEVICES]
    _SHARED_RULES.clear()
    for path, rights in wanted:
        with contextlib.suppress(OSError):  # what is not there needs no rule
            # All but these are refused for a file.
            rights = rights if path.is_dir() else rights & (_EXECUTE | _READ_FILE | _WRITE_FILE)
            low = os.open(path, os.O_PATH | os.O_CLOEXEC)
            _SHARED_RULES.append(_PATH_BENEATH.pack(rights, fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, kept_from)))
            os.close(low)
    _ = _every_right(), _ruleset(), _libc().prctl  # found once, and not by each child


#: What `prepare` made, and the ruleset that `provide` made of it for the next child: its descriptor.
_SHARED_RULES: list[bytes] = []
_PROVIDED: list[int] = []


def provide(folder: str, kept_from: int) -> None:
    """Make, in a zygote, the ruleset that the next children restrict themselves to.

    Parameters
    ----------
    folder : may be read and written besides what was prepared
    kept_from : the lowest number that a descriptor which stays open may have

    Raises
    ------
    OSError
        When the kernel refuses a step; then nothing may run there.
    """
    while _PROVIDED:
        os.close(_PROVIDED.pop())
    ruleset = _ruleset()
    handle = _checked(_syscall(_CREATE_RULESET, ruleset, len(ruleset), 0))
    own = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    try:
        for rule in (*_SHARED_RULES, _PATH_BENEATH.pack(_every_right() & ~_EXECUTE, own)):
            _checked(_syscall(_ADD_RULE, handle, _RULE_PATH_BENEATH, rule, 0))
        _PROVIDED.append(fcntl.fcntl(handle, fcntl.F_DUPFD_CLOEXEC, kept_from))
    finally:
        os.close(own)
        os.close(handle)


def restrict() -> None:
    """Restrict this process, for good, to what was provided.

    Raises
    ------
    OSError
        When the kernel refuses a step; then nothing may run here.
    """
    _checked(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _checked(_syscall(_RESTRICT_SELF, _PROVIDED[0], 0))


@cache
def _ruleset() -> bytes:
    """Say that everything is restricted, in the structure that this kernel knows: it has grown with the versions."""
    size = 8 if version() < 4 else 16 if version() < 6 else 24
    return _RULESET.pack(_every_right(), _NET_BIND_AND_CONNECT, _SCOPE_SOCKETS_AND_SIGNALS)[:size]


@cache
def _every_right() -> int:
    known = _RIGHTS_BY_VERSION[min(version(), max(_RIGHTS_BY_VERSION))]
    return (1 << known) - 1


def readable(hidden: tuple[Path, ...]) -> tuple[Path, ...]:
    """List what may be read.

    Parameters
    ----------
    hidden : folders to leave out, though they may lie within one that is listed
    """
    return tuple(_without([*_roots(), *map(Path, _LIBRARIES)], list(hidden)))


def _roots() -> list[Path]:
    """Where the interpreter and installed packages are."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    roots = {Path(sysconfig.get_path(name)).resolve() for name in names}
    return sorted(roots | {Path(os.path.realpath(sys.base_prefix)) / "lib"})


def _without(roots: list[Path], hidden: list[Path]) -> list[Path]:
    """Replace a root that holds a hidden folder by its other children, level by level."""
    result: list[Path] = []
    pending = list(roots)
    while pending:
        root = pending.pop()
        if any(root == one or one in root.parents for one in hidden):
            continue
        if any(root in one.parents for one in hidden):
            pending += list(root.iterdir())
        else:
            result.append(root)
    return result


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _syscall(number: int, *arguments: object) -> int:
    return int(_libc().syscall(ctypes.c_long(number), *arguments))


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return result
