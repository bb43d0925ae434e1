"""``feedback/<id>.html``: what a student is given, one page each, with the guilty line in their own code.

The page opens from a file, needs nothing from elsewhere, and can run no script.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from harness.disclosure import disclosed
from harness.language import Language, language
from harness.model import CheckResult, Finding, Grade, Listing, Outcome, Place, Run
from harness.reports.explanation import (
    EVIDENCE,
    OUTCOMES,
    about,
    headline,
    is_short,
    is_short_call,
    points,
    rule_at,
    together,
)
from harness.reports.picture import picture
from harness.reports.rendering import Markup, escape, policy, prepare, template
from harness.reports.streams import Write, put
from harness.words import say

KIND, NAME = "pages", "feedback"
_WRONG = (Outcome.FAILED, Outcome.RAISED, Outcome.TIMED_OUT, Outcome.GRADER_FAULT)
_WORDS = {
    "known_bug": say("known bug"),
    "fix": say("This was changed, run, and found to work:"),
    "evidence": say("evidence"),
    "costs": say("costs"),
    "wrong": say("What is wrong"),
    "right": say("What is right"),
    "waiting": say("What was not run"),
    "notes": say("Notes"),
    "code": say("Your code"),
    "printed": say("What it printed while it was loaded, at the beginning:"),
    "picture": say(
        "Hidden states over time: each column is a timestep, each row a unit; the first wrong timestep is framed."
    ),
}


@contextmanager
def writing(run: Run, folder: Path) -> Iterator[Write]:
    """Write a page for each submission. What students are not to be told is left out."""
    target = folder / NAME
    target.mkdir(exist_ok=True)
    prepare("feedback.html")

    def write(grade: Grade) -> None:
        if not grade.missing:
            put(target / f"{grade.id}.html", page(grade, run).encode())

    yield write


def page(grade: Grade, run: Run) -> str:
    """Make the page of a student."""
    return template("feedback.html").render(content(disclosed(grade, run.assignment), run))


def table(grade: Grade, run: Run) -> str:
    """Make of a grade what a notebook shows under a cell: the same without the head of a page and without the code."""
    shown = content(replace(grade, listings=()), run)
    return template("checked.html").render({**shown, "checks": _outcomes(grade, language(run.language))})


def _outcomes(grade: Grade, tr: Language) -> list[dict[str, str]]:
    return [
        {
            "id": check.id,
            "claim": tr(check.claim),
            "outcome": tr(OUTCOMES[check.outcome]),
            "colour": {Outcome.PASSED: "right", Outcome.NOT_RUN: "dim", Outcome.NOT_APPLICABLE: "dim"}.get(
                check.outcome, "wrong"
            ),
        }
        for check in grade.checks
    ]


def content(grade: Grade, run: Run) -> dict[str, Any]:
    """Put together what is told of a grade that is disclosed already."""
    tr = language(run.language)
    lost = [check for check in grade.checks if check.outcome in _WRONG]
    drawn = next((check.id for check in lost if check.states), None)
    told_at = _told_at(grade.findings, tr)
    return {
        "lang": run.language,
        "policy": policy(),
        "style": _style(),
        "title": tr(run.assignment.title),
        "words": _words(run.language),
        "grade": grade,
        "headline": headline(grade, tr),
        "about": list(about(grade, tr)),
        "findings": [_finding(one, tr) for one in grade.findings],
        "lost": [_check(check, grade, tr, draw=check.id == drawn) for check in lost],
        "waiting": list(together([check for check in grade.checks if check.outcome is Outcome.NOT_RUN], tr)),
        "passed": [
            {"id": check.id, "claim": tr(check.claim)} for check in grade.checks if check.outcome is Outcome.PASSED
        ],
        "notes": [tr(note) for note in grade.notes],
        "listings": [_listing(one, told_at, tr) for one in grade.listings],
        "printed": grade.printed,
    }


def escaped(text: str) -> str:
    """Make a text harmless in HTML."""
    return str(escape(text))


@cache
def _words(code: str) -> dict[str, str]:
    tr = language(code)
    return {name: tr(text) for name, text in _WORDS.items()}


@cache
def _style() -> Markup:
    return Markup(Path(__file__).with_name("templates").joinpath("style.css").read_text(encoding="utf-8"))


def _finding(finding: Finding, tr: Language) -> dict[str, Any]:
    tags = {"+": "ins", "-": "del"}
    return {
        "rule": finding.rule,
        "place": tr(finding.place) if finding.place else None,
        "anchor": _anchor(finding.place) if finding.place else None,
        "message": tr(finding.message),
        "diff": [(tags.get(line[:1], "span"), line) for line in (finding.fix or "").split("\n") if line],
        "evidence": [tr(EVIDENCE[one]) for one in finding.evidence],
        "costs": finding.costs,
    }


def _check(check: CheckResult, grade: Grade, tr: Language, *, draw: bool) -> dict[str, Any]:
    shown = check.counterexample or {}
    code = [(tr(say("call")), shown["call"])] if is_short_call(shown) else []
    for label, key in ((say("returned"), "yours"), (say("should be"), "should_be")):
        if is_short(shown.get(key)):
            code.append((tr(label), str(shown[key])))
    told = [(tr(say("yours")), tr(check.message))] if check.message else []
    for finding in grade.findings:
        if check.id in finding.costs:
            told.append((tr(say("likely")), rule_at(finding, tr)))
    return {
        "id": check.id,
        "claim": tr(check.claim),
        "outcome": tr(OUTCOMES[check.outcome]),
        "points": tr(say("{got} of {most} points", got=points(check.earned), most=points(check.points))),
        "told": told,
        "code": code,
        "picture": Markup(picture(check.states, tr)) if draw and check.states else None,
    }


def _told_at(findings: tuple[Finding, ...], tr: Language) -> dict[Place, list[str]]:
    told: dict[Place, list[str]] = {}
    for one in findings:
        if one.place:
            told.setdefault(one.place, []).append(f"{one.rule}: {tr(one.message)}" if one.message else one.rule)
    return told


def _listing(listing: Listing, told_at: dict[Place, list[str]], tr: Language) -> dict[str, Any]:
    """The rows of a listing, each line with what is told of it below; escaped as a whole, for there are many lines."""
    rows = []
    for number, text in enumerate(str(escape(listing.text.rstrip("\n"))).split("\n"), listing.first_line):
        place = Place(number, listing.cell)
        told = told_at.get(place, ())
        guilty = ' class="guilty"' if told else ""
        rows.append(f'<tr{guilty} id="{_anchor(place)}"><td class="no">{number}</td><td>{text}</td></tr>')
        rows += [f'<tr class="told"><td></td><td>↑ {escape(one)}</td></tr>' for one in told]
    cell = tr(say("cell {cell}", cell=listing.cell)) if listing.cell else None
    return {"cell": cell, "rows": Markup("\n".join(rows))}


def _anchor(place: Place) -> str:
    return f"line-{place.line}" if place.cell is None else f"cell-{place.cell}-line-{place.line}"
