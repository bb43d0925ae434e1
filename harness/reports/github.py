"""``github-summary.md``: a run as GitHub Actions shows it.

In Actions the summary is added to that of the job, and each finding is printed as an annotation on its line. What
students are not to be told is left out.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.disclosure import disclosed
from harness.language import Language, language
from harness.model import Grade, Outcome, Run
from harness.reports.explanation import OUTCOMES, headline, points
from harness.reports.markdown import fenced
from harness.reports.streams import Write, whole
from harness.words import say

KIND, NAME = "github", "github-summary.md"
#: What Actions shows of a step's summary.
_MOST_BYTES = 1 << 20


@contextmanager
def writing(run: Run, folder: Path) -> Iterator[Write]:
    """Write the summary, and tell Actions where this is one of its jobs."""
    tr = language(run.language)
    in_actions = os.environ.get("GITHUB_ACTIONS") == "true"
    with whole(folder / NAME) as file:
        file.write(f"# {_cell(tr(run.assignment.title))}\n")

        def write(grade: Grade) -> None:
            told = disclosed(grade, run.assignment)
            file.write("\n".join(["", *_section(told, tr), ""]))
            if in_actions:
                print("\n".join(annotations(told, tr)), flush=True)

        yield write
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if in_actions and summary:
        written = (folder / NAME).read_bytes()[:_MOST_BYTES].decode(errors="ignore")
        with Path(summary).open("a", encoding="utf-8") as job:
            job.write(written)


def _section(grade: Grade, tr: Language) -> Iterator[str]:
    yield f"## {_cell(headline(grade, tr))}"
    if grade.reason:
        yield f"\n{_cell(tr(grade.reason))}"
    for finding in grade.findings:
        where = f" ({tr(finding.place)})" if finding.place else ""
        yield f"\n- **{finding.rule}**{where}: {_cell(tr(finding.message))}"
        if finding.fix:
            yield f"\n{fenced(finding.fix, 'diff')}"
    yield f"\n| {tr(say('check'))} | | {tr(say('points'))} | {tr(say('why'))} |\n|---|---|---|---|"
    for check in grade.checks:
        if check.outcome is not Outcome.NOT_APPLICABLE:
            got = f"{points(check.earned)}/{points(check.points)}"
            yield f"| {check.id} | {tr(OUTCOMES[check.outcome])} | {got} | {_cell(tr(check.message))} |"


def annotations(grade: Grade, tr: Language) -> Iterator[str]:
    """Yield Actions' commands: an error on the line of each finding, or on the file where there is none."""
    for finding in grade.findings:
        line = f",line={finding.place.line}" if finding.place and finding.place.cell is None else ""
        title, message = _property(finding.rule), _data(tr(finding.message) or finding.rule)
        yield f"::error file={_property(grade.path)}{line},title={title}::{message}"
    if not grade.findings:
        for check in grade.checks:
            if check.outcome in (Outcome.FAILED, Outcome.RAISED, Outcome.TIMED_OUT):
                message = _data(f"{tr(check.claim)}: {tr(check.message)}")
                yield f"::error file={_property(grade.path)},title={_property(check.id)}::{message}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _cell(text: str) -> str:
    """Text in Markdown that is nothing but text, in one line."""
    return re.sub(r"([\\`*_{}\[\]<>#|!~$@&])", r"\\\1", text.replace("\n", " "))
