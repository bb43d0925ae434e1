"""What is worked out once and kept between runs, as arrays in a file whose name says everything that they depend on.

A file that is damaged is made anew, and a folder that can't be written costs the next run some time and nothing else.
"""

import contextlib
import importlib.metadata
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray


def folder() -> Path:
    """Where it is kept; ``RNN_HARNESS_CACHE`` moves it."""
    given = os.environ.get("RNN_HARNESS_CACHE")
    return Path(given) if given else Path(platformdirs.user_cache_dir("rnn-harness"))


def packages() -> list[str]:
    """The versions of the libraries that draw and compute what is kept."""
    return [importlib.metadata.version(name) for name in ("hypothesis", "numpy")]


def read(path: Path) -> dict[str, NDArray[Any]]:
    """Read what was kept; nothing if there is nothing, or nothing that can be read."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except Exception:  # noqa: BLE001 NumPy raises many types; each means that there is nothing to be had
        return {}


def write(path: Path, arrays: Mapping[str, Any]) -> None:
    """Keep arrays, all of them or none: another run may be reading."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as file:
            np.savez(file, **arrays)
        os.replace(file.name, path)
