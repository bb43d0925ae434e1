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
from harness.marks import mark_of, percent_of, standing
from harness.model import Grade, Outcome, Run
from harness.reports.explanation import OUTCOMES, explain, points, rule_at, why_not_full
from harness.words import say

_MARKS = {
    Outcome.PASSED: Text("✓", "green"),
    Outcome.FAILED: Text("✗", "bold red"),
    Outcome.RAISED: Text("!", "bold red"),
    Outcome.TIMED_OUT: Text("…", "bold red"),
    Outcome.NOT_RUN: Text("·", "yellow"),
    Outcome.NOT_APPLICABLE: Text("-", "dim"),
    Outcome.GRADER_FAULT: Text("?", "bold magenta"),
}
_LEGEND = say("✓ passed  ✗ failed  ! raised  … timed out  · not run  - does not apply")


#: A longer table is for a spreadsheet.
_MOST_ROWS = 500

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


class Shown:
    """What is shown of a run at its end: one hand-in in full, several as a table.

    Parameters
    ----------
    total : how many hand-ins there are
    """

    def __init__(self, run: Run, console: Console, total: int) -> None:
        self._run, self._console, self._total = run, console, total
        self._tr = language(run.language)
        self._families = list(dict.fromkeys(check.id.partition(".")[0] for check in run.assignment.checks))
        self._table = self._empty_table()
        self._bugs: Counter[str] = Counter()
        self._standing: Counter[str] = Counter()
        self._only: Grade | None = None

    def add(self, grade: Grade) -> None:
        """Take the next grade."""
        self._standing[standing(grade)] += 1
        self._bugs.update({finding.rule for finding in grade.findings})
        if self._total == 1:
            self._only = grade
        elif self._table.row_count < _MOST_ROWS:
            self._table.add_row(*self._row(grade))

    def show(self) -> None:
        """Show it."""
        run, tr = self._run, self._tr
        if self._only is not None:
            for line in explain(disclosed(self._only, run.assignment), tr):
                self._console.print(Text(line, _style(line, run)), soft_wrap=True)
        else:
            self._console.print(self._table)
            if self._total > _MOST_ROWS:
                more = say("... and {count} more, which are in gradebook.csv", count=self._total - _MOST_ROWS)
                self._console.print(tr(more))
            self._show_bugs()
        last = say(
            "{graded} graded, {lost} not graded · assignment {assignment} · oracle torch {torch} on {device}"
            " · sandbox: {sandbox}",
            graded=self._standing["graded"],
            lost=self._standing["not_graded"],
            assignment=run.assignment.name,
            torch=run.torch_version,
            device=run.device,
            sandbox=run.sandbox,
        )
        self._console.print(tr(last), style="dim", highlight=False)

    def _empty_table(self) -> Table:
        tr = self._tr
        table = Table(title=Text(tr(self._run.assignment.title)), box=None, header_style="bold", title_justify="left")
        table.add_column(tr(say("hand-in")), no_wrap=True, max_width=32)
        table.add_column(tr(say("score")), justify="right", no_wrap=True)
        table.add_column("%", justify="right", no_wrap=True)
        table.add_column(tr(say("checks")), no_wrap=True)
        table.add_column(tr(say("why")), overflow="fold", ratio=1)
        groups = say("checks, in groups: {families}. {legend}", families=", ".join(self._families), legend=_LEGEND)
        table.caption = Text(tr(groups), justify="left")
        return table

    def _row(self, grade: Grade) -> tuple[str | Text, ...]:
        is_graded = standing(grade) == "graded"
        percent = percent_of(grade, self._run.assignment) if is_graded else None
        mark = points(mark_of(grade, self._run.assignment))
        score = f"{mark}/{points(grade.max_score)}" if is_graded else "-"
        marks = Text(" ").join(_marks(grade, family) for family in self._families)
        shown = "-" if percent is None else f"{percent:.0f}"
        return Text(grade.id), score, shown, marks, Text(_why(grade, self._tr))

    def _show_bugs(self) -> None:
        if self._bugs:
            tr = self._tr
            counts = self._bugs.most_common()
            told = ", ".join(tr(say("{rule} in {count}", rule=rule, count=count)) for rule, count in counts)
            self._console.print(tr(say("known bugs: {told}", told=told)), highlight=False)


def _marks(grade: Grade, family: str) -> Text:
    return Text.assemble(*(_MARKS[check.outcome] for check in grade.checks if check.id.startswith(family + ".")))


def _why(grade: Grade, tr: Language) -> str:
    """The shortest true reason: the known bugs, the state of the hand-in, or the first check that was lost."""
    if grade.findings:
        return ", ".join(rule_at(finding, tr) for finding in grade.findings)
    return why_not_full(grade, tr)


def _style(line: str, run: Run) -> str:
    tr = language(run.language)
    if line.startswith(tr(say("KNOWN BUG"))):
        return "bold yellow"
    return "bold red" if line.startswith(tuple(tr(OUTCOMES[outcome]) for outcome in _BAD)) else ""


_BAD = (Outcome.FAILED, Outcome.RAISED, Outcome.TIMED_OUT)
