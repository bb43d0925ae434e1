"""A run from paths to grades; what the command line and the pytest plugin share."""

import os
from collections.abc import Callable, Iterable
from dataclasses import replace

from harness import sandbox
from harness.assignment import load_assignment
from harness.bank import make_bank
from harness.checks import CHECKS
from harness.convention import check_convention
from harness.errors import InputError
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
) -> Run:
    """Grade submissions, after reference and oracle have agreed.

    Raises
    ------
    InputError, GraderFault
    """
    layers = sandbox.choose_layers(confinement)
    bank = make_bank(assignment, device)
    grades = grade_all(submissions, assignment, bank, jobs=jobs, layers=layers, on_grade=on_grade)
    return Run(assignment, tuple(grades), bank.torch_version, bank.device, sandbox.level(layers), language)


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
