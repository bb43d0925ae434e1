"""Stand-ins for modules that a hand-in imports and that are not there, or not allowed.

A missing plot library must not cost the cell below it, and ``class Net(nn.Module)`` or ``def f(x: torch.Tensor)``
must at least be defined. A stand-in has any attribute, decorates without effect, and raises when it is called for
its result.
"""

import ast
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from types import FunctionType, ModuleType
from typing import Any


class Absent:
    """Something of a module that is not there."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __getattr__(self, attribute: str) -> "Absent":
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return Absent(f"{self.__name__}.{attribute}")

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Decorate without effect, or raise."""
        if len(arguments) == 1 and isinstance(arguments[0], FunctionType | type) and not options:
            return arguments[0]  # a decorator: `@njit` leaves the function as it is
        raise ModuleNotFoundError(f"{self.__name__} is not available where hand-ins are graded")

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return ()


def nothing(*arguments: Any, **options: Any) -> None:
    """Do nothing, and be content."""


def stand_in(node: ast.stmt, namespace: dict[str, Any]) -> None:
    """Bind the names of a failed import to stand-ins; ``from m import *`` leaves nothing to bind."""
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return
    origin = f"{node.module}." if isinstance(node, ast.ImportFrom) and node.module else ""
    for alias in node.names:
        if alias.name != "*":
            name = alias.asname or (alias.name if origin else alias.name.partition(".")[0])
            namespace.setdefault(name, Absent(origin + alias.name))


class Refusal(importlib.abc.MetaPathFinder):
    """Refuses to import some packages, whatever is installed.

    Parameters
    ----------
    packages : top-level names; what is loaded already stays
    """

    def __init__(self, packages: frozenset[str]) -> None:
        self._packages = packages

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Raise for the refused ones, and leave all others to the finders after this one."""
        if name.partition(".")[0] in self._packages:
            raise ModuleNotFoundError(f"{name} is not available where hand-ins are graded", name=name)
        return None


def refuse(packages: frozenset[str]) -> None:
    """Refuse these packages from now on."""
    sys.meta_path.insert(0, Refusal(packages))


def refuse_ready_made(torch: Any) -> None:
    """Make torch's own recurrent layers raise when they are built."""

    def replacement(name: str) -> type:
        def refused(self: object, *arguments: Any, **options: Any) -> None:
            raise RuntimeError(f"torch.nn.{name} is a ready-made RNN, and this assignment asks for one made by hand")

        return type(name, (torch.nn.Module,), {"__init__": refused})

    def called(name: str) -> Callable[..., None]:
        def refused(*arguments: Any, **options: Any) -> None:
            raise RuntimeError(f"torch.{name} is a ready-made RNN, and this assignment asks for one made by hand")

        return refused

    # By whichever way it is reached: the name, the module that it is from, a subclass, the function underneath.
    for name in ("RNN", "RNNCell", "RNNBase", "RNNCellBase", "LSTM", "LSTMCell", "GRU", "GRUCell"):
        refusal = replacement(name)
        type.__setattr__(getattr(torch.nn.modules.rnn, name), "__init__", vars(refusal)["__init__"])
        for module in (torch.nn, torch.nn.modules, torch.nn.modules.rnn):
            setattr(module, name, refusal)
    for name in ("rnn_tanh", "rnn_relu", "lstm", "gru", "rnn_tanh_cell", "rnn_relu_cell", "lstm_cell", "gru_cell"):
        for module in (torch, torch._VF):
            setattr(module, name, called(name))
