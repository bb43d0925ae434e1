"""Of two thousand ways to be wrong, those that one answer leaves: mostly the last number rules out all but a few.

To compare an answer with each twin in turn takes Python a hundredth of a second for each thousand of them. Here what
they all return on a case is a column of numbers, made once, and compared at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.model import Case, Doubles, Extended
from harness.ways import Way


@dataclass(frozen=True)
class _Column:
    """What the twins of all ways return on a case.

    Attributes
    ----------
    returned : whether each returns something of the expected shape
    odd : whether it returns something of another shape; where it is neither, it raises
    last : the last number of each; NaN where there is none
    """

    returned: NDArray[np.bool_]
    odd: NDArray[np.bool_]
    last: Doubles


class Sieve:
    """Rules out ways by a single answer.

    Parameters
    ----------
    ways : in any order
    output : what the twin of a way returns on the case of a name; None where it raises
    """

    def __init__(self, ways: Sequence[Way], output: Callable[[Way, str], Extended | None]) -> None:
        self.ways = ways
        self._output = output
        self._columns: dict[str, _Column] = {}

    def left(self, case: Case, got: Doubles | None, near: float) -> list[Way]:
        """List the ways that a wrong answer leaves, as `harness.ways.equal` would; a closer look may leave fewer.

        Parameters
        ----------
        got : the answer that came back, canonical; None where it is no array of numbers
        near : how far it may be from a twin's
        """
        if got is None:
            return []
        column = self._column(case)
        if got.shape != case.expected.shape:
            kept = column.odd
        else:
            last = float(got.flat[-1]) if got.size else np.nan
            with np.errstate(invalid="ignore"):  # infinite numbers; and NaN equals NaN
                apart = np.abs(last - column.last) > near * np.maximum(1, np.abs(column.last))
            kept = column.returned & ~apart
        return [self.ways[int(number)] for number in np.flatnonzero(kept)]

    def _column(self, case: Case) -> _Column:
        if case.name not in self._columns:
            outputs = [self._output(way, case.name) for way in self.ways]
            shapes = [None if one is None else one.shape for one in outputs]
            returned = np.array([shape == case.expected.shape for shape in shapes], dtype=bool)
            raises = np.array([shape is None for shape in shapes], dtype=bool)
            last = [float(one.flat[-1]) if one is not None and one.size else np.nan for one in outputs]
            self._columns[case.name] = _Column(returned, ~returned & ~raises, np.array(last, dtype=np.float64))
        return self._columns[case.name]
