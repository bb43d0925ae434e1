"""``gradescope/<id>.json``: what an autograder of Gradescope hands back as ``results.json``, for each hand-in.

A hidden check is a hidden test; Gradescope then keeps the total from the student as well. What a fault of ours left
ungraded gets no file, so that Gradescope tells it as a failed run and not as a mark.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.disclosure import disclosed
from harness.language import Language, language
from harness.marks import mark_of
from harness.model import Assignment, CheckPlan, CheckResult, Grade, Outcome, Run
from harness.reports.explanation import explain, explain_check
from harness.reports.streams import Write, whole

KIND, NAME = "gradescope", "gradescope"


@contextmanager
def writing(run: Run, folder: Path) -> Iterator[Write]:
    """Write a file for each hand-in that was graded."""
    tr = language(run.language)
    target = folder / NAME
    target.mkdir(exist_ok=True)

    def write(grade: Grade) -> None:
        path = target / f"{grade.id}.json"
        if not grade.graded or grade.missing:
            path.unlink(missing_ok=True)
            return
        with whole(path) as file:
            json.dump(_results(grade, run.assignment, tr), file, indent=1, ensure_ascii=False)

    yield write


def _results(grade: Grade, assignment: Assignment, tr: Language) -> dict[str, Any]:
    told = disclosed(grade, assignment)
    by_id = {check.id: check for check in told.checks}
    tests = [
        _test(by_id.get(check.id, check), plan, told, tr)
        for plan, check in zip(assignment.checks, grade.checks, strict=True)
        if check.outcome is not Outcome.NOT_APPLICABLE
    ]
    return {
        "score": round(mark_of(grade, assignment), 4),
        "output": "\n".join(explain(told, tr)),
        "output_format": "text",
        "test_output_format": "text",
        "visibility": "visible",
        "tests": tests,
        "extra_data": {"findings": [finding.rule for finding in grade.findings]},
    }


def _test(check: CheckResult, plan: CheckPlan, told: Grade, tr: Language) -> dict[str, Any]:
    passed = check.outcome is Outcome.PASSED
    test = {"name": f"{check.id}: {tr(check.claim)}" if check.claim else check.id, "score": check.earned}
    test |= {"max_score": check.points, "status": "passed" if passed else "failed"}
    test["visibility"] = "hidden" if plan.hidden else "visible"
    if not passed and not plan.hidden:
        test["output"] = "\n".join(explain_check(check, told, tr))
    return test
