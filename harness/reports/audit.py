"""What the audit found, in words: right styles, known bugs with the checks that catch them, pairs, and a verdict."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.audit.trial import Report


def told(report: "Report") -> Iterator[str]:
    """Yield the lines."""
    yield f"audit of {report.assignment.name}: {report.cases} cases, on which the reference and {report.oracle} agree"
    yield (
        f"reference against decimal arithmetic: {report.decimal_problems} problems,"
        f" at most {report.decimal_share:.1e} of the bound away"
    )
    yield ""
    yield from _styles(report)
    yield ""
    yield from _bugs(report)
    if report.pairs:
        yield ""
        yield from _pairs(report)
    yield ""
    complaints = list(report.complaints())
    yield from (f"  {complaint}" for complaint in complaints[:50])
    yield f"verdict: {len(complaints)} complaints" if complaints else "verdict: it may be given to a class"


def _styles(report: "Report") -> Iterator[str]:
    yield "right styles, the largest share of the bound that each used (of 1), and checks that it lost"
    names = dict.fromkeys(style.name for style in report.styles)
    for name in names:
        both = [style for style in report.styles if style.name == name]
        shares = ", ".join(f"{style.precision} {style.largest_share:.2f}" for style in both)
        lost = sorted({id for style in both for id in style.failed})
        yield f"  {name:26} {shares}  of {both[0].problems} problems  {', '.join(lost) or 'none lost'}"


def _bugs(report: "Report") -> Iterator[str]:
    ids = [plan.id for plan in report.assignment.checks]
    yield "known bugs: bounds away from right, and the checks that catch each"
    for number, id in enumerate(ids):
        yield f"  {_letter(number)}  {id}"
    yield ""
    for bug in report.bugs:
        name = bug.names[0] + (f" ({bug.details})" if bug.details else "")
        marks = "".join(_letter(number) if id in bug.caught_by else "·" for number, id in enumerate(ids))
        away = "another kind" if bug.from_right == float("inf") else f"{bug.from_right:.0e}"
        right = "" if bug.named == bug.names else f"  diagnosed as {' and '.join(bug.named) or 'nothing'}"
        right = f"  {bug.excuse}" if bug.excuse else right
        yield f"  {name:44} {away:>13}  {marks}{right}"


def _letter(number: int) -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[number]


def _pairs(report: "Report") -> Iterator[str]:
    shares, count = report.shares(), len(report.pairs)
    yield f"two bugs at once: {count} pairs ({report.masked_pairs} more, where one hides the other, are one bug)"
    for verdict, words in _VERDICTS.items():
        yield f"  {words}: {shares[verdict]} ({100 * shares[verdict] / count:.1f} %)"


_VERDICTS = {
    "in full": "both named",
    "in part": "one of them named",
    "not named": "failed, and not named",
    "wrongly": "another bug named",
}
