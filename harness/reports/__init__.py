"""What a run leaves behind: one file for each kind of report.

Each is written as the grades come, so that a large class need not be in memory, and takes its place when all have come.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType

from harness.errors import InputError
from harness.model import Grade, Run
from harness.reports import feedback, gradebook, results

_KINDS = (results, gradebook, feedback)


class Reports:
    """All reports of a run, each of which is given every grade; a context manager.

    Raises
    ------
    InputError
        When the folder can't be written.
    """

    def __init__(self, run: Run, folder: Path) -> None:
        self._run, self._folder = run, folder
        self._open = ExitStack()

    @property
    def paths(self) -> list[Path]:
        """What is written."""
        return [self._folder / kind.NAME for kind in _KINDS]

    def __enter__(self) -> "Reports":
        with self._told():
            self._writers = [self._open.enter_context(kind.writing(self._run, self._folder)) for kind in _KINDS]
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
