"""The words of the project as frozen records; no behaviour.

Data goes one way: Submission (bytes) → worker → Reply → CheckResult and Finding → Grade → Run → reports.
"""

from harness.model.answered import FoundEntry, Loaded, NotAnArray, Problem, Reply, ReplyKind, Value
from harness.model.asked import (
    Argument,
    Assignment,
    Call,
    Case,
    CheckPlan,
    Doubles,
    Entry,
    Extended,
    Form,
    Joined,
    LateRule,
    Limits,
    Step,
    Template,
)
from harness.model.graded import Adjustment, Change, CheckResult, Finding, Grade, Outcome, Run, States
from harness.model.handed_in import Delivery, Edit, Lateness, Listing, Place, Student, Submission

__all__ = [
    "Adjustment",
    "Argument",
    "Assignment",
    "Call",
    "Case",
    "Change",
    "CheckPlan",
    "CheckResult",
    "Delivery",
    "Doubles",
    "Edit",
    "Entry",
    "Extended",
    "Finding",
    "Form",
    "FoundEntry",
    "Grade",
    "Joined",
    "LateRule",
    "Lateness",
    "Limits",
    "Listing",
    "Loaded",
    "NotAnArray",
    "Outcome",
    "Place",
    "Problem",
    "Reply",
    "ReplyKind",
    "Run",
    "States",
    "Step",
    "Student",
    "Submission",
    "Template",
    "Value",
]
