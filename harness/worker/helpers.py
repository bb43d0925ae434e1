"""Modules that a course gives its students, and that hand-ins import: small stand-ins, declared by the assignment."""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType


class Provider(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds modules by name in a table of sources; a package is there where one of its modules is.

    Parameters
    ----------
    sources : by full name, ``common.functions``
    """

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find a module of the table."""
        is_package = any(other.startswith(f"{name}.") for other in self._sources)
        if name not in self._sources and not is_package:
            return None
        return importlib.machinery.ModuleSpec(name, self, origin="the assignment", is_package=is_package)

    def exec_module(self, module: ModuleType) -> None:
        """Run its source; a package of which nothing is given is empty."""
        source = self._sources.get(module.__name__, "")
        exec(compile(source, f"<{module.__name__}>", "exec"), module.__dict__)


def provide(sources: Mapping[str, str]) -> None:
    """Let these modules be imported from now on, before any others of their names."""
    if sources:
        sys.meta_path.insert(0, Provider(sources))
