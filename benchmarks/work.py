"""The work that is timed: a class of hand-ins, and the questions that the `notes` assignment asks of each."""

import shutil
from pathlib import Path

import numpy as np

from harness.bank import make_bank
from harness.judging import Judging
from harness.model import Form, FoundEntry, Loaded
from harness.run import choose_assignment

PROJECT = Path(__file__).resolve().parents[1]

#: Functions by the notes' own names, which every grader that is timed can call.
RIGHT = ("loop.py", "preallocated.py", "exponentials.py")
WRONG = ("misspelled_hidden_state.py", "transposed_wh.py", "missing_bias.py", "state_lags.py")


def make_class(folder: Path, count: int, *, wrong: int = 0) -> list[Path]:
    """Make hand-ins under names of their own.

    Parameters
    ----------
    wrong : every so many-th is wrong; none if 0
    """
    folder.mkdir(parents=True)
    made = []
    for number in range(count):
        is_wrong = wrong and number % wrong == wrong - 1
        kind, names = ("buggy", WRONG) if is_wrong else ("correct", RIGHT)
        name = names[number // max(1, wrong) % len(names)]
        source = PROJECT / "submissions" / kind / name
        made.append(Path(shutil.copy(source, folder / f"student_{number:05}.py")))
    return made


def make_varied_class(folder: Path, count: int, *, wrong: int) -> list[Path]:
    """Make hand-ins of every kind: each example in turn, with notebooks, scripts, PyTorch and many mistakes at once.

    Parameters
    ----------
    wrong : every so many-th is wrong
    """
    folder.mkdir(parents=True)
    examples = {kind: _examples(PROJECT / "submissions" / kind) for kind in ("correct", "buggy")}
    made = []
    for number in range(count):
        of_kind = examples["buggy" if number % wrong == wrong - 1 else "correct"]
        source = of_kind[number // wrong % len(of_kind)]
        made.append(Path(shutil.copy(source, folder / f"student_{number:05}{source.suffix}")))
    return made


def _examples(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in (".py", ".ipynb", ".md"))


def write_calls(path: Path) -> int:
    """Write every call that `notes` makes of functions, with what is expected, for those that are timed beside it.

    Returns
    -------
    how many there are
    """
    assignment = choose_assignment("notes")
    bank = make_bank(assignment, "cpu")
    found = {entry.name: FoundEntry(entry.name, None) for entry in assignment.entries}
    calls = [
        call
        for call in Judging(assignment, bank).calls(Loaded(Form.FUNCTIONS, found, {}, ()))
        if call.entry in found
        for _ in range(call.times)
    ]
    arrays = {"entries": np.array([call.entry for call in calls])}
    for i, call in enumerate(calls):
        arrays[f"{i}.count"] = np.array(len(call.arguments))
        arrays |= {f"{i}.{j}": np.asarray(argument) for j, argument in enumerate(call.arguments)}
        arrays[f"{i}.expected"] = bank.cases[call.key.split("|")[0]].expected.astype(np.float64)
    np.savez(path, allow_pickle=False, **arrays)
    return len(calls)
