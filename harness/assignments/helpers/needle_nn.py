"""What needle's ``nn`` has that a recurrent layer needs; written for the harness."""

from typing import Any

from needle.autograd import Tensor


class Parameter(Tensor):
    """A tensor that is learned."""


class Module:
    """Something with a forward pass."""

    def __init__(self) -> None:
        self.training = True

    def forward(self, *args: Any, **options: Any) -> Any:
        """To be written by who derives from it."""
        raise NotImplementedError

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self.forward(*args, **options)


class Tanh(Module):
    """The activation as a module."""

    def forward(self, *args: Any, **options: Any) -> Any:
        """Of each number."""
        from needle import ops

        return ops.tanh(args[0])


class ReLU(Module):
    """The activation as a module."""

    def forward(self, *args: Any, **options: Any) -> Any:
        """Of each number."""
        from needle import ops

        return ops.relu(args[0])


class Sigmoid(Module):
    """The activation as a module."""

    def forward(self, *args: Any, **options: Any) -> Any:
        """Of each number."""
        from needle import ops

        return ops.sigmoid(args[0])
