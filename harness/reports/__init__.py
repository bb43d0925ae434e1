"""What a run leaves behind: one file for each kind of report.

Each is written as the grades come, so that a large class need not be in memory, and takes its place when all have come.

To add one, write a module beside these with a ``KIND``, the word for it on the command line, a ``NAME``, what it
writes, and ``writing``, a context manager that gives a function which takes each grade.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Protocol

from harness.errors import InputError
from harness.model import Grade, Run
from harness.reports.streams import Write


class Report(Protocol):
    """What the module of a report has.

    Attributes
    ----------
    KIND : how it is asked for
    NAME : the file or folder that it writes, in the folder for results
    """

    KIND: str
    NAME: str

    def writing(self, run: Run, folder: Path) -> AbstractContextManager[Write]:
        """Open it."""


_MODULES = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
KINDS: dict[str, Report] = {one.KIND: one for one in _MODULES if hasattr(one, "KIND")}
#: What is written where nothing else is asked for: of a class, and of a single hand-in, which is no class.
USUAL = ("results", "csv", "html", "pages", "markdown")
USUAL_FOR_ONE = ("results", "csv", "pages", "markdown")
#: Those that put marks into a file which a learning system has exported; they can't do without one.
INTO = ("canvas", "moodle")


def chosen(names: str | None, run: Run, total: int = 2) -> list[Report]:
    """Choose reports by their names, separated by commas; ``all`` of them, or the usual ones.

    Parameters
    ----------
    total : how many hand-ins there are

    Raises
    ------
    InputError
    """
    usual = USUAL if total > 1 else USUAL_FOR_ONE
    wanted = list(usual) if names is None else [name.strip() for name in names.split(",") if name.strip()]
    if "all" in wanted:
        wanted = [name for name in KINDS if name not in INTO]
    for name in wanted:
        if name not in KINDS:
            raise InputError(f"there is no report {name!r}; there are {', '.join(KINDS)}, and all")
        if name in INTO and run.into is None:
            raise InputError(f"the report {name} needs --into FILE: what {name.capitalize()} exports to be filled in")
    if run.into is not None and not set(INTO) & set(wanted):
        wanted.append(_kind_of(run.into))
    return [KINDS[name] for name in dict.fromkeys(wanted)]


def _kind_of(path: Path) -> str:
    from harness.reports import canvas

    return "canvas" if canvas.recognise(path) else "moodle"


class Reports:
    """Some reports of a run, each of which is given every grade; a context manager.

    Raises
    ------
    InputError
        When the folder can't be written.
    """

    def __init__(self, run: Run, folder: Path, kinds: list[Report] | None = None) -> None:
        self._folder, self._kinds = folder, chosen(None, run) if kinds is None else kinds
        self._run = replace(run, linked=KINDS["pages"] in self._kinds)
        self._open = ExitStack()

    @property
    def paths(self) -> list[Path]:
        """What is written."""
        return list(dict.fromkeys(self._folder / kind.NAME for kind in self._kinds))

    def __enter__(self) -> "Reports":
        with self._told():
            self._writers = [self._open.enter_context(kind.writing(self._run, self._folder)) for kind in self._kinds]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._told():
            self._open.__exit__(kind, error, trace)

    def write(self, grade: Grade) -> None:
        """Give the next grade to each."""
        with self._told():
            for write in self._writers:
                write(grade)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InputError(f"{self._folder} can't be written: {error.strerror or error}") from None
