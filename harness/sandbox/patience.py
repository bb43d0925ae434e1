"""How long to wait for a process: by the wall clock, less the time in which it was ready and got no processor."""

import time
from pathlib import Path

#: However starved a process is, nobody waits longer than this many times what was agreed.
_AT_MOST = 4.0


class Patience:
    """A deadline that a busy machine does not shorten.

    A hand-in must not time out because the machine is full: that would be a wrong verdict, and another one on every
    run. The kernel counts for how long a process stood in the queue for a processor (``/proc/<pid>/schedstat``, see
    ``Documentation/scheduler/sched-stats.rst``); a process that sleeps or is stopped does not stand there. Where there
    is no such file, it is the wall clock alone.

    Parameters
    ----------
    pid : of the process that is waited for
    """

    def __init__(self, pid: int) -> None:
        self._statistics = Path(f"/proc/{pid}/schedstat")
        self._counted = 0.0
        self._deadline = self._latest = 0.0

    def begin(self, seconds: float) -> None:
        """Start to wait, so many seconds."""
        now = time.monotonic()
        self._deadline, self._latest = now + seconds, now + _AT_MOST * seconds

    def remaining(self) -> float:
        """Tell how many seconds are left, not more than 0 if none."""
        left = self._deadline - time.monotonic()
        if left > 0:
            return left
        queued = self._queued()
        self._deadline = min(self._deadline + queued - self._counted, self._latest)
        self._counted = queued
        return self._deadline - time.monotonic()

    def _queued(self) -> float:
        """Seconds that the process has stood in the queue so far."""
        try:
            return int(self._statistics.read_text().split()[1]) / 1e9
        except (OSError, ValueError, IndexError):
            return self._counted
