"""What a child gives up before it sees a student's byte.

Now: resource limits, and no way to this project's own source by import. The child already has a session, a folder,
an environment and descriptors of its own (see `zygote`). Each function here adds one restriction and returns the
word that reports it; a restriction that a platform lacks returns None, and the run says what it has.
"""

import contextlib
import resource
import sys
from collections.abc import Mapping
from typing import Any


def confine(folder: str, limits: Mapping[str, Any]) -> list[str]:
    """Apply every restriction and list the ones that hold.

    Parameters
    ----------
    folder : the only one that the child is meant to write in
    limits : ``memory_bytes``, ``cpu_seconds``, ``project`` (the folder of this project's source)
    """
    held = [_hide_project(limits["project"]), _limit_resources(limits)]
    return [word for word in held if word]


def _hide_project(project: str) -> str | None:
    """Take this project off the import path, its editable-install finders included."""
    sys.path[:] = [entry for entry in sys.path if entry and not entry.startswith(project.rstrip("/") + "/")]
    sys.path[:] = [entry for entry in sys.path if entry.rstrip("/") != project.rstrip("/")]
    sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in getattr(finder, "__module__", "")]
    sys.path_importer_cache.clear()
    return None


def _limit_resources(limits: Mapping[str, Any]) -> str | None:
    wanted = {
        resource.RLIMIT_AS: int(limits["memory_bytes"]),
        resource.RLIMIT_CPU: int(limits["cpu_seconds"]),
        resource.RLIMIT_FSIZE: 4 << 20,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }
    for what, value in wanted.items():
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some of them
            resource.setrlimit(what, (value, value))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")  # if memory runs out all the same, this process goes first
    return "limits"
