"""``results.json``, schema ``rnn-harness/1``: everything about a run that is the same on every machine.

Times and dates are not in it, so the same bytes come out whatever the number of jobs or the order of work.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness.language import Language, language
from harness.marks import standing
from harness.model import CheckResult, Delivery, Finding, Grade, Run
from harness.reports.streams import Write, whole

KIND, NAME = "results", "results.json"
SCHEMA = "rnn-harness/1"


@contextmanager
def writing(run: Run, folder: Path) -> Iterator[Write]:
    """Write ``results.json`` into a folder."""
    with whole(folder / NAME) as file:
        opening = json.dumps({**_circumstances(run), "submissions": []}, indent=1, ensure_ascii=False)
        file.write(opening.removesuffix("]\n}"))
        separator = "\n"

        def write(grade: Grade) -> None:
            nonlocal separator
            file.write(separator + "  " + _written(_grade(grade, run)))
            separator = ",\n"

        yield write
        file.write("\n ]\n}\n")


def _written(submission: dict[str, Any]) -> str:
    """Write a submission: a line for each of its values, and for each item of a list.

    `json` indents in Python, item by item, and does all else in C: this is ten times as fast as ``indent=1``.
    """
    lines = []
    for name, value in submission.items():
        if isinstance(value, list) and value:
            items = ",\n    ".join(_json(one) for one in value)
            lines.append(f"   {_json(name)}: [\n    {items}\n   ]")
        else:
            lines.append(f"   {_json(name)}: {_json(value)}")
    return "{\n" + ",\n".join(lines) + "\n  }"


_json = json.JSONEncoder(ensure_ascii=False).encode


def _circumstances(run: Run) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "assignment": {
            "name": run.assignment.name,
            "max_score": sum(check.points for check in run.assignment.checks),
        },
        "oracle": {"torch": run.torch_version, "device": run.device},
        "sandbox": {"level": run.sandbox},
    }


def _grade(grade: Grade, run: Run) -> dict[str, Any]:
    tr = language(run.language)
    return {
        "id": grade.id,
        "path": grade.path,
        "sha256": grade.sha256,
        "form": None if grade.form is None else str(grade.form),
        "outcome": standing(grade),
        "reason": tr(grade.reason) if grade.reason else None,
        "score": grade.score,
        "follow_through_score": grade.follow_through_score,
        "max_score": grade.max_score,
        "checks": [_check(check, tr) for check in grade.checks],
        "findings": [_finding(finding, tr) for finding in grade.findings],
        "notes": [tr(note) for note in grade.notes],
        **({"adjustments": [asdict(one) for one in grade.adjustments]} if grade.adjustments else {}),
        **({"delivery": _delivery(grade.delivery)} if grade.delivery else {}),
        **({"lateness": asdict(grade.lateness)} if grade.lateness else {}),
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    student = delivery.student
    told = {"student": student.id, "name": student.name, "section": student.section, "email": student.email}
    at = delivery.at.isoformat() if delivery.at else None
    return {**told, "account": student.account, "at": at, "late": delivery.late, "set_aside": list(delivery.set_aside)}


def _check(check: CheckResult, tr: Language) -> dict[str, Any]:
    return {
        "id": check.id,
        "outcome": str(check.outcome),
        "points": check.points,
        "earned": check.earned,
        "message": tr(check.message),
        "counterexample": None if check.counterexample is None else dict(check.counterexample),
    }


def _finding(finding: Finding, tr: Language) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "line": finding.place.line if finding.place else None,
        "cell": finding.place.cell if finding.place else None,
        "evidence": list(finding.evidence),
        "costs": list(finding.costs),
        "message": tr(finding.message),
        "fix": finding.fix,
    }
