"""The problems of a handout: shaped like the cases of a grading, with numbers of their own."""

import fnmatch
from collections import Counter
from collections.abc import Iterator

import numpy as np

from harness.cases import make_cases, named_cases
from harness.checks import CHECKS
from harness.convention import lay_out
from harness.model import Argument, Assignment, Case, Entry
from harness.numbers import contractive, small

#: Of each kind: with and without a batch, an initial state, each activation.
_MOST = 2
_SEED = 7_000


def asked_cases(assignment: Assignment) -> dict[str, Case]:
    """The named cases that the checks of an assignment ask, canonical: what nobody asks is not given out either."""
    patterns = [ask.pattern.partition(":") for plan in assignment.checks for ask in CHECKS[plan.id].asks]
    return {
        name: case
        for name, case in named_cases(assignment).items()
        if any(
            part == name.partition(":")[2] and fnmatch.fnmatchcase(case.problem, problem)
            for problem, _, part in patterns
        )
    }


def problems(assignment: Assignment) -> Iterator[tuple[Entry, list[Case]]]:
    """Draw problems: for each an entry and its cases, one for each part of the answer, laid out."""
    entries = {entry.name: entry for entry in assignment.entries}
    taken: Counter[object] = Counter()
    asked = {case.problem: case for case in reversed(asked_cases(assignment).values())}
    for number, (name, case) in enumerate(reversed(asked.items())):
        entry = entries[case.entry]
        batched = case.expected.shape[0] > 1 and assignment.batch == "always"
        kind = (
            entry.name,
            batched,
            *(one.ndim if isinstance(one, np.ndarray) else type(one) for one in case.arguments),
        )
        if case.stepwise or taken[kind] == _MOST or name.partition(".")[2].startswith("by-hand"):
            continue
        taken[kind] += 1
        drawn = make_cases(name, entry, _redrawn(case, entry, _SEED + 10 * number))
        yield entry, [lay_out(one, entry, assignment) for one in drawn]


def _redrawn(case: Case, entry: Entry, seed: int) -> tuple[Argument, ...]:
    """The same shapes with other numbers; recurrent weights stay contractive, counts and words as they are."""
    redrawn: list[Argument] = []
    for position, (name, value) in enumerate(zip(entry.parameters, case.arguments, strict=False)):
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            redrawn.append(value)
        elif name.startswith("Wh"):
            redrawn.append(contractive(len(value), seed + position))
        else:
            redrawn.append(small(value.shape, seed + position))
    return tuple(redrawn)
