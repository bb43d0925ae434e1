"""What needle's ``init`` has that a recurrent layer needs; written for the harness."""

from typing import Any

import numpy as np
from needle.autograd import Tensor


def rand(*shape: int, low: float = 0.0, high: float = 1.0, dtype: str = "float32", **_: Any) -> Tensor:
    """Uniform numbers."""
    return Tensor(np.random.uniform(low, high, shape), dtype=dtype)


def randn(*shape: int, mean: float = 0.0, std: float = 1.0, dtype: str = "float32", **_: Any) -> Tensor:
    """Normal numbers."""
    return Tensor(np.random.normal(mean, std, shape), dtype=dtype)


def constant(*shape: int, c: float = 1.0, dtype: str = "float32", **_: Any) -> Tensor:
    """The same number everywhere."""
    return Tensor(np.full(shape, c), dtype=dtype)


def ones(*shape: int, dtype: str = "float32", **_: Any) -> Tensor:
    """Ones."""
    return constant(*shape, c=1.0, dtype=dtype)


def zeros(*shape: int, dtype: str = "float32", **_: Any) -> Tensor:
    """Zeros."""
    return constant(*shape, c=0.0, dtype=dtype)


def zeros_like(array: Tensor, **_: Any) -> Tensor:
    """Zeros of the same shape and type."""
    return Tensor(np.zeros_like(array.numpy()))
