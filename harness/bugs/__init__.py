"""The catalogue of known bugs: one file for each, found by folder.

A file of the catalogue has a docstring (*What it does · Why it is wrong · Why it hides · Example · Instead*), the same
in ``KOREAN`` (without the code, which needs no translation), and a ``BUG``: its clue, what to see in the source; its
twin, the reference with this one bug; its fix; its message in both languages.
"""

import importlib
import inspect
import pkgutil
from dataclasses import replace

from harness.bugs.framework import Clue, Evidence, KnownBug, Shown, Sighting
from harness.bugs.source import Code, Function, Source

CATALOGUE: dict[str, KnownBug] = {}
for _name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    _module = importlib.import_module(f"{__name__}.{_name}")
    if (_bug := getattr(_module, "BUG", None)) is not None:
        CATALOGUE[_bug.name] = replace(_bug, doc=inspect.getdoc(_module) or "", korean_doc=_module.KOREAN)

__all__ = ["CATALOGUE", "Clue", "Code", "Evidence", "Function", "KnownBug", "Shown", "Sighting", "Source"]
