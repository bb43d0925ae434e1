"""One run of the grader, from what was asked for to the last word: look, grade, report, tell."""

import gc
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from harness import adjustments, intake, lateness, sandbox
from harness import run as runs
from harness.commands import EXIT_BELOW, EXIT_NOT_GRADED
from harness.errors import InputError
from harness.gradebook import Gradebook
from harness.grading import nothing_handed_in
from harness.intake import roster
from harness.intake.roster import Roll
from harness.language import language
from harness.marks import Tally
from harness.model import Adjustment, Assignment
from harness.options import Options
from harness.reports import Reports, chosen, terminal
from harness.words import Text, say

if TYPE_CHECKING:
    from harness.cluster import Cluster


def grade(options: Options) -> int:
    """Grade, report, and return the exit code.

    Raises
    ------
    InputError, GraderFault
    """
    if options.scheduler and options.jobs:
        raise InputError("--jobs is for this machine; with --scheduler each worker runs as many as it has threads")
    assignment = _assignment(options)
    roll = _called(options, assignment)
    _writable(options.out)
    console, tr = terminal.make_console(), language(options.lang)
    set_by_hand = adjustments.read(options.out, assignment)

    def tell(what: Text) -> None:
        console.print(tr(what), soft_wrap=True)

    for what in roll.told:
        tell(what)
    tally = Tally(assignment)
    paths = _grade_all(options, roll, set_by_hand, tally, _Screen(console, tell))
    for what in _last_words(options, roll, set_by_hand, tally):
        tell(what)
    console.print(tr(say("written: {files}", files=", ".join(map(str, paths)))), style="dim", soft_wrap=True)
    if not tally.all_graded:
        return EXIT_NOT_GRADED
    return EXIT_BELOW if options.fail_under is not None and tally.lowest < options.fail_under else 0


@dataclass(frozen=True)
class _Screen:
    console: Console
    tell: Callable[[Text], None]


def _grade_all(
    options: Options, roll: Roll, set_by_hand: list[Adjustment], tally: Tally, screen: _Screen
) -> list[Path]:
    """Grade and report everything; what was written is returned."""

    def waiting() -> None:
        screen.tell(say("another run is writing to {folder}; waiting for it to end", folder=options.out))

    with ExitStack() as stack:
        book = stack.enter_context(Gradebook(options.out, waiting))
        cluster = stack.enter_context(_cluster(options.scheduler, screen.tell)) if options.scheduler else None
        layers = (cluster or sandbox).choose_layers(options.sandbox)
        setting = runs.prepare(tally.assignment, device=options.device, layers=layers, language=options.lang)
        run = replace(setting.run, read=roll.read, changed=book.changed, into=options.into, column=options.column)
        total = len(roll.hand_ins) + len(roll.missing)
        gc.freeze()  # what is loaded by now stays: the collector need not go through it again and again
        gc.set_threshold(50_000)
        beside = () if cluster else stack.enter_context(runs.graders_beside(setting, options.jobs, len(roll.hand_ins)))
        reports = Reports(run, options.out, chosen(options.reports, run, total))
        shown = terminal.Shown(run, screen.console, total)
        readings = [one.read for one in roll.hand_ins]
        graded = runs.grade(
            readings, setting, jobs=options.jobs, beside=beside, cluster=cluster, book=book, fresh=options.fresh
        )
        with (
            closing(graded),
            reports,
            book.reporting(run.assignment) as people,
            terminal.progressing(screen.console, total, language(options.lang)) as progress,
        ):
            delivered = map(lateness.delivered, graded, [one.delivery for one in roll.hand_ins], repeat(run.assignment))
            for automatic in chain(delivered, (nothing_handed_in(one, run.assignment) for one in roll.missing)):
                if automatic.id in book.regraded:
                    tally.compare(automatic, book.changed(automatic.id))
                grade = adjustments.adjusted(automatic, set_by_hand)
                for take in (reports.write, people, shown.add, tally.add, progress.step):
                    take(grade)
    shown.show()
    return [*reports.paths, book.path]


def _last_words(options: Options, roll: Roll, set_by_hand: list[Adjustment], tally: Tally) -> Iterator[Text]:
    if tally.changed:
        yield say(
            "{count} marks are not what they were: {up} gained, {down} lost; --reports regrade says why",
            count=tally.changed,
            up=tally.gained,
            down=tally.changed - tally.gained,
        )
    if strangers := adjustments.strangers(set_by_hand, roll.ids):
        path, ids = options.out / adjustments.NAME, ", ".join(strangers)
        yield say("{path} speaks of {ids}, which are not among these", path=path, ids=ids)


def watch(options: Options) -> int:
    """Grade again whenever something is saved, until interrupted.

    Raises
    ------
    InputError, GraderFault
    """
    from harness.watching import Watch

    assignment = _assignment(options)
    layers = sandbox.choose_layers(options.sandbox)
    setting = runs.prepare(assignment, device=options.device, layers=layers, language=options.lang)
    Watch(setting, lambda: _called(options, assignment).hand_ins, options.jobs).until_interrupted(options.paths)
    return 0


def _assignment(options: Options) -> Assignment:
    assignment = runs.choose_assignment(options.assignment, options.only)
    return replace(assignment, feedback=options.feedback) if options.feedback else assignment


def _called(options: Options, assignment: Assignment) -> Roll:
    """Find the hand-ins, and whose they are."""
    found = intake.look(options.paths, options.layout, runs.words_of(assignment))
    return roster.call(found, roster.read(options.roster) if options.roster else [])


def _cluster(address: str, tell: Callable[[Text], None]) -> "Cluster":
    try:
        from harness.cluster import Cluster
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("distributed", "dask"):
            raise InputError("--scheduler needs Dask; install it with: pip install -e '.[cluster]'") from None
        raise
    return Cluster(address, tell)


def _writable(folder: Path) -> None:
    """Find out before the work, not after it, whether results can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(f"{folder} can't be written: {error.strerror or error}; choose another with --out") from None
