"""What needle's ``ops`` has that a recurrent layer's forward pass needs; written for the harness."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from needle.autograd import Tensor, TensorTuple


def tanh(a: Tensor) -> Tensor:
    """Of each number."""
    return Tensor(np.tanh(a.numpy()))


def relu(a: Tensor) -> Tensor:
    """Of each number."""
    return Tensor(np.maximum(a.numpy(), 0))


def exp(a: Tensor) -> Tensor:
    """Of each number."""
    return Tensor(np.exp(a.numpy()))


def sigmoid(a: Tensor) -> Tensor:
    """Of each number."""
    return Tensor(1 / (1 + np.exp(-a.numpy())))


def stack(args: Sequence[Tensor], axis: int = 0) -> Tensor:
    """Along a new axis."""
    return Tensor(np.stack([one.numpy() for one in args], axis=axis))


def split(a: Tensor, axis: int = 0) -> TensorTuple:
    """Along an axis that goes away."""
    return TensorTuple(Tensor(one) for one in np.moveaxis(a.numpy(), axis, 0))


def make_tuple(*args: Tensor) -> TensorTuple:
    """Put tensors together."""
    return TensorTuple(args)


def tuple_get_item(value: TensorTuple, index: int) -> Tensor:
    """Take one out."""
    return value[index]


def matmul(a: Tensor, b: Tensor) -> Tensor:
    """Multiply matrices."""
    return a @ b


def add(a: Tensor, b: Tensor) -> Tensor:
    """Add what has the same shape."""
    return a + b


def multiply(a: Tensor, b: Tensor) -> Tensor:
    """Multiply what has the same shape."""
    return a * b


def reshape(a: Tensor, shape: Any) -> Tensor:
    """The same numbers in another shape."""
    return a.reshape(shape)


def broadcast_to(a: Tensor, shape: Any) -> Tensor:
    """Repeat along axes of length one."""
    return a.broadcast_to(shape)


def transpose(a: Tensor, axes: Any = None) -> Tensor:
    """Exchange two axes."""
    return a.transpose(axes)


def summation(a: Tensor, axes: Any = None) -> Tensor:
    """Sum over axes."""
    return a.sum(axes)


def flip(a: Tensor, axes: Any) -> Tensor:
    """Turn axes around."""
    return Tensor(np.flip(a.numpy(), axes))
