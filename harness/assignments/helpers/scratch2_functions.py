"""What the book's ``common.functions`` has that an RNN needs; written for the harness."""

from typing import Any

import numpy as np


def sigmoid(x: Any) -> Any:
    """``1 / (1 + exp(-x))``."""
    return 1 / (1 + np.exp(-x))


def relu(x: Any) -> Any:
    """``max(x, 0)``."""
    return np.maximum(0, x)


def softmax(x: Any) -> Any:
    """Normalise over the last axis."""
    powers = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
