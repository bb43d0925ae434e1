"""The same run on a Dask cluster: hand-ins go out as bytes, grades come back as text, into the one gradebook.

A worker grades as this machine would, with zygotes and a confinement of its own. It is asked what it is, and told of
the run: the assignment, the cases and what is expected of them, so it needs no torch. One with another version of the
harness, or one that can't confine hand-ins as the run demands, gets no work, and that is said. Workers may come and go:
what one had when it died is given to another.

Between the processes of a cluster Dask sends pickles: whoever reaches the scheduler can run code there. No hand-in can,
for where it runs there is no network; so a worker without a sandbox is refused unless `process` is asked for.
"""

import contextlib
import itertools
import json
import logging
import queue
import time
import uuid
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Any

import distributed

from harness import gradebook
from harness.errors import InputError
from harness.grading import Grader, Graders, Known, Reading, not_graded
from harness.model import Grade, Submission
from harness.run import Setting
from harness.words import Text, say
from harness.worker import confinement

_CONNECT_SECONDS = 10
#: Batches that are on their way for each thread of the cluster, so that the next is there before the last has ended.
_AHEAD = 3
#: Hand-ins in a batch, once each thread has had some: one by one, what Dask does for each costs the client most.
_TOGETHER = 8
#: How often it is asked who has joined and who has left.
_LOOK_SECONDS = 2.0
#: A hand-in that fails so often on workers, each time for a fault of theirs, is not graded.
_TRIES = 3

# What runs on the workers.

_GRADERS: dict[str, Graders] = {}


def _about() -> dict[str, Any]:
    """What a worker says of itself."""
    return {"version": gradebook.version(), "layers": list(confinement.available())}


def _take(run: str, setting: Setting) -> None:
    """Be told of a run."""
    # Dask's own threads draw from it, while Hypothesis looks whether ours do.
    warnings.filterwarnings("ignore", message="Do not use the `random` module inside strategies")
    assignment, bank, layers = setting.run.assignment, setting.bank, setting.layers
    shared = Known(assignment, bank)
    _GRADERS[run] = Graders(lambda: Grader(assignment, bank, layers, shared))


def _grade(run: str, hand_ins: list[tuple[str, str, bytes | None, str | None]]) -> list[str] | None:
    """Grade some hand-ins; None where nothing is known of the run, as in a worker that was started again."""
    if run not in _GRADERS:
        return None
    with _GRADERS[run].one() as grader:
        grades = [grader.grade(Submission(*one)) for one in hand_ins]
    return [json.dumps(gradebook.sent(grade), ensure_ascii=False) for grade in grades]


def _forget(run: str) -> None:
    """End the processes of a run."""
    if run in _GRADERS:
        _GRADERS.pop(run).close()


# What runs beside the gradebook.


class Cluster:
    """The workers of a Dask scheduler; a context manager.

    Parameters
    ----------
    address : of the scheduler, as in ``tcp://host:8786``
    tell : called with each line that the person at the screen should read

    Raises
    ------
    InputError
        When no scheduler answers there.
    """

    def __init__(self, address: str, tell: Callable[[Text], None]) -> None:
        self.address, self.tell = address, tell
        self._refused: dict[str, Text] = {}
        for name in ("distributed", "distributed.client"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters of it is told here, in one line
        try:
            self.client = distributed.Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"no Dask scheduler answers at {address}: {error}") from None

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *exception: object) -> None:
        self.client.close()

    def choose_layers(self, wanted: str) -> tuple[str, ...]:
        """Choose the layers of confinement that all workers have which are fit to grade.

        Parameters
        ----------
        wanted : ``process`` for none; else no worker grades that lacks one of those that shut every door

        Raises
        ------
        InputError
            When no worker is fit.
        """
        needed = () if wanted == "process" else confinement.NEEDED
        fit = self.fit(self.workers(), needed)
        if not fit:
            why = "; ".join(sorted({str(why) for why in self._refused.values()})) or "it has no workers"
            raise InputError(f"nothing at {self.address} can grade: {why}")
        common = [layer for layer in confinement.LAYERS if all(layer in about["layers"] for about in fit.values())]
        return () if wanted == "process" else tuple(common)

    def workers(self) -> dict[str, int]:
        """Address and threads of each worker.

        Raises
        ------
        InputError
            When the scheduler is gone.
        """
        try:
            return dict(self.client.nthreads())
        except (OSError, TimeoutError) as error:
            raise self.gone(error) from None

    def gone(self, error: BaseException) -> InputError:
        """Say that there is no scheduler any more."""
        return InputError(
            f"the Dask scheduler at {self.address} is gone ({error}); what was graded is kept, and the next run goes on"
        )

    def fit(self, workers: Iterable[str], layers: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Ask workers what they are; those that may grade. The others are told of, once."""
        asked = [worker for worker in workers if worker not in self._refused]
        answers: Mapping[str, Any] = self.client.run(_about, workers=asked, on_error="return") if asked else {}
        fit = {}
        for worker, about in answers.items():
            if isinstance(about, OSError):
                continue  # it left while it was asked
            if why := _unfit(about, layers):
                self._refused[worker] = why
                self.tell(say("worker {worker} gets no work: {why}", worker=worker, why=why))
            else:
                fit[worker] = about
        return fit

    def grade_all(
        self,
        readings: Iterable[Reading],
        setting: Setting,
        *,
        known: Callable[[Submission], Grade | None],
        keep: Callable[[Grade], None],
    ) -> Generator[Grade, None, None]:
        """Grade every hand-in; grades in the order of the hand-ins, as `harness.grading.grade_all` gives them."""
        hand_ins = enumerate(readings)
        grades: dict[int, Grade] = {}
        told, all_taken = 0, False
        with _Run(self, setting) as run:
            while not (all_taken and run.is_idle):
                while not all_taken and (wanted := run.wants()):
                    following = {number: reading() for number, reading in itertools.islice(hand_ins, wanted)}
                    all_taken = len(following) < wanted
                    found = {number: known(submission) for number, submission in following.items()}
                    grades |= {number: grade for number, grade in found.items() if grade}
                    unknown = {number: following[number] for number, grade in found.items() if not grade}
                    if not unknown:
                        break  # what is known is told before more is looked up
                    run.send(unknown)
                if not run.is_idle:
                    for number, grade in run.receive():
                        keep(grade)
                        grades[number] = grade
                while told in grades:
                    yield grades.pop(told)
                    told += 1


def _unfit(about: object, layers: Iterable[str]) -> Text | None:
    if not isinstance(about, dict) or about.get("version") != gradebook.version():
        return say("it has another version of the harness; install this one there")
    missing = ", ".join(layer for layer in layers if layer not in about["layers"])
    return (
        say("it can't confine hand-ins as this run demands: it has no {missing}", missing=missing) if missing else None
    )


@dataclass(eq=False)
class _Batch:
    """Hand-ins, by their numbers, that are on their way together.

    Attributes
    ----------
    workers : that they may go to
    tries : how often it has failed
    """

    hand_ins: dict[int, Submission]
    tries: int = 0
    workers: frozenset[str] = frozenset()
    future: Any = None

    def release(self) -> None:
        """Have nothing more to do with what was sent."""
        if self.future is not None:
            self.future.release()
            self.future = None


class _Run:
    """The hand-ins of one run that are on their way, and the workers that know of it; a context manager."""

    def __init__(self, cluster: Cluster, setting: Setting) -> None:
        self._cluster, self._setting = cluster, setting
        self._name = uuid.uuid4().hex
        self._threads: dict[str, int] = {}
        self._sent: set[_Batch] = set()
        self._count = 0
        self._ended: queue.SimpleQueue[tuple[_Batch, Any]] = queue.SimpleQueue()
        self._looked = 0.0
        self._lonely = False

    def __enter__(self) -> "_Run":
        self._look()
        return self

    def __exit__(self, *exception: object) -> None:
        for batch in self._sent:
            batch.release()
        with contextlib.suppress(InputError, OSError, TimeoutError):
            workers = [worker for worker in self._cluster.workers() if worker in self._threads]
            self._cluster.client.run(_forget, self._name, workers=workers, on_error="ignore")

    def wants(self) -> int:
        """How many more hand-ins the workers can do with; the first go one by one, so that all have something."""
        threads = max(1, sum(self._threads.values()))
        if len(self._sent) >= _AHEAD * threads:
            return 0
        return _TOGETHER if self._count > _AHEAD * threads else 1

    @property
    def is_idle(self) -> bool:
        """Whether nothing is on its way."""
        return not self._sent

    def send(self, hand_ins: dict[int, Submission], tries: int = 0) -> None:
        """Send hand-ins to some worker that knows of the run."""
        batch = _Batch(hand_ins, tries)
        self._sent.add(batch)
        self._count += 1
        self._send(batch)

    def receive(self) -> Iterator[tuple[int, Grade]]:
        """Wait for the next grades, with the numbers that the hand-ins were sent with."""
        for batch, future in self._next():
            if future is batch.future:  # else it was sent again since
                yield from self._take(batch)
        if time.monotonic() - self._looked > _LOOK_SECONDS:
            self._look()
            for batch in self._sent:
                if not batch.workers & self._threads.keys():
                    self._send(batch)  # all that it could go to are gone

    def _next(self) -> list[tuple[_Batch, Any]]:
        try:
            ended = [self._ended.get(timeout=_LOOK_SECONDS)]
        except queue.Empty:
            return []
        while not self._ended.empty():
            ended.append(self._ended.get())
        return ended

    def _take(self, batch: _Batch) -> Iterator[tuple[int, Grade]]:
        """The grades of a batch that has ended, unless it must be sent again."""
        if batch.future.status in ("cancelled", "lost"):
            self._cluster.workers()  # raises where it is the scheduler that is gone
            self._send(batch)
            return
        try:
            written = batch.future.result()
        except Exception as error:  # noqa: BLE001 a worker may fail in any way; that is never the hand-in's
            self._sent.remove(batch)
            yield from self._failed(batch, f"{type(error).__name__}: {error}")
            return
        if written is None:
            self._threads.clear()  # a worker was started again; all are told anew
            self._look()
            self._send(batch)
            return
        self._sent.remove(batch)
        for number, one in zip(batch.hand_ins, written, strict=True):
            yield number, gradebook.received(json.loads(one))

    def _failed(self, batch: _Batch, why: str) -> Iterator[tuple[int, Grade]]:
        """Try again, each alone; in the end what can't be graded is said to be so."""
        self._look()
        for number, submission in batch.hand_ins.items():
            if batch.tries + 1 < _TRIES:
                self.send({number: submission}, batch.tries + 1)
            else:
                yield number, not_graded(submission, self._setting.run.assignment, why)

    def _send(self, batch: _Batch) -> None:
        batch.release()
        batch.workers = frozenset(self._threads)
        if not batch.workers:
            return  # it is sent when somebody has joined
        hand_ins = [astuple(one) for one in batch.hand_ins.values()]
        batch.future = self._cluster.client.submit(
            _grade, self._name, hand_ins, workers=list(batch.workers), pure=False
        )
        batch.future.add_done_callback(lambda future: self._ended.put((batch, future)))

    def _look(self) -> None:
        """Tell newcomers of the run, and wait for one where nobody is left."""
        self._looked = time.monotonic()
        there = self._cluster.workers()
        known = {worker: threads for worker, threads in there.items() if worker in self._threads}
        new = [worker for worker in there if worker not in known]
        fit = list(self._cluster.fit(new, self._setting.layers))
        if fit:
            told = self._cluster.client.run(_take, self._name, self._setting, workers=fit, on_error="ignore")
            known |= {worker: there[worker] for worker in told}
        self._threads = known
        if not known and not self._lonely:
            self._cluster.tell(say("no worker is left; waiting for one to join"))
        self._lonely = not known
