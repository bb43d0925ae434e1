"""The bank of a run: every case, the drawn ones too, agreed upon by reference and oracle before anything is graded.

Hypothesis draws once for a run, with a fixed seed, so every student meets the same cases. What it drew and what the
oracle said is kept between runs, under a name made of everything that it depends on: a run that finds it imports
neither Hypothesis nor torch.
"""

import contextlib
import fnmatch
import hashlib
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import reference
from harness import kept
from harness.cases import expect_step_by_step, fitted, make_cases, named_cases
from harness.convention import lay_out
from harness.errors import GraderFault, InputError
from harness.launching import can_fork
from harness.model import Argument, Assignment, Case, Doubles, Entry
from harness.questions import QUESTIONS, named_arguments
from reference import oracle
from reference.oracle import OracleUnavailable

#: How long a bank may take that is made in a process of its own; on a cold disk torch alone takes some seconds.
_MOST_SECONDS = 300
#: How many cases Hypothesis draws for each entry that has a strategy.
DRAWN = 12


@dataclass(frozen=True)
class Bank:
    """All cases of a run, in the assignment's layout.

    Attributes
    ----------
    canonical : the same, in canonical layout
    """

    cases: Mapping[str, Case]
    canonical: Mapping[str, Case]
    torch_version: str
    device: str

    def matching(self, pattern: str) -> list[Case]:
        """Cases whose name fits a pattern such as ``layer.drawn-*``, in a fixed order.

        ``layer.*:outputs`` are those about another part of the answer than the first.
        """
        problem, _, part = pattern.partition(":")
        return [
            case
            for name, case in self.cases.items()
            if name.partition(":")[2] == part and fnmatch.fnmatchcase(case.problem, problem)
        ]


def make_bank(assignment: Assignment, device: str) -> Bank:
    """Make the bank, and hold the reference against the oracle on every case.

    Parameters
    ----------
    device : ``auto``, ``cpu`` or ``cuda``

    Raises
    ------
    InputError
        When torch is missing, or the device is.
    GraderFault
        When reference and oracle disagree.
    """
    try:
        version, device = oracle.torch_version(), oracle.resolve_device(device)
    except OracleUnavailable as error:
        raise InputError(str(error)) from None
    path = kept.folder() / f"{_fingerprint(assignment, version, device)}.npz"
    known = kept.read(path)
    if not known and can_fork():
        _in_a_process_of_its_own(lambda: _make(assignment, device, version, path, {}))
        known = kept.read(path)
    return _make(assignment, device, version, path, known)


def _make(assignment: Assignment, device: str, version: str, path: Path, known: Mapping[str, NDArray[Any]]) -> Bank:
    cases = named_cases(assignment)
    for entry in assignment.entries:
        for name, arguments in _drawn_arguments(entry, known).items():
            fitting = fitted(arguments, entry, assignment)
            cases |= {case.name: case for case in (make_cases(name, entry, fitting) if fitting else ())}
    answers = _answers(assignment, cases, known, device)
    for name, answer in answers.items():
        _compare(cases[name.rpartition("|")[0]], answer, f"torch {version} on {device}")
    if not known:
        _write(path, assignment, answers)
    entries = {entry.name: entry for entry in assignment.entries}
    laid_out = {name: lay_out(case, entries[case.entry], assignment) for name, case in cases.items()}
    return Bank(laid_out, cases, version, device)


def _in_a_process_of_its_own(make: Callable[[], object]) -> None:
    """Have the bank made where what it takes goes away again: torch alone is 200 MB, to be asked a few questions once.

    It leaves its work on the disk. Where it could not, for whatever reason, the bank is made here, and what is wrong
    is told from here.
    """
    pid = os.fork()
    if pid == 0:
        signal.alarm(_MOST_SECONDS)  # it ends, whatever a library makes of having been forked
        with contextlib.suppress(BaseException):
            make()
        os._exit(0)
    os.waitpid(pid, 0)


def _compare(case: Case, answer: Doubles, who: str) -> None:
    expected, allowed = case.expected, case.allowed
    if case.stepwise:
        inputs, Wx, Wh, b = case.arguments[:4]
        initial = np.zeros((*np.shape(inputs)[:-2], len(b)))  # type: ignore[arg-type]
        expected, allowed, _ = expect_step_by_step(inputs, (Wx, Wh, b), initial, answer)  # type: ignore[arg-type]
    error = np.abs(expected - answer)
    if not (error <= allowed).all():
        raise GraderFault(
            f"reference and oracle disagree on {case.name}: {who} is off by"
            f" {float(np.nanmax(error)):.1e}, allowed {float(allowed.max()):.1e}; nothing was graded"
        )


def _answers(
    assignment: Assignment, cases: Mapping[str, Case], known: Mapping[str, NDArray[Any]], device: str
) -> dict[str, Doubles]:
    """Ask the oracle about every case, or take what it said before."""
    answers: dict[str, Doubles] = {}
    entries = {entry.name: entry for entry in assignment.entries}
    problems: dict[str, list[Case]] = {}
    for case in cases.values():
        problems.setdefault(case.problem, []).append(case)
    for same in problems.values():
        named = named_arguments(entries[same[0].entry].parameters, same[0].arguments, np.float64)
        question = QUESTIONS[same[0].question]
        for number, ask in enumerate(question.oracles):
            keys = [f"{case.name}|{number}" for case in same]
            stored = [known.get(f"answer|{key}") for key in keys]
            said = (
                None
                if all(one is not None for one in stored)
                else dict(zip(question.parts, ask(named, device), strict=True))
            )
            for case, key, one in zip(same, keys, stored, strict=True):
                answers[key] = one if one is not None else said[case.part]  # type: ignore[index]
    return answers


def _drawn_arguments(entry: Entry, known: Mapping[str, NDArray[Any]]) -> dict[str, tuple[Argument, ...]]:
    """Take the drawn problems of an entry from what is known, or draw them; those with optional arguments say so."""
    drawn: list[tuple[Argument, ...]] = []
    if known:
        for number in range(DRAWN):
            keys = [f"drawn|{entry.question}|{number}|{i}" for i in range(len(QUESTIONS[entry.question].parameters))]
            drawn.append(tuple(known[key] for key in keys if key in known))
    else:
        from harness import drawing  # imports Hypothesis, which a run that knows its bank can do without

        drawing.keep_house(kept.folder())
        drawn = drawing.draw(entry.question, DRAWN)
    named = {}
    for number, arguments in enumerate(drawn):
        optional = QUESTIONS[entry.question].parameters[entry.required : len(arguments)]
        kind = "".join(f"with-{word.replace('_', '-')}-" for word in optional)
        if arguments:
            named[f"{entry.name}.drawn-{kind}{number:02}"] = arguments
    return named


def _fingerprint(assignment: Assignment, version: str, device: str) -> str:
    """Name everything that drawn cases and oracle answers depend on."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    folders = [Path(reference.__file__).parent, here, here / "model", here / "questions"]
    for path in sorted(path for folder in folders for path in folder.glob("*.py")):
        digest.update(path.read_bytes())
    asked = assignment.entries, assignment.batch, assignment.zero
    digest.update(repr((version, device, kept.packages(), asked, DRAWN)).encode())
    return digest.hexdigest()[:32]


def _write(path: Path, assignment: Assignment, answers: Mapping[str, Doubles]) -> None:
    """Keep it for the next run."""
    from harness import drawing

    arrays: dict[str, Any] = {f"answer|{name}": answer for name, answer in answers.items()}
    for question in {entry.question for entry in assignment.entries}:
        for number, arguments in enumerate(drawing.draw(question, DRAWN)):
            arrays |= {f"drawn|{question}|{number}|{i}": argument for i, argument in enumerate(arguments)}
    kept.write(path, arrays)
