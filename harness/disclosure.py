"""What students are told of their grade, as the assignment says.

``full`` is everything. ``no-expected`` leaves out what should have come back, ``hints`` leaves the claim and the name
of the bug, ``marks`` the points alone. A check that is hidden counts in the marks that the instructor keeps, and is in
nothing that is made from a grade that went through here: not its name, its points, nor what it was lost by.
"""

from dataclasses import replace

from harness.model import Assignment, CheckResult, Finding, Grade, Outcome
from harness.words import Text, Words, say

#: For each template that says what should have been, one that does not.
WITHOUT_EXPECTED = {
    "{where} = {got}, but should be {want} (off by {off}, allowed {allowed})": "{where} = {got}, which is wrong",
    "{where} = {got}, but should be {want}": "{where} = {got}, which is wrong",
    "{name} has shape {got}, but should have {want}": "{name} has shape {got}, which is wrong",
    "{name} has shape {got}, but should have {want}, that is ({sizes})": "{name} has shape {got}, which is wrong",
    "{name} has shape {got}, but should have {want}, with the initial state as its {which} row": (
        "{name} has shape {got}, which is wrong"
    ),
    "{name} is {kind}, but should be an array of shape {want}": "{name} is {kind}, and no array of numbers",
}


def disclosed(grade: Grade, assignment: Assignment) -> Grade:
    """Take from a grade what its student is not to be told."""
    hidden = {plan.id for plan in assignment.checks if plan.hidden}
    if hidden:
        grade = _without(grade, hidden)
    match assignment.feedback:
        case "no-expected":
            return replace(grade, checks=tuple(_without_expected(check) for check in grade.checks))
        case "hints":
            checks = tuple(_bare(check) for check in grade.checks)
            findings = tuple(_named_only(finding) for finding in grade.findings)
            return replace(grade, checks=checks, findings=findings, notes=(), printed="")
        case "marks":
            checks = tuple(replace(_bare(check), claim="") for check in grade.checks)
            return replace(grade, checks=checks, findings=(), notes=(), printed="")
    return grade


def _without(grade: Grade, hidden: set[str]) -> Grade:
    """Leave out the checks that are hidden, and all that speaks of them."""
    checks = tuple(_forget(check, hidden) for check in grade.checks if check.id not in hidden)
    findings = []
    for finding in grade.findings:
        costs = tuple(id for id in finding.costs if id not in hidden)
        if costs or not finding.costs:
            findings.append(replace(finding, costs=costs))
    told = {str(check.note) for check in grade.checks if check.id not in hidden}
    secret = {str(check.note) for check in grade.checks if check.id in hidden} - told - {""}
    score = sum(check.earned for check in checks)
    lost = any(check.outcome not in (Outcome.PASSED, Outcome.NOT_APPLICABLE) for check in checks)
    return replace(
        grade,
        checks=checks,
        findings=tuple(findings) if lost else (),
        notes=tuple(note for note in grade.notes if str(note) not in secret),
        score=score,
        follow_through_score=score,
        max_score=sum(check.points for check in checks if check.outcome is not Outcome.NOT_APPLICABLE),
    )


def _forget(check: CheckResult, hidden: set[str]) -> CheckResult:
    """A check that waits for a hidden one was not run, and does not say why."""
    waits = isinstance(check.message, Words) and check.message.fields.get("check") in hidden
    return replace(check, message=say("not run")) if waits else check


def _without_expected(check: CheckResult) -> CheckResult:
    counterexample = None
    if check.counterexample is not None:
        counterexample = {name: value for name, value in check.counterexample.items() if name != "should_be"}
    states = replace(check.states, expected=()) if check.states else None
    return replace(check, message=without_expected(check.message), counterexample=counterexample, states=states)


def without_expected(text: Text) -> Text:
    """Say the same without what should have been."""
    if not isinstance(text, Words):
        return text
    template = WITHOUT_EXPECTED.get(text.template, text.template)
    fields = {
        name: without_expected(value) if isinstance(value, Words) else value for name, value in text.fields.items()
    }
    return Words(template, {name: value for name, value in fields.items() if "{" + name + "}" in template})


def _bare(check: CheckResult) -> CheckResult:
    """The claim and the outcome; why something was not run or does not apply is no hint."""
    kept = check.outcome in (Outcome.NOT_RUN, Outcome.NOT_APPLICABLE)
    return replace(check, message=check.message if kept else "", counterexample=None, note="", states=None)


def _named_only(finding: Finding) -> Finding:
    return replace(finding, place=None, evidence=(), message="", fix=None)
