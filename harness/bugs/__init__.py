"""The catalogue of known bugs: one file for each, found by folder.

A file of the catalogue has a docstring (*What it does · Why it is wrong · Why it hides · Example · Instead*) and a
`BUG`: its clue, what to see in the source; its twin, the reference with this one bug; and its message.
"""

import importlib
import pkgutil

from harness.bugs.framework import Clue, KnownBug, Sighting, Source

CATALOGUE: dict[str, KnownBug] = {}
for _module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    _bug = getattr(importlib.import_module(f"{__name__}.{_module}"), "BUG", None)
    if _bug is not None:
        CATALOGUE[_bug.name] = _bug

__all__ = ["CATALOGUE", "Clue", "KnownBug", "Sighting", "Source"]
