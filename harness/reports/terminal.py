"""What a person sees on the screen: a table for a class, a full explanation for a single hand-in."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from harness.model import Grade, Outcome, Run
from harness.reports.explanation import explain, points

_MARKS = {
    Outcome.PASSED: Text("✓", "green"),
    Outcome.FAILED: Text("✗", "bold red"),
    Outcome.RAISED: Text("!", "bold red"),
    Outcome.TIMED_OUT: Text("⧖", "bold red"),
    Outcome.NOT_RUN: Text("·", "yellow"),
    Outcome.NOT_APPLICABLE: Text("-", "dim"),
    Outcome.GRADER_FAULT: Text("?", "bold magenta"),
}
_LEGEND = "✓ passed  ✗ failed  ! raised  ⧖ timed out  · not run  - does not apply"


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

    def __init__(self, console: Console, progress: Progress | None, total: int) -> None:
        self._console, self._progress, self._total, self._done = console, progress, total, 0
        self._task = progress.add_task("grading", total=total) if progress else None

    def step(self, grade: Grade) -> None:
        """Count one hand-in; without a terminal, print a plain line for each tenth of them."""
        self._done += 1
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task)
        elif self._done == self._total or self._done % max(1, self._total // 10) == 0:
            self._console.print(f"graded {self._done} of {self._total}")


@contextmanager
def progressing(console: Console, total: int) -> Iterator[Progressing]:
    """Show a progress bar on a terminal, plain lines elsewhere."""
    if not console.is_terminal or total < 2:
        yield Progressing(console, None, total)
        return
    columns = (TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield Progressing(console, progress, total)


def show(run: Run, console: Console) -> None:
    """Show a run: one hand-in in full, several as a table."""
    if len(run.grades) == 1:
        for line in explain(run.grades[0]):
            console.print(Text(line, _style(line)), soft_wrap=True)
    else:
        console.print(_table(run))
        _show_bugs(run, console)
    graded = [grade for grade in run.grades if grade.graded]
    console.print(
        f"{len(graded)} graded, {len(run.grades) - len(graded)} not graded"
        f" · assignment {run.assignment.name} · oracle torch {run.torch_version} on {run.device}"
        f" · sandbox: {run.sandbox}",
        style="dim",
        highlight=False,
    )


def _table(run: Run) -> Table:
    families = list(dict.fromkeys(check.id.partition(".")[0] for check in run.assignment.checks))
    table = Table(title=Text(run.assignment.title), box=None, header_style="bold", title_justify="left")
    table.add_column("hand-in", no_wrap=True, max_width=32)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("%", justify="right", no_wrap=True)
    table.add_column("checks", no_wrap=True)
    table.add_column("why", overflow="fold", ratio=1)
    for grade in run.grades:
        percent = f"{100 * grade.score / grade.max_score:.0f}" if grade.max_score and grade.graded else "-"
        score = f"{points(grade.score)}/{points(grade.max_score)}" if grade.graded else "-"
        marks = Text(" ").join(_marks(grade, family) for family in families)
        table.add_row(Text(grade.id), score, percent, marks, Text(_why(grade)))
    table.caption = Text(f"checks, in groups: {', '.join(families)}. {_LEGEND}", justify="left")
    return table


def _marks(grade: Grade, family: str) -> Text:
    return Text.assemble(*(_MARKS[check.outcome] for check in grade.checks if check.id.startswith(family + ".")))


def _why(grade: Grade) -> str:
    """The shortest true reason: the known bugs, the state of the hand-in, or the first check that was lost."""
    if grade.findings:
        return ", ".join(f"{f.rule} ({f.place})" if f.place else f.rule for f in grade.findings)
    if grade.reason:
        return grade.reason
    lost = next((c for c in grade.checks if c.outcome in (Outcome.FAILED, Outcome.RAISED, Outcome.TIMED_OUT)), None)
    return f"{lost.id}: {lost.message}" if lost else ""


def _show_bugs(run: Run, console: Console) -> None:
    counts = Counter(rule for grade in run.grades for rule in {finding.rule for finding in grade.findings})
    if counts:
        told = ", ".join(f"{rule} in {count}" for rule, count in counts.most_common())
        console.print(f"known bugs: {told}", highlight=False)


def _style(line: str) -> str:
    first = line.split(" ", maxsplit=1)[0]
    return {"FAILED": "bold red", "RAISED": "bold red", "TIMED_OUT": "bold red", "KNOWN": "bold yellow"}.get(first, "")
