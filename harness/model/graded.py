"""What it earned, and why: outcomes, findings, grades, and the run that they are of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from harness.model.asked import Assignment, Form
from harness.model.handed_in import Delivery, Lateness, Listing, Place, Submission
from harness.words import Text


class Outcome(StrEnum):
    """What became of one check on one hand-in."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    RAISED = "RAISED"
    TIMED_OUT = "TIMED_OUT"
    NOT_RUN = "NOT_RUN"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    GRADER_FAULT = "GRADER_FAULT"


@dataclass(frozen=True)
class States:
    """Hidden states over time, for a picture: rows are timesteps, columns hidden units; of the first sample of a batch.

    Attributes
    ----------
    got : what came back; None where no number did
    expected : what should have; empty for those who are not to be told
    wrong : the first timestep that is out of its bound, from 0
    """

    got: tuple[tuple[float | None, ...], ...]
    expected: tuple[tuple[float, ...], ...]
    wrong: int


@dataclass(frozen=True)
class CheckResult:
    """What one check says of one hand-in.

    Attributes
    ----------
    counterexample : the call that shows it, ``yours`` and ``should_be``; plain JSON
    note : something worth saying about a check that passed
    states : a picture of what went wrong, where it is hidden states over time
    """

    id: str
    claim: str
    outcome: Outcome
    points: float
    earned: float
    message: Text = ""
    counterexample: Mapping[str, Any] | None = None
    note: Text = ""
    states: States | None = None


@dataclass(frozen=True)
class Finding:
    """A known bug seen in a hand-in.

    Attributes
    ----------
    evidence : of ``clue``, ``twin``, ``fix``, in that order
    costs : ids of the checks that it cost
    fix : a small diff, or None
    """

    rule: str
    place: Place | None
    evidence: tuple[str, ...]
    costs: tuple[str, ...]
    message: Text
    fix: str | None = None


@dataclass(frozen=True)
class Adjustment:
    """A mark that a person set.

    Attributes
    ----------
    check : a check's id, or ``total``
    """

    id: str
    check: str
    points: float
    reason: str
    who: str


@dataclass(frozen=True)
class Grade:
    """What one submission earned.

    Attributes
    ----------
    graded : False only when something of ours failed; `reason` then says what
    mark : the score that the assignment says is the mark
    reason : one line about the hand-in as a whole (not attempted, not readable ...), or None
    follow_through_score : with its proved fixes applied; equal to `score` where no fix was proved
    notes : things that cost nothing
    printed : the beginning of what it printed while it was loaded
    listings : the code as it was read, the beginning of it
    adjustments : what a person set, already reckoned in
    delivery : who handed in, and when; None where nobody knows
    lateness : None for what is in time, and where no rule or no time is known
    missing : nothing was handed in at all
    seconds : that grading it took; no part of what it earned
    """

    id: str
    path: str
    sha256: str
    form: Form | None
    graded: bool
    reason: Text | None
    score: float
    follow_through_score: float
    max_score: float
    checks: tuple[CheckResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[Text, ...] = ()
    printed: str = ""
    listings: tuple[Listing, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    delivery: Delivery | None = None
    lateness: Lateness | None = None
    missing: bool = False
    seconds: float | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Change:
    """A hand-in was graded anew.

    Attributes
    ----------
    before : its grade until then
    why : what was different: the hand-in, the assignment, the harness, or the oracle and the confinement
    """

    before: Grade
    why: tuple[Text, ...]


@dataclass(frozen=True)
class Run:
    """What all grades of a run were made with, and how they are to be told.

    Attributes
    ----------
    read : gives a hand-in again, by its id
    changed : tells what a hand-in had before its grade of now, by its id
    into : an exported gradebook or grading worksheet that marks are to be put into
    column : which of its columns is this assignment's, where its title does not say so
    linked : students' pages are written beside, so the page of the class may lead to them
    """

    assignment: Assignment
    torch_version: str
    device: str
    sandbox: str
    language: str = "en"
    read: Callable[[str], Submission] | None = None
    changed: Callable[[str], Change | None] | None = None
    into: Path | None = None
    column: str | None = None
    linked: bool = False
