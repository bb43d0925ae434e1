"""Numbers for problems: exact in single precision, none of them zero, recurrent weights under which errors die out."""

import numpy as np

from harness.model import Doubles


def small(shape: tuple[int, ...], seed: int, largest: float = 1.0) -> Doubles:
    """Draw multiples of 1/64 in ``[-largest, largest]``, none of them zero."""
    rng = np.random.Generator(np.random.PCG64(seed))
    steps = int(64 * largest)
    numbers = rng.integers(1, steps, size=shape, endpoint=True) * rng.choice([-1, 1], size=shape)
    array: Doubles = numbers / 64.0
    return array


def contractive(hidden_size: int, seed: int) -> Doubles:
    """Draw a nonsymmetric ``Wh`` whose rows sum to at most 3/4 in absolute value: errors die out in time."""
    return _to_grid(small((hidden_size, hidden_size), seed), 0.75)


def recurrence(input_size: int, hidden_size: int, seed: int) -> tuple[Doubles, Doubles, Doubles]:
    """Draw ``Wx (H, D)``, a contractive ``Wh (H, H)``, and ``b (H,)`` of distinct entries."""
    b = (np.arange(hidden_size) * 7 % 13 + 1 + seed % 3) / 32.0 * np.where(np.arange(hidden_size) % 2, -1, 1)
    return small((hidden_size, input_size), seed + 1), contractive(hidden_size, seed + 2), b


def _to_grid(weights: Doubles, largest_row_sum: float) -> Doubles:
    row_sum = float(np.abs(weights).sum(axis=1).max())
    scaled: Doubles = np.trunc(weights * (largest_row_sum / max(row_sum, largest_row_sum)) * 64) / 64.0
    return np.where(scaled == 0, np.sign(weights) / 64, scaled)
