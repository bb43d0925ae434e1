"""The problems of a handout: shaped like the cases of a grading, with numbers of their own."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from harness.cases import make_case, named_cases
from harness.convention import lay_out
from harness.model import Argument, Assignment, Case, Doubles, Entry
from harness.numbers import contractive, small

#: Of each kind: with and without a batch, an initial state, each activation.
_MOST = 2
_SEED = 7_000


def problems(assignment: Assignment) -> Iterator[tuple[Entry, tuple[Argument, ...], Doubles]]:
    """Draw problems: for each entry its arguments and what should come back, as the assignment lays them out."""
    entries = {entry.name: entry for entry in assignment.entries}
    taken: Counter[object] = Counter()
    for number, case in enumerate(named_cases(assignment).values()):
        entry = entries[case.entry]
        kind = (entry.name, *(one.ndim if isinstance(one, np.ndarray) else type(one) for one in case.arguments))
        if case.stepwise or taken[kind] == _MOST or case.name.partition(".")[2].startswith("by-hand"):
            continue
        taken[kind] += 1
        drawn = make_case(case.name, entry, _redrawn(case, entry, _SEED + 10 * number))
        public = lay_out(drawn, entry, assignment)
        yield entry, public.arguments, public.expected.astype(np.float64)


def _redrawn(case: Case, entry: Entry, seed: int) -> tuple[Argument, ...]:
    """The same shapes with other numbers; recurrent weights stay contractive, counts and words as they are."""
    redrawn: list[Argument] = []
    for position, (name, value) in enumerate(zip(entry.parameters, case.arguments, strict=False)):
        if not isinstance(value, np.ndarray):
            redrawn.append(value)
        elif name.startswith("Wh"):
            redrawn.append(contractive(len(value), seed + position))
        else:
            redrawn.append(small(value.shape, seed + position))
    return tuple(redrawn)
