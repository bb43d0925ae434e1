"""What a person sees on the screen: a table for a class, a full explanation for a single hand-in."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from harness.disclosure import disclosed
from harness.language import Language, language
from harness.marks import mark_of, percent_of
from harness.model import Grade, Outcome, Run
from harness.reports.explanation import OUTCOMES, explain, points
from harness.words import say

_MARKS = {
    Outcome.PASSED: Text("✓", "green"),
    Outcome.FAILED: Text("✗", "bold red"),
    Outcome.RAISED: Text("!", "bold red"),
    Outcome.TIMED_OUT: Text("⧖", "bold red"),
    Outcome.NOT_RUN: Text("·", "yellow"),
    Outcome.NOT_APPLICABLE: Text("-", "dim"),
    Outcome.GRADER_FAULT: Text("?", "bold magenta"),
}
_LEGEND = say("✓ passed  ✗ failed  ! raised  ⧖ timed out  · not run  - does not apply")


#: How wide to write where there is no terminal to ask, as in a CI log.
_LOG_WIDTH = 120


def make_console() -> Console:
    """Make the console of a run: as wide as the terminal, or as a log line."""
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _LOG_WIDTH
    return console


class Progressing:
    """Tells a progress display that one more is done."""

    def __init__(self, console: Console, progress: Progress | None, total: int, tr: Language) -> None:
        self._tr = tr
        self._console, self._progress, self._total, self._done = console, progress, total, 0
        self._task = progress.add_task(tr(say("grading")), total=total) if progress else None

    def step(self, grade: Grade) -> None:
        """Count one hand-in; without a terminal, print a plain line for each tenth of them."""
        self._done += 1
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task)
        elif self._done == self._total or self._done % max(1, self._total // 10) == 0:
            self._console.print(self._tr(say("graded {done} of {total}", done=self._done, total=self._total)))


@contextmanager
def progressing(console: Console, total: int, tr: Language = str) -> Iterator[Progressing]:
    """Show a progress bar on a terminal, plain lines elsewhere."""
    if not console.is_terminal or total < 2:
        yield Progressing(console, None, total, tr)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield Progressing(console, progress, total, tr)


def show(run: Run, console: Console) -> None:
    """Show a run: one hand-in in full, several as a table."""
    if len(run.grades) == 1:
        for line in explain(disclosed(run.grades[0], run.assignment), language(run.language)):
            console.print(Text(line, _style(line, run)), soft_wrap=True)
    else:
        console.print(_table(run))
        _show_bugs(run, console)
    graded = [grade for grade in run.grades if grade.graded]
    last = say(
        "{graded} graded, {lost} not graded · assignment {assignment} · oracle torch {torch} on {device}"
        " · sandbox: {sandbox}",
        graded=len(graded),
        lost=len(run.grades) - len(graded),
        assignment=run.assignment.name,
        torch=run.torch_version,
        device=run.device,
        sandbox=run.sandbox,
    )
    console.print(language(run.language)(last), style="dim", highlight=False)


def _table(run: Run) -> Table:
    families = list(dict.fromkeys(check.id.partition(".")[0] for check in run.assignment.checks))
    tr = language(run.language)
    table = Table(title=Text(tr(run.assignment.title)), box=None, header_style="bold", title_justify="left")
    table.add_column(tr(say("hand-in")), no_wrap=True, max_width=32)
    table.add_column(tr(say("score")), justify="right", no_wrap=True)
    table.add_column("%", justify="right", no_wrap=True)
    table.add_column(tr(say("checks")), no_wrap=True)
    table.add_column(tr(say("why")), overflow="fold", ratio=1)
    for grade in run.grades:
        percent = percent_of(grade, run.assignment)
        mark = points(mark_of(grade, run.assignment))
        score = f"{mark}/{points(grade.max_score)}" if grade.graded else "-"
        marks = Text(" ").join(_marks(grade, family) for family in families)
        shown = "-" if percent is None else f"{percent:.0f}"
        table.add_row(Text(grade.id), score, shown, marks, Text(_why(grade, tr)))
    groups = say("checks, in groups: {families}. {legend}", families=", ".join(families), legend=_LEGEND)
    table.caption = Text(tr(groups), justify="left")
    return table


def _marks(grade: Grade, family: str) -> Text:
    return Text.assemble(*(_MARKS[check.outcome] for check in grade.checks if check.id.startswith(family + ".")))


def _why(grade: Grade, tr: Language) -> str:
    """The shortest true reason: the known bugs, the state of the hand-in, or the first check that was lost."""
    if grade.findings:
        return ", ".join(f"{f.rule} ({tr(f.place)})" if f.place else f.rule for f in grade.findings)
    if grade.reason:
        return tr(grade.reason)
    lost = next((c for c in grade.checks if c.outcome in (Outcome.FAILED, Outcome.RAISED, Outcome.TIMED_OUT)), None)
    return f"{lost.id}: {tr(lost.message)}" if lost else ""


def _show_bugs(run: Run, console: Console) -> None:
    counts = Counter(rule for grade in run.grades for rule in {finding.rule for finding in grade.findings})
    if counts:
        tr = language(run.language)
        told = ", ".join(tr(say("{rule} in {count}", rule=rule, count=count)) for rule, count in counts.most_common())
        console.print(tr(say("known bugs: {told}", told=told)), highlight=False)


def _style(line: str, run: Run) -> str:
    tr = language(run.language)
    if line.startswith(tr(say("KNOWN BUG"))):
        return "bold yellow"
    return "bold red" if line.startswith(tuple(tr(OUTCOMES[outcome]) for outcome in _BAD)) else ""


_BAD = (Outcome.FAILED, Outcome.RAISED, Outcome.TIMED_OUT)
