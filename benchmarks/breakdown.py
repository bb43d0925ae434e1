"""Where the milliseconds of one hand-in go: ``python -m benchmarks.breakdown``.

The child's side: a zygote is made as in a run, children are forked from it, confined, and taken through the questions;
with the page faults of each step, for most of what a fork costs is memory that is copied when it is written to. The
grader's side: each step in processor time of the grader, and by the wall clock, which has the child's work in it.
"""

import argparse
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import records
from benchmarks.work import PROJECT
from harness import grading
from harness.bank import make_bank
from harness.conversation import Conversation, Zygotes, asked_for, packed
from harness.grading import Grader, Known
from harness.judging import Judging
from harness.model import Call, Submission
from harness.run import choose_assignment
from harness.sandbox import choose_layers
from harness.shrinking import Shrinker
from harness.twins import Twins
from harness.wire import pack

EXAMPLES = {"right": "correct/loop.py", "wrong": "buggy/misspelled_hidden_state.py"}
#: What is timed in the grader; each step with what it calls.
STEPS: dict[str, tuple[Any, str]] = {
    "fork, confine and load": (Conversation, "load"),
    "ask and hear": (Conversation, "_ask"),
    "judge": (Judging, "judge"),
    "ask for the source": (Conversation, "source"),
    "rebuild its trees": (grading, "rebuild_source"),
    "look for clues": (grading, "sightings_in"),
    "compare with twins": (Twins, "match"),
    "smallest inputs": (Shrinker, "smallest"),
    "prove the fixes": (grading, "prove"),
    "in all": (Grader, "grade"),
}
Row = dict[str, float]


def grader_side(submission: Submission, rounds: int) -> dict[str, Row]:
    """Time the steps of grading one hand-in."""
    assignment = choose_assignment("notes")
    bank = make_bank(assignment, "cpu")
    spent: dict[str, list[tuple[float, float]]] = {}
    grader = Grader(assignment, bank, known=Known(assignment, bank))
    try:
        for _ in range(3):
            grader.grade(submission)
        with _timed(spent):
            for _ in range(rounds):
                grader.grade(submission)
    finally:
        grader.close()
    return {
        name: {
            "times": len(taken) / rounds,
            "grader ms": 1000 * sum(cpu for cpu, _ in taken) / rounds,
            "wall ms": 1000 * sum(wall for _, wall in taken) / rounds,
        }
        for name, taken in spent.items()
    }


@contextmanager
def _timed(spent: dict[str, list[tuple[float, float]]]) -> Iterator[None]:
    originals = {name: getattr(owner, attribute) for name, (owner, attribute) in STEPS.items()}
    try:
        for name, (owner, attribute) in STEPS.items():
            setattr(owner, attribute, _timer(originals[name], spent.setdefault(name, [])))
        yield
    finally:
        for name, (owner, attribute) in STEPS.items():
            setattr(owner, attribute, originals[name])


def _timer(function: Callable[..., Any], spent: list[tuple[float, float]]) -> Callable[..., Any]:
    def timed(*arguments: Any, **options: Any) -> Any:
        cpu, wall = time.process_time(), time.perf_counter()
        try:
            return function(*arguments, **options)
        finally:
            spent.append((time.process_time() - cpu, time.perf_counter() - wall))

    return timed


def child_side(submission: Submission, rounds: int) -> dict[str, Row]:
    """Time the steps of a child, forked from a fresh interpreter that becomes a zygote."""
    request, calls = _questions(submission)
    told = pack(asked_for(choose_assignment("notes")) | {"calls": list(map(packed, calls))})
    keys, layers = [call.key for call in calls], list(choose_layers("auto"))
    asked = pack({"told": told, "request": request, "calls": keys, "rounds": rounds, "layers": layers})
    program = [sys.executable, "-I", str(Path(__file__).with_name("zygote.py")), str(PROJECT)]
    variables = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "LD_BIND_NOW": "1"}
    done = subprocess.run(program, input=asked, capture_output=True, check=True, env=variables)
    rows: dict[str, Row] = json.loads(done.stdout)
    return rows


def _questions(submission: Submission) -> tuple[dict[str, Any], list[Call]]:
    assignment = choose_assignment("notes")
    zygotes = Zygotes(assignment=assignment)
    try:
        with Conversation(submission, assignment, zygotes) as conversation:
            loaded = conversation.load()
            calls = Judging(assignment, make_bank(assignment, "cpu")).calls(loaded)
            return conversation._load_request(), calls
    finally:
        zygotes.close()


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=60)
    rounds = parser.parse_args().rounds
    measured: dict[str, Any] = {}
    console = Console(width=100)
    gc.freeze()  # as the command does
    gc.set_threshold(50_000)
    for what, name in EXAMPLES.items():
        path = Path(PROJECT, "submissions", name)
        submission = Submission(path.stem, path.name, path.read_bytes())
        sides = {"child": child_side(submission, rounds), "grader": grader_side(submission, rounds)}
        measured[what] = sides
        for side, rows in sides.items():
            console.print(_table(f"{what} hand-in, {side}'s side", rows))
    print(f"kept in {records.keep('breakdown', measured).relative_to(PROJECT)}")


def _table(title: str, rows: dict[str, Row]) -> Table:
    table = Table(title=title, title_justify="left", box=None)
    table.add_column("")
    for head in next(iter(rows.values())):
        table.add_column(head, justify="right")
    for name, row in rows.items():
        if any(row.values()):
            table.add_row(name, *(f"{value:.2f}" if "ms" in head else f"{value:.0f}" for head, value in row.items()))
    return table


if __name__ == "__main__":
    main()
