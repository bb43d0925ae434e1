"""A run from paths to grades; what the command line and the pytest plugin share."""

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from harness import sandbox
from harness.assignment import load_assignment
from harness.bank import make_bank
from harness.checks import CHECKS
from harness.convention import check_convention
from harness.errors import InputError
from harness.gradebook import Gradebook, fingerprint
from harness.grading import grade_all
from harness.model import Assignment, Grade, Run, Submission


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


def grade(
    submissions: list[Submission],
    assignment: Assignment,
    *,
    device: str,
    jobs: int,
    confinement: str = "auto",
    language: str = "en",
    on_grade: Callable[[Grade], None] | None = None,
    book: Gradebook | None = None,
    fresh: bool = False,
) -> Run:
    """Grade submissions, after reference and oracle have agreed.

    Parameters
    ----------
    on_grade : called with each grade
    book : what is graded is kept in, and what is in it is not graded again
    fresh : grade everything again all the same

    Raises
    ------
    InputError, GraderFault
    """
    layers = sandbox.choose_layers(confinement)
    bank = make_bank(assignment, device)
    level = sandbox.level(layers)
    mark = fingerprint(assignment, bank.torch_version, bank.device, level)
    known = {} if book is None or fresh else _in_the_book(submissions, book, mark)
    if on_grade:
        for grade in known.values():
            on_grade(grade)
    made = grade_all(
        [one for one in submissions if one.id not in known],
        assignment,
        bank,
        jobs=jobs,
        layers=layers,
        on_grade=on_grade,
        keep=None if book is None else partial(_keep, book, mark),
    )
    by_id = known | {grade.id: grade for grade in made}
    grades = tuple(by_id[submission.id] for submission in submissions)
    return Run(assignment, grades, bank.torch_version, bank.device, level, language)


def _in_the_book(submissions: list[Submission], book: Gradebook, mark: str) -> dict[str, Grade]:
    found = {submission.id: book.known(submission, mark) for submission in submissions}
    return {id: grade for id, grade in found.items() if grade is not None}


def _keep(book: Gradebook, mark: str, grade: Grade) -> None:
    book.keep(grade, mark)


def usual_jobs() -> int:
    """How many hand-ins to run at a time: two for each core, for while one is run another is judged, up to eight."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(cores, min(2 * cores, 8))
