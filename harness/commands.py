"""The commands beside grading: `python grade.py rules | explain | audit | handout | assignment`.

Each imports what it needs when it is called, so that --help and a wrong option answer at once.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from harness.errors import GraderFault, InputError

#: The languages that there are; `harness.language` has them, and is not imported for --help.
CODES = ("en", "ko")
EXIT_BELOW, EXIT_USAGE, EXIT_NOT_GRADED = 1, 2, 3


@contextmanager
def bad_input_told() -> Iterator[None]:
    """Tell of bad input in one line, and exit."""
    try:
        yield
    except InputError as error:
        click.echo(f"grade.py: {error}", err=True)
        sys.exit(EXIT_USAGE)


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
@bad_input_told()
def explain(name: str, lang: str) -> None:
    """Tell what a known bug does, why it is wrong, why it hides, and the smallest input that shows it."""
    from harness.bugs import CATALOGUE
    from harness.reports import catalogue

    if name not in CATALOGUE:
        raise InputError(f"there is no known bug {name!r}; `grade.py rules` lists them")
    click.echo("\n".join(catalogue.explained(CATALOGUE[name], lang)))


@click.command(context_settings=_SETTINGS)
@click.option("--assignment", default="notes", show_default=True, help="A built-in assignment, or a .toml file.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--problems", type=click.IntRange(1), default=200, show_default=True, help="Drawn for each entry.")
@click.option("--pairs/--no-pairs", default=True, show_default=True, help="Try every two bugs, too; a minute or two.")
@click.option("--sandbox", is_flag=True, help="Try this machine's confinement instead: every door, from inside.")
@bad_input_told()
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
@bad_input_told()
def handout(assignment: str, folder: Path, lang: str, gradescope: bool, classroom: bool) -> None:
    """Write what students are given into DIR: a starter as a file and as a notebook, and public checks."""
    from harness import handout as handouts
    from harness import run as runs
    from harness.handout import autograder

    chosen = runs.choose_assignment(assignment)
    files = {autograder.ZIP: autograder.gradescope(chosen, assignment, lang)} if gradescope else {}
    files |= autograder.classroom(chosen, assignment, lang) if classroom else {}
    written = handouts.write(chosen, folder, lang, files)
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
@bad_input_told()
def assignment(
    what: str, path: Path, sample: Path | None, title: str | None, cell: str | None, layer: str | None
) -> None:
    """Write an assignment of your own: `assignment new FILE.toml`.

    Asks the few questions that a convention takes, or reads the answers off a sample solution by trying it. Then
    `grade.py audit --assignment FILE.toml` says whether it tells right from wrong.
    """
    from harness import authoring, questionnaire

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
