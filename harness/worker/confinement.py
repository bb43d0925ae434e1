"""What a child gives up before it sees a student's byte.

The child already has a session, a folder, an environment and descriptors of its own (see `zygote`), and the zygote has
taken this project off the import path (`prepare`), entered namespaces, and made the rest ready (`provide`). Here the
child gets its limits, gives up the powers of root, if any, and takes, where the kernel offers them, Landlock and
seccomp. The grader says which of these layers it expects; a child that can't take one of them ends, and nothing is run
in it.
"""

import contextlib
import os
import resource
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.worker import landlock, namespaces, seccomp

#: The most descriptors that a hand-in may have open. What a zygote keeps open for its children's confinement has higher
#: numbers, and is closed by each child as soon as it is confined.
KEPT_FROM = 64

#: A level is named by the layers that it has.
LAYERS = ("landlock", "seccomp", "namespaces")
#: What no ordinary container takes away, and what is enough to shut every door; namespaces shut some of them twice.
NEEDED = ("landlock", "seccomp")


def available() -> tuple[str, ...]:
    """List the layers that this kernel offers, without taking any."""
    offered = {
        "landlock": landlock.version() > 0,
        "seccomp": seccomp.available(),
        "namespaces": namespaces.available(),
    }
    return tuple(layer for layer in LAYERS if offered[layer])


class Provided:
    """What a zygote makes ready for its children, and again only where it must: they are one after the other."""

    def __init__(self) -> None:
        self._scratch = namespaces.Scratch()
        self._folder = ""

    def provide(self, folder: str, layers: Sequence[str]) -> None:
        """Make ready for the next child, while there is none.

        Parameters
        ----------
        folder : the only one that it may write in
        layers : that it will take

        Raises
        ------
        OSError
            When something can't be made.
        """
        is_same, self._folder = folder == self._folder, ""  # until all of it is made
        if "namespaces" in layers:
            is_same &= not self._scratch.provide(folder)
        if "landlock" in layers and not is_same:
            landlock.provide(folder, KEPT_FROM)
        self._folder = folder

    def take_away(self) -> None:
        """Leave of it nothing that would keep a folder from being removed."""
        self._folder = ""
        with contextlib.suppress(OSError):
            self._scratch.take_away()


def confine(wanted: Mapping[str, Any]) -> None:
    """Apply limits and the layers that are expected.

    Parameters
    ----------
    wanted : ``layers``, ``memory_bytes`` and ``cpu_seconds``

    Raises
    ------
    OSError
        When a layer can't be taken.
    """
    _limit(resource.RLIMIT_NOFILE, KEPT_FROM)
    _limit(resource.RLIMIT_AS, wanted["memory_bytes"])
    # A second of processor time between SIGXCPU, which says why, and SIGKILL, which can't be ignored.
    _limit(resource.RLIMIT_CPU, wanted["cpu_seconds"], wanted["cpu_seconds"] + 1)
    if sys.platform == "linux":
        namespaces.give_up_powers()
    if "landlock" in wanted["layers"]:
        landlock.restrict()
    os.closerange(KEPT_FROM, 4096)
    if "seccomp" in wanted["layers"]:
        seccomp.restrict()


def prepare(project: str) -> None:
    """Do once, in the zygote, what is the same for all its children; all of ours that they need is imported by then."""
    _hide(project)
    if landlock.version() > 0:
        landlock.prepare(_hidden(Path(project)), KEPT_FROM)
    if seccomp.available():
        seccomp.prepare()
    _limit(resource.RLIMIT_FSIZE, 4 << 20)
    _limit(resource.RLIMIT_CORE, 0)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "wb", buffering=0) as file:
        file.write(b"1000")  # if memory runs out all the same, the largest of these processes goes first


def _hidden(project: Path) -> tuple[Path, ...]:
    return tuple(project / name for name in ("harness", "reference", "tests", "submissions"))


def _hide(project: str) -> None:
    """Take this project off the import path, its editable-install finders included."""
    sys.path[:] = [entry for entry in sys.path if entry and entry.rstrip("/") != project]
    sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in getattr(finder, "__module__", "")]
    sys.path_importer_cache.clear()


def _limit(what: int, value: int, then: int | None = None) -> None:
    with contextlib.suppress(ValueError, OSError):  # macOS refuses some of them
        resource.setrlimit(what, (value, value if then is None else then))
