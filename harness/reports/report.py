"""``report.html``: a class on one page that opens from a file, offline.

The table is the heat map of students and checks: searched, sorted and filtered by DataTables, which puts no more rows
into the page than are seen. The plots are Vega-Lite's. Both are in the page; its policy lets no other script run.
"""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from harness.language import Language, language
from harness.marks import mark_of, percent_of, standing
from harness.model import Grade, Outcome, Run
from harness.reports.explanation import OUTCOMES, points, why_not_full
from harness.reports.items import Item, Items
from harness.reports.libraries import plots_library, table_style, tables_library
from harness.reports.plots import bugs_plot, items_plot, marks_plot
from harness.reports.rendering import Markup, policy, prepare, template
from harness.reports.streams import Write, whole
from harness.words import say

KIND, NAME = "html", "report.html"
_LETTERS = {
    Outcome.PASSED: "P",
    Outcome.FAILED: "F",
    Outcome.RAISED: "R",
    Outcome.TIMED_OUT: "T",
    Outcome.NOT_RUN: "N",
    Outcome.NOT_APPLICABLE: "-",
    Outcome.GRADER_FAULT: "?",
}
_WORDS = {
    "students": say("Students and checks"),
    "distribution": say("Distribution of marks"),
    "bugs": say("Known bugs"),
    "analysis": say("Item analysis"),
    "ungraded": say("What was not graded, or not handed in"),
    "hand_in": say("hand-in"),
    "name": say("name"),
    "section": say("section"),
    "score": say("score"),
    "late": say("late"),
    "seconds": say("s"),
    "why": say("why"),
    "count": say("hand-ins"),
    "percent": say("mark in percent"),
    "check": say("check"),
    "claim": say("claim"),
    "points": say("points"),
    "difficulty": say("difficulty"),
    "discrimination": say("discrimination"),
    "lost": say("points lost"),
    "rule": say("known bug"),
    "who": say("who"),
    "search": say("Search:"),
    "all": say("all"),
    "show": say("Only with:"),
    "legend": say("✓ passed  ✗ failed  ! raised  … timed out  · not run  - does not apply"),
    "difficulty_is": say("difficulty: the mean part of its points that was earned; 1 is easy"),
    "discrimination_is": say(
        "discrimination: how the check goes with all others (corrected item-total correlation);"
        " near or below 0 it tells nothing"
    ),
}


@contextmanager
def writing(run: Run, folder: Path) -> Iterator[Write]:
    """Collect a short row for each hand-in, and write the page when all have come."""
    report = _Class(run)
    prepare("report.html")
    yield report.add
    with whole(folder / NAME) as file:
        file.writelines(template("report.html").generate(report.content()))


class _Class:
    """What the page has of a run."""

    def __init__(self, run: Run) -> None:
        self._run, self._tr = run, language(run.language)
        self._items = Items(run.assignment.checks)
        self._rows: list[list[Any]] = []
        self._bugs: dict[str, list[str]] = {}
        self._ungraded: list[dict[str, str]] = []

    def add(self, grade: Grade) -> None:
        """Take the next grade."""
        tr, percent = self._tr, percent_of(grade, self._run.assignment)
        if grade.missing or not grade.graded:
            self._ungraded.append({"id": grade.id, "name": _name(grade), "reason": tr(grade.reason or "")})
        else:
            self._items.add(grade)
        for rule in dict.fromkeys(finding.rule for finding in grade.findings):
            self._bugs.setdefault(rule, []).append(grade.id)
        student = grade.delivery.student if grade.delivery else None
        self._rows.append(
            [
                grade.id,
                _name(grade),
                student.section if student else "",
                round(mark_of(grade, self._run.assignment), 2) if standing(grade) == "graded" else None,
                grade.max_score,
                None if percent is None or grade.missing else round(percent, 1),
                "".join(_LETTERS[check.outcome] for check in grade.checks),
                _late(grade),
                [[f.rule, tr(f.place) if f.place else ""] for f in grade.findings],
                "" if grade.findings else why_not_full(grade, tr),
                standing(grade),
                None if grade.seconds is None else round(grade.seconds, 2),
            ]
        )

    def content(self) -> dict[str, Any]:
        """Put the page together."""
        run, tr = self._run, self._tr
        script = _own_script()
        plots = plots_library()
        marks = [row[5] for row in self._rows if row[5] is not None]
        bugs = sorted(self._bugs.items(), key=lambda item: (-len(item[1]), item[0]))
        words = {name: tr(text) for name, text in _WORDS.items()}
        plans = run.assignment.checks
        data = {
            "rows": self._rows,
            "linked": run.linked,
            "checks": [{"id": plan.id, "points": plan.points} for plan in plans],
            "words": words,
            "outcomes": {letter: tr(OUTCOMES[outcome]) for outcome, letter in _LETTERS.items()},
            "plots": {
                "distribution": marks_plot(marks, words),
                "bugs": bugs_plot(bugs, words),
                "items": items_plot(self._items.all, words),
            },
        }
        return {
            "lang": run.language,
            "title": tr(run.assignment.title),
            "policy": policy([plots, script]),
            "style": _file("style.css") + _file("report.css"),
            "table_style": Markup(table_style()),
            "summary": self._summary(marks),
            "words": words,
            "bugs": [{"rule": rule, "count": len(ids), "ids": ids} for rule, ids in bugs],
            "items": [_item(item, tr) for item in self._items.all],
            "ungraded": self._ungraded,
            "linked": run.linked,
            "families": _families(run),
            "data": Markup(embedded(data)),
            "tables": Markup(base64.b64encode(tables_library()).decode()),
            "plots": Markup(plots),
            "script": Markup(script),
        }

    def _summary(self, marks: list[float]) -> list[str]:
        run, tr, ordered = self._run, self._tr, sorted(marks)
        graded = say(
            "{graded} graded, {lost} not graded · assignment {assignment} · oracle torch {torch} on {device}"
            " · sandbox: {sandbox}",
            graded=sum(row[10] == "graded" for row in self._rows),
            lost=sum(row[10] == "not_graded" for row in self._rows),
            assignment=run.assignment.name,
            torch=run.torch_version,
            device=run.device,
            sandbox=run.sandbox,
        )
        missing = sum(row[10] == "missing" for row in self._rows)
        about = [tr(graded), *([tr(say("{count} on the roster handed in nothing", count=missing))] if missing else [])]
        if not ordered:
            return about
        middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
        mean = sum(ordered) / len(ordered)
        told = say(
            "mean {mean} %, median {median} %, from {lowest} to {highest} %",
            mean=f"{mean:.1f}",
            median=f"{middle:.1f}",
            lowest=f"{ordered[0]:.1f}",
            highest=f"{ordered[-1]:.1f}",
        )
        return [tr(told), *about]


def embedded(data: object) -> str:
    """Write JSON that can stand in a page: nothing in it can end the element that it is in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _name(grade: Grade) -> str:
    return grade.delivery.student.name if grade.delivery else ""


def _late(grade: Grade) -> str:
    if grade.lateness is None:
        return ""
    return "?" if grade.lateness.days is None else str(grade.lateness.days)


def _families(run: Run) -> list[tuple[str, int]]:
    """The families of checks in their order, with how many there are of each in a row."""
    found: list[tuple[str, int]] = []
    for plan in run.assignment.checks:
        family = plan.id.partition(".")[0]
        if found and found[-1][0] == family:
            found[-1] = family, found[-1][1] + 1
        else:
            found.append((family, 1))
    return found


def _item(item: Item, tr: Language) -> dict[str, Any]:
    from harness.checks import CHECKS

    return {
        "id": item.plan.id,
        "claim": tr(CHECKS[item.plan.id].claim),
        "points": points(item.plan.points),
        "count": item.count,
        "difficulty": "" if item.difficulty is None else f"{item.difficulty:.2f}",
        "discrimination": "–" if item.discrimination is None else f"{item.discrimination:.2f}",
        "lost": points(round(item.lost, 2)),
    }


def _file(name: str) -> Markup:
    return Markup(Path(__file__).with_name("templates").joinpath(name).read_text(encoding="utf-8"))


@cache
def _own_script() -> str:
    return str(_file("report.js"))
