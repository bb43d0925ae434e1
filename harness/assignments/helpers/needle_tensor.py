"""A tensor of needle as far as a recurrent layer's forward pass goes: NumPy behind needle's names.

Written for the harness. Nothing broadcasts but numbers, as in needle: a shape that does not fit raises.
"""

from typing import Any

import numpy as np


class Tensor:
    """An array with needle's methods."""

    def __init__(
        self, array: Any, *, device: Any = None, dtype: Any = None, requires_grad: bool = True, **_: Any
    ) -> None:
        self.cached_data = np.array(array.numpy() if isinstance(array, Tensor) else array, dtype=dtype)
        self.device, self.requires_grad = device, requires_grad

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of its axes."""
        return self.cached_data.shape

    @property
    def dtype(self) -> Any:
        """The type of its numbers."""
        return self.cached_data.dtype

    @property
    def data(self) -> "Tensor":
        """The same numbers, apart from any graph."""
        return self

    @data.setter
    def data(self, value: Any) -> None:
        self.cached_data = _array(value)

    def numpy(self) -> Any:
        """Its numbers, as NumPy has them."""
        return self.cached_data

    def realize_cached_data(self) -> Any:
        """Its numbers."""
        return self.cached_data

    def detach(self) -> "Tensor":
        """The same, apart from any graph."""
        return Tensor(self.cached_data)

    def reshape(self, *shape: Any) -> "Tensor":
        """The same numbers in another shape."""
        return Tensor(self.cached_data.reshape(*shape))

    def broadcast_to(self, shape: Any) -> "Tensor":
        """Repeat along axes of length one."""
        return Tensor(np.broadcast_to(self.cached_data, shape))

    def transpose(self, axes: Any = None) -> "Tensor":
        """Exchange two axes, the last two where none are named."""
        one, other = axes or (-1, -2)
        return Tensor(np.swapaxes(self.cached_data, one, other))

    def sum(self, axes: Any = None) -> "Tensor":
        """Sum over axes."""
        return Tensor(self.cached_data.sum(axis=axes))

    def matmul(self, other: Any) -> "Tensor":
        """Multiply matrices."""
        return self @ other

    def __matmul__(self, other: Any) -> "Tensor":
        return Tensor(self.cached_data @ _array(other))

    def __add__(self, other: Any) -> "Tensor":
        return Tensor(self.cached_data + _fitting(self, other))

    def __sub__(self, other: Any) -> "Tensor":
        return Tensor(self.cached_data - _fitting(self, other))

    def __rsub__(self, other: Any) -> "Tensor":
        return Tensor(_fitting(self, other) - self.cached_data)

    def __mul__(self, other: Any) -> "Tensor":
        return Tensor(self.cached_data * _fitting(self, other))

    def __truediv__(self, other: Any) -> "Tensor":
        return Tensor(self.cached_data / _fitting(self, other))

    def __rtruediv__(self, other: Any) -> "Tensor":
        return Tensor(_fitting(self, other) / self.cached_data)

    def __pow__(self, other: Any) -> "Tensor":
        return Tensor(self.cached_data ** _fitting(self, other))

    def __neg__(self) -> "Tensor":
        return Tensor(-self.cached_data)

    def __getitem__(self, index: Any) -> "Tensor":
        return Tensor(self.cached_data[index])

    def __len__(self) -> int:
        return len(self.cached_data)

    __radd__, __rmul__ = __add__, __mul__


class TensorTuple(tuple[Tensor, ...]):
    """What a split gives."""

    __slots__ = ()


def _array(value: Any) -> Any:
    return value.cached_data if isinstance(value, Tensor) else np.asarray(value)


def _fitting(one: Tensor, other: Any) -> Any:
    """A number, or an array of the same shape."""
    array = _array(other)
    if array.ndim and array.shape != one.shape:
        raise ValueError(f"shapes {one.shape} and {array.shape} are not the same; needle does not broadcast by itself")
    return array
