"""The command line: `python grade.py PATH...`."""

import os
import sys
import tempfile
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness import launching
from harness.errors import GraderFault, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from harness.cluster import Cluster
    from harness.intake.roster import Roll
    from harness.marks import Tally
    from harness.model import Adjustment, Assignment
    from harness.words import Text

#: The languages that there are; `harness.language` has them, and is not imported for --help.
CODES = ("en", "ko")
#: The layouts that hand-ins come in, by their files; `harness.intake` is not imported for --help.
LAYOUTS = ("auto", "files", *sorted(path.stem for path in Path(__file__).parent.glob("intake/layouts/[a-z]*.py")))
EXIT_BELOW, EXIT_USAGE, EXIT_NOT_GRADED = 1, 2, 3


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line; each is described by its help."""

    paths: tuple[Path, ...]
    assignment: str
    out: Path
    jobs: int | None
    device: str
    sandbox: str
    only: tuple[str, ...]
    lang: str
    feedback: str | None
    fresh: bool
    scheduler: str | None
    fail_under: float | None
    reports: str | None
    roster: Path | None
    layout: str
    into: Path | None
    column: str | None
    watch: bool


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--assignment", default="notes", show_default=True, help="A built-in assignment, or a .toml file.")
@click.option("--out", default="grades", show_default=True, type=click.Path(path_type=Path), help="Folder for results.")
@click.option("--jobs", type=click.IntRange(1), help="Hand-ins run at a time.  [default: the cores and one]")
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="Where the torch oracle computes.",
)
@click.option(
    "--sandbox",
    type=click.Choice(["auto", "strict", "process"]),
    default="auto",
    show_default=True,
    help="Confinement of hand-ins: what the kernel offers, all of it or nothing, or a bare process.",
)
@click.option("--check", "only", multiple=True, metavar="ID", help="Only this check and those before it; repeatable.")
@click.option("--lang", type=click.Choice(CODES), default="en", show_default=True, help="Language of what is told.")
@click.option(
    "--feedback",
    type=click.Choice(["full", "no-expected", "hints", "marks"]),
    help="What students are told.  [default: what the assignment says]",
)
@click.option("--fresh", is_flag=True, help="Grade everything again, also what is in the gradebook unchanged.")
@click.option("--scheduler", metavar="ADDRESS", help="Grade on a Dask cluster, as in tcp://host:8786.")
@click.option("--watch", is_flag=True, help="Grade again whenever something is saved, and show what changed.")
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="PERCENT", help="Exit 1 if a mark is below.")
@click.option(
    "--reports", metavar="LIST", help="What to write, as in csv,html,junit; or all.  [default: the usual ones]"
)
@click.option(
    "--roster", type=click.Path(path_type=Path), metavar="FILE", help="A CSV of the class: id, name, section, email."
)
@click.option(
    "--layout",
    type=click.Choice(LAYOUTS),
    default="auto",
    show_default=True,
    help="How the hand-ins are laid out: an export of a learning system, folders, or files each for itself.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Put the marks into what Canvas (gradebook) or Moodle (grading worksheet) exported.",
)
@click.option("--column", metavar="TITLE", help="Which column of --into it is, where the title does not say so.")
def main(**options: Any) -> None:
    """Grade hand-ins of a hand-written RNN: files (.py, .ipynb, .md), folders, or what a learning system exports.

    Exports of Canvas, Moodle, Gradescope, nbgrader and GitHub Classroom are known by their layout, zipped or not.

    `grade.py rules` lists the known bugs, `grade.py explain NAME` tells about one, `grade.py audit` tries an
    assignment before a class does, `grade.py handout ASSIGNMENT DIR` writes what students are given, `grade.py
    assignment new FILE.toml` writes an assignment of your own.

    Leaves report.html (of a class), gradebook.csv, feedback/, results.json and gradebook.sqlite in the --out folder.
    What is in the gradebook unchanged is not graded again; marks in its adjustments.csv stand above the automatic ones.

    Exits 0 when all was graded, 1 when a mark is below --fail-under, 2 for bad usage or input, 3 when something was
    not graded.
    """
    try:
        chosen = Options(**options)
        sys.exit(_watch(chosen) if chosen.watch else _grade(chosen))
    except InputError as error:
        click.echo(f"grade.py: {error}", err=True)
        sys.exit(EXIT_USAGE)
    except GraderFault as fault:
        click.echo(f"grade.py: the grader failed, not a hand-in: {fault}", err=True)
        sys.exit(EXIT_NOT_GRADED)


_SETTINGS = {"help_option_names": ["-h", "--help"]}
_language = click.option("--lang", type=click.Choice(CODES), default="en", show_default=True, help="Language.")


@click.command(context_settings=_SETTINGS)
@_language
def rules(lang: str) -> None:
    """List the known bugs, each with the check that it is about."""
    from harness.reports import catalogue

    for line in catalogue.listed(lang):
        click.echo(line)


@click.command(context_settings=_SETTINGS)
@click.argument("name")
@_language
def explain(name: str, lang: str) -> None:
    """Tell what a known bug does, why it is wrong, why it hides, and the smallest input that shows it."""
    from harness.bugs import CATALOGUE
    from harness.reports import catalogue

    if name not in CATALOGUE:
        click.echo(f"grade.py: there is no known bug {name!r}; `grade.py rules` lists them", err=True)
        sys.exit(EXIT_USAGE)
    click.echo("\n".join(catalogue.explained(CATALOGUE[name], lang)))


@click.command(context_settings=_SETTINGS)
@click.option("--assignment", default="notes", show_default=True, help="A built-in assignment, or a .toml file.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--problems", type=click.IntRange(1), default=200, show_default=True, help="Drawn for each entry.")
@click.option("--pairs/--no-pairs", default=True, show_default=True, help="Try every two bugs, too; a minute or two.")
@click.option("--sandbox", is_flag=True, help="Try this machine's confinement instead: every door, from inside.")
def audit(assignment: str, device: str, problems: int, pairs: bool, sandbox: bool) -> None:
    """Try an assignment on every right style and every known bug, before a class does.

    Exits 1 if a bug escapes, a right answer fails, two bugs coincide, or a diagnosis names the wrong one; with
    --sandbox, if a door is open.
    """
    if sandbox:
        sys.exit(_audit_sandbox())
    from harness import run as runs
    from harness.audit.trial import Trial
    from harness.bank import make_bank
    from harness.reports import audit as report

    try:
        chosen = runs.choose_assignment(assignment)
        trial = Trial(chosen, make_bank(chosen, device))
        found = trial.run(problems=problems, pairs=pairs, tell=lambda text: click.echo(f"... {text}", err=True))
    except InputError as error:
        click.echo(f"grade.py: {error}", err=True)
        sys.exit(EXIT_USAGE)
    except GraderFault as fault:
        click.echo(f"grade.py: {fault}", err=True)
        sys.exit(EXIT_BELOW)
    click.echo("\n".join(report.told(found)))
    sys.exit(EXIT_BELOW if any(found.complaints()) else 0)


@click.command(context_settings=_SETTINGS)
@click.argument("assignment")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@_language
@click.option("--gradescope", is_flag=True, help="Also the zip of an autograder for Gradescope.")
@click.option("--classroom", is_flag=True, help="Also the workflow for GitHub Classroom, and the harness beside it.")
def handout(assignment: str, folder: Path, lang: str, gradescope: bool, classroom: bool) -> None:
    """Write what students are given into DIR: a starter as a file and as a notebook, and public checks."""
    from harness import handout as handouts
    from harness import run as runs
    from harness.handout import autograder

    try:
        chosen = runs.choose_assignment(assignment)
        files = {autograder.ZIP: autograder.gradescope(chosen, assignment, lang)} if gradescope else {}
        files |= autograder.classroom(chosen, assignment, lang) if classroom else {}
        written = handouts.write(chosen, folder, lang, files)
    except InputError as error:
        click.echo(f"grade.py: {error}", err=True)
        sys.exit(EXIT_USAGE)
    for path in written:
        if not path.is_relative_to(folder / autograder.BUNDLE):
            click.echo(f"written: {path}")


@click.command(context_settings=_SETTINGS)
@click.argument("what", type=click.Choice(["new"]))
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE.toml")
@click.option("--from", "sample", type=click.Path(path_type=Path), help="A sample solution to read the convention off.")
@click.option("--title", help="What the assignment is called.  [default: the file's name]")
@click.option("--cell", help="The name of the step's function in the sample.")
@click.option("--layer", help="The name of the layer's function in the sample.")
def assignment(
    what: str, path: Path, sample: Path | None, title: str | None, cell: str | None, layer: str | None
) -> None:
    """Write an assignment of your own: `assignment new FILE.toml`.

    Asks the few questions that a convention takes, or reads the answers off a sample solution by trying it. Then
    `grade.py audit --assignment FILE.toml` says whether it tells right from wrong.
    """
    from harness import authoring, questionnaire

    try:
        called = title or path.stem
        draft = authoring.from_sample(sample, called, cell, layer) if sample else questionnaire.asked(called)
        made = authoring.write(draft, path)
        click.echo(f"written: {path}")
        if sample:
            got = authoring.graded(sample, made)
            click.echo(f"{sample} gets {got.score:g} of {got.max_score:g} in it")
            if got.score < got.max_score:
                lost = ", ".join(check.id for check in got.checks if check.points and not check.earned)
                raise InputError(f"{sample} is right and loses {lost}; mend {path}, or the sample")
        click.echo(f"next: python grade.py audit --assignment {path}")
    except InputError as error:
        click.echo(f"grade.py: {error}", err=True)
        sys.exit(EXIT_USAGE)


def _audit_sandbox() -> int:
    from harness import run as runs
    from harness import sandbox
    from harness.audit.doors import try_doors

    layers = sandbox.choose_layers("auto")
    tried = []
    for one in try_doors(runs.choose_assignment("notes"), layers):
        tried.append(one)
        click.echo(f"{'OPEN' if one.is_open else 'shut'}  {one.name}")
    count = sum(one.is_open for one in tried)
    level = sandbox.level(layers)
    click.echo(
        f"{count} of {len(tried)} doors are open at level {level}"
        if count
        else f"all {len(tried)} doors are shut at level {level}"
    )
    return EXIT_BELOW if count else 0


def run() -> None:
    """Run the command that the first argument names; anything else is a path to grade."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the grader's matrices are small, and it will fork
    commands = {
        "rules": rules,
        "explain": explain,
        "audit": audit,
        "handout": handout,
        "assignment": assignment,
    }
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name in commands:
        commands[name](sys.argv[2:], prog_name=f"grade.py {name}")
    main(prog_name="grade.py")


def _grade(options: Options) -> int:
    if options.scheduler is None:
        launching.ahead(options.sandbox)
    # Imported here so that --help and a wrong option answer at once.
    from harness import adjustments
    from harness.language import language
    from harness.marks import Tally
    from harness.reports import terminal
    from harness.words import say

    if options.scheduler and options.jobs:
        raise InputError("--jobs is for this machine; with --scheduler each worker runs as many as it has threads")
    assignment = _assignment(options)
    roll = _called(options, assignment)
    _writable(options.out)
    console, tr = terminal.make_console(), language(options.lang)
    set_by_hand = adjustments.read(options.out, assignment)

    def tell(what: "Text") -> None:
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
    console: "Console"
    tell: "Callable[[Text], None]"


def _grade_all(
    options: Options, roll: "Roll", set_by_hand: "list[Adjustment]", tally: "Tally", screen: _Screen
) -> list[Path]:
    """Grade and report everything; what was written is returned."""
    import gc

    from harness import adjustments, lateness, sandbox
    from harness import run as runs
    from harness.gradebook import Gradebook
    from harness.grading import nothing_handed_in
    from harness.language import language
    from harness.reports import Reports, chosen, terminal
    from harness.words import say

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


def _last_words(options: Options, roll: "Roll", set_by_hand: "list[Adjustment]", tally: "Tally") -> "Iterator[Text]":
    from harness import adjustments
    from harness.words import say

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


def _watch(options: Options) -> int:
    from harness import run as runs
    from harness import sandbox
    from harness.watching import Watch

    assignment = _assignment(options)
    layers = sandbox.choose_layers(options.sandbox)
    setting = runs.prepare(assignment, device=options.device, layers=layers, language=options.lang)
    Watch(setting, lambda: _called(options, assignment).hand_ins, options.jobs).until_interrupted(options.paths)
    return 0


def _assignment(options: Options) -> "Assignment":
    from harness import run as runs

    assignment = runs.choose_assignment(options.assignment, options.only)
    return replace(assignment, feedback=options.feedback) if options.feedback else assignment


def _called(options: Options, assignment: "Assignment") -> "Roll":
    """Find the hand-ins, and whose they are."""
    from harness import intake
    from harness import run as runs
    from harness.intake import roster

    found = intake.look(options.paths, options.layout, runs.words_of(assignment))
    return roster.call(found, roster.read(options.roster) if options.roster else [])


def _cluster(address: str, tell: "Callable[[Text], None]") -> "Cluster":
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
