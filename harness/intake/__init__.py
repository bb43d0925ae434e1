"""From what was named on the command line to submissions: a file, a folder of files, a folder for each student.

Only bytes are read here; nothing is parsed. Ids come from names, are stable, and unique within a run. The bytes of a
hand-in are read when its turn comes: a university's notebooks need not be in memory together.
"""

import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.errors import InputError
from harness.model import Submission
from harness.printable import printable

SUFFIXES = (".py", ".ipynb", ".md")
#: What a folder may hold beside hand-ins.
_SKIPPED_NAMES = {"readme.md", "__init__.py", "conftest.py", "setup.py"}
_SKIPPED_FOLDERS = {"__pycache__", ".ipynb_checkpoints", "__macosx", "node_modules", "venv", ".venv"}
MAX_BYTES = 8 << 20


@dataclass(frozen=True)
class HandedIn:
    """A file that somebody handed in, not read yet.

    Attributes
    ----------
    id : stable, and unique among those that were found together
    shown : its path as it is told, relative to what was named
    """

    id: str
    shown: str
    file: Path

    def read(self) -> Submission:
        """Read it, whatever it may be: a link, a pipe, unreadable, huge."""
        try:
            status = self.file.lstat()
            if stat.S_ISLNK(status.st_mode):
                return self._unreadable("it is a symbolic link; hand in the file itself")
            if not stat.S_ISREG(status.st_mode):
                return self._unreadable("it is no ordinary file")
            if status.st_size > MAX_BYTES:
                return self._unreadable(f"the file has {status.st_size:,} bytes, more than the {MAX_BYTES:,} allowed")
            return Submission(self.id, self.shown, self.file.read_bytes())
        except OSError as error:
            return self._unreadable(f"the file can't be read: {error.strerror or error}")

    def _unreadable(self, why: str) -> Submission:
        return Submission(self.id, self.shown, None, why)


def find(paths: Iterable[Path]) -> list[HandedIn]:
    """Find the hand-ins under some paths, in a fixed order.

    Raises
    ------
    InputError
        When a path does not exist, or nothing to grade is found.
    """
    files: dict[Path, str] = {}
    paths = list(paths)
    for path in paths:
        if not path.exists():
            raise InputError(f"there is no file or folder {path}")
        found = list(_files_under(path))
        if not found:
            kinds = ", ".join(SUFFIXES)
            raise InputError(f"there is nothing to grade in {path}: no {kinds} file")
        for file in found:
            name = file.name if path.is_file() else file.relative_to(path).as_posix()
            files.setdefault(file, printable(name).replace("\n", "\\n"))  # a file's name may be any bytes
    ids = _unique_ids(list(files.values()))
    return [HandedIn(id, shown, file) for (file, shown), id in zip(files.items(), ids, strict=True)]


def _files_under(path: Path) -> Iterator[Path]:
    if path.is_file():
        if path.suffix.lower() not in SUFFIXES:
            raise InputError(f"{path} is no hand-in: it must be one of {', '.join(SUFFIXES)}")
        yield path
        return
    for folder, subfolders, names in os.walk(path, followlinks=False):
        subfolders[:] = sorted(s for s in subfolders if s.lower() not in _SKIPPED_FOLDERS and not s.startswith("."))
        for name in sorted(names):
            skipped = name.lower() in _SKIPPED_NAMES or name.startswith(".")
            if not skipped and Path(name).suffix.lower() in SUFFIXES:
                yield Path(folder, name)


def _unique_ids(names: list[str]) -> list[str]:
    """Make an id of each path: its stem, or its whole path where stems collide, also by case."""
    stems = [Path(name).stem for name in names]
    count = Counter(stem.casefold() for stem in stems)
    ids = [stem if count[stem.casefold()] == 1 else name for stem, name in zip(stems, names, strict=True)]
    cleaned = [_safe(id) for id in ids]
    taken: set[str] = set()
    result = []
    for id in cleaned:
        unique, number = id, 2
        while unique.casefold() in taken:
            unique, number = f"{id}~{number}", number + 1
        taken.add(unique.casefold())
        result.append(unique)
    return result


#: Bytes of an id: a file name may have 255, and a report adds an ending and a number.
_LONGEST_ID = 200


def _safe(name: str) -> str:
    """Make a name that is safe as a file's, as an option's value and in a spreadsheet, and not too long."""
    id = re.sub(r"[^\w.+@=-]+", "_", name).lstrip("._+@=-").rstrip("._") or "hand-in"
    while len(id.encode()) > _LONGEST_ID:
        id = id[:-1]
    return id
