"""Namespaces: a network, a mount table and IPC of one's own, without being root, where the kernel grants them.

A zygote enters a user namespace once, with IPC and mounts of its own and a network that reaches nothing, not even this
machine's own loopback. The private folder of its children, of whom there is one at a time, is a file system in memory,
a few MiB large: the quota. (IPC they share, one after the other; seccomp refuses it.) Each gives up the powers that the
user namespace gave it. Docker and some distributions refuse all this; so it is tried out beforehand, as a whole, in a
process that ends. Flags are from ``linux/sched.h`` and ``linux/mount.h``, the structures of ``capset`` from
``linux/capability.h``.

This file is run by its path, too, for that trial: it imports the standard library alone.
"""

import contextlib
import ctypes
import os
import struct
import subprocess
import sys
import sysconfig
import tempfile
from functools import cache

#: What a hand-in may write in all, into at most so many files and folders.
FOLDER_BYTES = 16 << 20
_FOLDER_FILES = 1024

_NEW_MOUNTS, _NEW_IPC, _NEW_USER, _NEW_NETWORK = 0x00020000, 0x08000000, 0x10000000, 0x40000000
_NO_SUID, _NO_DEVICES, _NO_EXEC, _RECURSIVE, _PRIVATE = 2, 4, 8, 0x4000, 0x40000
_DETACH = 2
#: A version of the interface, oneself, and no capability: effective, permitted and inheritable, in two halves.
_CAPABILITIES, _NONE = struct.pack("Ii", 0x20080522, 0), bytes(24)
_QUOTA = f"size={FOLDER_BYTES},nr_inodes={_FOLDER_FILES},mode=700".encode()
_TRIAL_SECONDS = 20.0


@cache
def available() -> bool:
    """Tell whether the kernel grants them here, by doing all of it in a process that ends."""
    if sys.platform != "linux":
        return False
    # In a user namespace root is root over its own files alone: the interpreter must still be readable there.
    folders = (os.path.dirname(__file__), *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")))
    needed = [folder for folder in folders if os.path.isdir(folder)]
    with tempfile.TemporaryDirectory(prefix="hand-in-") as folder:
        command = [sys.executable, "-I", "-S", "-B", __file__, folder, *needed]
        try:
            return subprocess.run(command, capture_output=True, timeout=_TRIAL_SECONDS, check=False).returncode == 0
        except (OSError, subprocess.TimeoutExpired):
            return False


def enter() -> None:
    """Move this process, which must have a single thread, into a user namespace with an empty network.

    Raises
    ------
    OSError
        When the kernel refuses.
    """
    user, group = os.getuid(), os.getgid()
    _checked(_libc().unshare(_NEW_USER | _NEW_NETWORK | _NEW_MOUNTS | _NEW_IPC))
    for name, line in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)
    # Else what a child mounts would be mounted for all.
    _checked(_libc().mount(b"none", b"/", None, _RECURSIVE | _PRIVATE, None))
    _ = _libc().capset  # looked up once, and not by each child


class Scratch:
    """The file system in memory that is a child's private folder, made anew where the last child left a trace in it."""

    def __init__(self) -> None:
        self._folder = ""
        self._as_made: tuple[int, ...] = ()

    def provide(self, folder: str) -> bool:
        """Mount it on a folder, in a zygote that has no child; tell whether it is another one than before.

        Raises
        ------
        OSError
            When the kernel refuses; then nothing may run there.
        """
        # The list, too: some kernels' clocks for files stand still for milliseconds.
        if folder == self._folder and self._as_made == _trace(folder) and not os.listdir(folder):
            return False
        self.take_away()
        _checked(_libc().mount(b"hand-in", folder.encode(), b"tmpfs", _NO_SUID | _NO_DEVICES | _NO_EXEC, _QUOTA))
        self._folder, self._as_made = folder, _trace(folder)
        return True

    def take_away(self) -> None:
        """Unmount it, if it is there; with all that is in it.

        Raises
        ------
        OSError
            When the kernel refuses.
        """
        folder, self._folder = self._folder, ""
        if folder:
            with contextlib.suppress(FileNotFoundError):  # somebody removed the folder, and with it what was mounted
                _checked(_libc().umount2(folder.encode(), _DETACH))


def _trace(folder: str) -> tuple[int, ...]:
    """What changes when anything is made or removed in a folder, or its mode is changed."""
    seen = os.stat(folder)
    return seen.st_dev, seen.st_ino, seen.st_mode, seen.st_nlink, seen.st_mtime_ns, seen.st_ctime_ns


def give_up_powers() -> None:
    """Have no capability: neither those in a namespace, nor those that root has outside.

    Raises
    ------
    OSError
        When the kernel refuses; then nothing may run here.
    """
    _checked(_libc().capset(_CAPABILITIES, _NONE))


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"namespaces: {os.strerror(code)}")


def _try_out(folder: str, *needed: str) -> None:
    """Do what a zygote and a child do, and see that everything which they need can still be read."""
    enter()
    for path in needed:
        os.listdir(path)
    scratch = Scratch()
    scratch.provide(folder)
    scratch.take_away()
    scratch.provide(folder)
    os.chdir(folder)
    give_up_powers()
    with open("probe", "wb") as file:
        file.write(b"x")


if __name__ == "__main__":
    _try_out(*sys.argv[1:])
