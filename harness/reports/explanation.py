"""One hand-in in words: what is right, each failure with its reason, and the known bugs; plain text lines.

The terminal, the feedback files and pytest all show these lines, so that a student reads the same everywhere.
"""

from collections.abc import Iterator

from harness.model import CheckResult, Finding, Grade, Outcome

_LOST = (Outcome.FAILED, Outcome.RAISED, Outcome.TIMED_OUT, Outcome.NOT_RUN, Outcome.GRADER_FAULT)


def points(number: float) -> str:
    """Write points as a person would: ``10``, ``2.5``."""
    return f"{number:g}"


def headline(grade: Grade) -> str:
    """The mark in one line."""
    if not grade.graded:
        return f"{grade.id}: not graded"
    mark = f"{grade.id}: {points(grade.score)} of {points(grade.max_score)} points"
    if grade.follow_through_score > grade.score:
        mark += f" ({points(grade.follow_through_score)} if each mistake is charged once)"
    return mark


def explain(grade: Grade) -> Iterator[str]:
    """Yield the lines for one hand-in, the ones that matter first."""
    yield headline(grade)
    if grade.reason:
        yield f"  {grade.reason}"
    for finding in grade.findings:
        yield ""
        yield from explain_finding(finding)
    waiting = []
    for check in grade.checks:
        if check.outcome is Outcome.NOT_RUN:
            waiting.append(check)
        elif check.outcome in _LOST:
            yield ""
            yield from explain_check(check, grade)
    yield from _together(waiting, "NOT_RUN")
    yield from _together([c for c in grade.checks if c.outcome is Outcome.NOT_APPLICABLE], "NOT_APPLICABLE")
    right = [check.id for check in grade.checks if check.outcome is Outcome.PASSED]
    if right:
        yield ""
        yield f"PASSED  {', '.join(right)}"
    for note in grade.notes:
        yield f"note    {note}"


def explain_check(check: CheckResult, grade: Grade) -> Iterator[str]:
    """Yield the lines for one check that was lost."""
    yield f"{check.outcome}  {check.id}    {points(check.earned)} of {points(check.points)} points"
    yield f"  claim     {check.claim}"
    yield f"  yours     {check.message}"
    if check.counterexample and "call" in check.counterexample:
        yield f"  call      {check.counterexample['call']}"
    for finding in grade.findings:
        if check.id in finding.costs:
            yield f"  likely    {finding.rule}: {finding.message}"


def explain_finding(finding: Finding) -> Iterator[str]:
    """Yield the lines for one known bug."""
    where = f" ({finding.place})" if finding.place else ""
    yield f"KNOWN BUG  {finding.rule}{where}"
    yield f"  what      {finding.message}"
    yield f"  evidence  {', '.join(finding.evidence)}"
    if finding.costs:
        yield f"  costs     {', '.join(finding.costs)}"
    if finding.fix:
        old, _, new = finding.fix.partition("\n")
        proved = "   (tried: it works)" if "fix" in finding.evidence else ""
        yield f"  fix       {old}"
        yield f"            {new}{proved}"


def _together(checks: list[CheckResult], word: str) -> Iterator[str]:
    """Group checks that share a reason, so that it is read once."""
    by_reason: dict[str, list[str]] = {}
    for check in checks:
        by_reason.setdefault(check.message, []).append(check.id)
    if checks:
        yield ""
    for reason, ids in by_reason.items():
        yield f"{word}  {', '.join(ids)}"
        yield f"  {reason}"
