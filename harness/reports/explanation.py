"""One hand-in in words: what is right, each failure with its reason, and the known bugs; plain text lines.

The terminal, the feedback files and pytest all show these lines, so that a student reads the same everywhere.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.cells import cell_len

from harness.language import Language
from harness.model import CheckResult, Finding, Grade, Outcome
from harness.words import Text, say

_LOST = (Outcome.FAILED, Outcome.RAISED, Outcome.TIMED_OUT, Outcome.NOT_RUN, Outcome.GRADER_FAULT)
OUTCOMES = {
    Outcome.PASSED: say("PASSED"),
    Outcome.FAILED: say("FAILED"),
    Outcome.RAISED: say("RAISED"),
    Outcome.TIMED_OUT: say("TIMED_OUT"),
    Outcome.NOT_RUN: say("NOT_RUN"),
    Outcome.NOT_APPLICABLE: say("NOT_APPLICABLE"),
    Outcome.GRADER_FAULT: say("GRADER_FAULT"),
}
_CLUE = say("clue (the pattern is in the source)")
_TWIN = say("twin (what came back equals, number for number, what this bug gives)")
_FIX = say("fix (the mended code was run, and the checks pass)")
EVIDENCE = {"clue": _CLUE, "twin": _TWIN, "fix": _FIX}


def points(number: float) -> str:
    """Write points as a person would: ``10``, ``2.5``."""
    return f"{number:g}"


def headline(grade: Grade, tr: Language = str) -> str:
    """The mark in one line."""
    if not grade.graded:
        return tr(say("{id}: not graded", id=grade.id))
    got, most = points(grade.score), points(grade.max_score)
    if grade.follow_through_score > grade.score:
        charged = points(grade.follow_through_score)
        return tr(
            say(
                "{id}: {got} of {most} points ({charged} if each mistake is charged once)",
                id=grade.id,
                got=got,
                most=most,
                charged=charged,
            )
        )
    return tr(say("{id}: {got} of {most} points", id=grade.id, got=got, most=most))


def explain(grade: Grade, tr: Language = str) -> Iterator[str]:
    """Yield the lines for one hand-in, the ones that matter first."""
    yield headline(grade, tr)
    for line in about(grade, tr):
        yield f"  {line}"
    for finding in grade.findings:
        yield ""
        yield from explain_finding(finding, tr)
    waiting = []
    for check in grade.checks:
        if check.outcome is Outcome.NOT_RUN:
            waiting.append(check)
        elif check.outcome in _LOST:
            yield ""
            yield from explain_check(check, grade, tr)
    yield from _together(waiting, Outcome.NOT_RUN, tr)
    does_not_apply = [check for check in grade.checks if check.outcome is Outcome.NOT_APPLICABLE]
    yield from _together(does_not_apply, Outcome.NOT_APPLICABLE, tr)
    right = [check.id for check in grade.checks if check.outcome is Outcome.PASSED]
    if right:
        yield ""
        yield f"{tr(OUTCOMES[Outcome.PASSED])}  {', '.join(right)}"
    for note in grade.notes:
        yield _line(say("note"), note, tr).removeprefix("  ")


def about(grade: Grade, tr: Language = str) -> Iterator[str]:
    """Yield what is to be said of a hand-in as a whole: its state, what a person set, how it came."""
    if grade.reason:
        yield tr(grade.reason)
    for one in grade.adjustments:
        set_by = say(
            "{check}: {points} points, set by {who}: {reason}",
            check=one.check,
            points=points(one.points),
            who=one.who,
            reason=one.reason,
        )
        yield tr(set_by)
    late = grade.lateness
    if late and late.days is not None and late.points is not None:
        yield tr(
            say(
                "late: day {days}; the rule takes {points} points, which are not taken off here",
                days=late.days,
                points=points(round(late.points, 2)),
            )
        )
    elif late:
        yield tr(say("late; by how much is not known"))
    if grade.delivery and grade.delivery.set_aside:
        others = ", ".join(grade.delivery.set_aside)
        yield tr(say("{path} is what counts; set aside: {others}", path=grade.path, others=others))


def explain_check(check: CheckResult, grade: Grade, tr: Language = str) -> Iterator[str]:
    """Yield the lines for one check that was lost."""
    got = tr(say("{got} of {most} points", got=points(check.earned), most=points(check.points)))
    yield f"{tr(OUTCOMES[check.outcome])}  {check.id}    {got}"
    if check.claim:
        yield _line(say("claim"), check.claim, tr)
    if check.message:
        yield _line(say("yours"), check.message, tr)
    shown = check.counterexample or {}
    if is_short_call(shown):
        yield _line(say("call"), shown["call"], str, label=tr)
    if is_short(shown.get("yours")):
        yield _line(say("returned"), shown["yours"], str, label=tr)
        if "should_be" in shown:
            yield _line(say("expected"), shown["should_be"], str, label=tr)
    for finding in grade.findings:
        if check.id in finding.costs:
            yield _line(say("likely"), rule_at(finding, tr), str, label=tr)


def rule_at(finding: Finding, tr: Language = str) -> str:
    """Name a finding and where it is: ``wh-shape (line 12)``."""
    return f"{finding.rule} ({tr(finding.place)})" if finding.place else finding.rule


def name_of(finding: Finding) -> str:
    """Name a finding as a test that fails: ``known-bug.wh-shape@line12``."""
    place = f"@{finding.place}".replace(" ", "") if finding.place else ""
    return f"known-bug.{finding.rule}{place}"


def why_not_full(grade: Grade, tr: Language = str) -> str:
    """Say in short why points are missing where no known bug says it: the hand-in's state, or the first lost check."""
    if grade.reason:
        return tr(grade.reason)
    lost = next((c for c in grade.checks if c.outcome in (Outcome.FAILED, Outcome.RAISED, Outcome.TIMED_OUT)), None)
    return f"{lost.id}: {tr(lost.message)}" if lost else ""


def explain_finding(finding: Finding, tr: Language = str) -> Iterator[str]:
    """Yield the lines for one known bug."""
    yield f"{tr(say('KNOWN BUG'))}  {rule_at(finding, tr)}"
    if finding.message:
        yield _line(say("what"), finding.message, tr)
    for one in finding.evidence:
        yield _line(say("evidence"), EVIDENCE[one], tr)
    if finding.costs:
        yield _line(say("costs"), ", ".join(finding.costs), str, label=tr)
    if finding.fix:
        first, *rest = finding.fix.split("\n")
        yield _line(say("fix"), first, str, label=tr)
        for line in rest:
            yield " " * 12 + line


def _line(label_text: Text, value: object, tr: Language, label: Language | None = None) -> str:
    """A label and what it is about, in columns; Korean letters are two wide."""
    written = (label or tr)(label_text)
    return "  " + written + " " * max(1, 10 - cell_len(written)) + tr(value)


def is_short_call(shown: Mapping[str, Any]) -> bool:
    """Tell whether there is a call that can be pasted."""
    return "call" in shown and "<array" not in shown["call"]


def is_short(value: Any) -> bool:
    """Tell whether a value can be shown as it is."""
    return value is not None and not isinstance(value, str) and len(str(value)) <= 200


def together(checks: Iterable[CheckResult], tr: Language) -> Iterator[tuple[str, list[str]]]:
    """Group checks by the reason that they share."""
    by_reason: dict[str, list[str]] = {}
    for check in checks:
        by_reason.setdefault(tr(check.message), []).append(check.id)
    yield from by_reason.items()


def _together(checks: Iterable[CheckResult], outcome: Outcome, tr: Language) -> Iterator[str]:
    """Group checks that share a reason, so that it is read once."""
    groups = list(together(checks, tr))
    if groups:
        yield ""
    for reason, ids in groups:
        yield f"{tr(OUTCOMES[outcome])}  {', '.join(ids)}"
        if reason:
            yield f"  {reason}"
