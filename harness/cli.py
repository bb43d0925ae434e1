"""The command line: `python grade.py PATH...`, and the commands beside it."""

import gc
import os
import sys
from pathlib import Path
from typing import Any

import click

from harness import commands, launching
from harness.commands import CODES, EXIT_NOT_GRADED
from harness.errors import GraderFault
from harness.options import Options

#: The layouts that hand-ins come in, by their files; `harness.intake` is not imported for --help.
LAYOUTS = ("auto", "files", *sorted(path.stem for path in Path(__file__).parent.glob("intake/layouts/[a-z]*.py")))


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
@commands.bad_input_told()
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
        if chosen.scheduler is None:
            launching.ahead()
        # Imported here so that --help and a wrong option answer at once, and the mother of zygotes starts meanwhile.
        gc.disable()  # what is imported stays: to look for garbage in it would be a tenth of the start
        from harness import session

        gc.freeze()
        gc.enable()
        sys.exit(session.watch(chosen) if chosen.watch else session.grade(chosen))
    except GraderFault as fault:
        click.echo(f"grade.py: the grader failed, not a hand-in: {fault}", err=True)
        sys.exit(EXIT_NOT_GRADED)


def run() -> None:
    """Run the command that the first argument names; anything else is a path to grade."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the grader's matrices are small, and it will fork
    named = {
        "rules": commands.rules,
        "explain": commands.explain,
        "audit": commands.audit,
        "handout": commands.handout,
        "assignment": commands.assignment,
    }
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name in named:
        named[name](sys.argv[2:], prog_name=f"grade.py {name}")
    main(prog_name="grade.py")
