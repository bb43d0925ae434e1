"""A run from paths to grades; what the command line and the pytest plugin share."""

import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness import launching, sandbox
from harness.assignment import load_assignment
from harness.bank import Bank, make_bank
from harness.checks import CHECKS
from harness.convention import check_convention
from harness.errors import InputError
from harness.gradebook import Gradebook, fingerprint
from harness.grading import Grader, Reading, grade_all
from harness.judging import Judging
from harness.model import Assignment, Grade, Run, Submission
from harness.processes import GraderProcess

if TYPE_CHECKING:
    from harness.cluster import Cluster


def choose_assignment(name: str, only: Iterable[str] = ()) -> Assignment:
    """Load an assignment, whole or with some of its checks and those that they wait for.

    Raises
    ------
    InputError
    """
    assignment = load_assignment(name, CHECKS)
    check_convention(assignment)
    plans = {plan.id: plan for plan in assignment.checks}
    wanted: set[str] = set()
    pending = list(only)
    for id in pending:
        if id not in plans:
            raise InputError(f"assignment {assignment.name} has no check {id!r}; it has {', '.join(plans)}")
        if id not in wanted:
            wanted.add(id)
            pending += plans[id].after
    if not wanted:
        return assignment
    return replace(assignment, checks=tuple(plan for plan in assignment.checks if plan.id in wanted))


def words_of(assignment: Assignment) -> list[str]:
    """Words of which a hand-in has at least one: what its weights and its functions may be called."""
    weights = [name for word in assignment.weights for name in assignment.names.get(word, ())]
    return weights + [
        name for entry in assignment.entries for name in (*entry.functions, *entry.classes) if len(name) > 3
    ]


@dataclass(frozen=True)
class Setting:
    """All that is the same for every hand-in of a run, after reference and oracle have agreed.

    Attributes
    ----------
    run : what reports say of it
    layers : of confinement
    """

    run: Run
    bank: Bank
    layers: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """What a grade depends on besides the hand-in."""
        return fingerprint(self.run.assignment, self.run.torch_version, self.run.device, self.run.sandbox)


def prepare(
    assignment: Assignment, *, device: str, layers: tuple[str, ...] | None = None, language: str = "en"
) -> Setting:
    """Make the cases of a run.

    Parameters
    ----------
    layers : of confinement; by default what this machine offers

    Raises
    ------
    InputError, GraderFault
    """
    layers = sandbox.choose_layers("auto") if layers is None else layers
    bank = make_bank(assignment, device)
    Judging(assignment, bank)  # says what is wrong with the checks, before a hand-in is looked at
    run = Run(assignment, bank.torch_version, bank.device, sandbox.level(layers), language)
    return Setting(run, bank, layers)


@contextmanager
def graders_beside(setting: Setting, jobs: int | None, total: int) -> Iterator[list[GraderProcess]]:
    """Fork graders for a class, so that there is one for each job with the one that is here; ends them.

    To be called before there are threads; where it is too late, there are none, and threads do the work.

    Parameters
    ----------
    total : how many hand-ins there are
    """
    count = min(jobs or _usual_jobs(), total) - 1 if launching.can_fork() else 0
    assignment, bank, layers = setting.run.assignment, setting.bank, setting.layers
    with ExitStack() as stack:
        beside = []
        if count:
            launching.in_time()
        with suppress(OSError):  # this machine has no room for more of them
            for _ in range(count):
                beside.append(GraderProcess(lambda: Grader(assignment, bank, layers)))
                stack.callback(beside[-1].close)
        yield beside


def grade(
    readings: Iterable[Reading],
    setting: Setting,
    *,
    jobs: int | None = None,
    beside: Iterable[GraderProcess] = (),
    cluster: "Cluster | None" = None,
    book: Gradebook | None = None,
    fresh: bool = False,
) -> Generator[Grade, None, None]:
    """Grade hand-ins, one after the other as they are needed; in their order. To be closed if it is broken off.

    Parameters
    ----------
    readings : each gives a hand-in, when its turn has come
    jobs : how many are run at a time on this machine; by default what it is good for
    beside : graders in other processes, for some of them
    cluster : where they are graded instead
    book : what is graded is kept in, and what is in it is not graded again
    fresh : grade everything again all the same
    """
    mark = setting.fingerprint if book else ""

    def known(submission: Submission) -> Grade | None:
        return book.known(submission, mark) if book and not fresh else None

    def keep(grade: Grade) -> None:
        if book:
            book.keep(grade, mark)

    if cluster:
        return cluster.grade_all(readings, setting, known=known, keep=keep)
    assignment, bank, layers = setting.run.assignment, setting.bank, setting.layers
    jobs = jobs or _usual_jobs()
    return grade_all(readings, assignment, bank, jobs=jobs, layers=layers, others=beside, known=known, keep=keep)


def _usual_jobs() -> int:
    """How many hand-ins to run at a time: one more than there are cores, for while some are run another is judged."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + 1
