"""For each entry, the same question put to the reference and to the oracle; a file for each family, found by folder.

A new question is one more `Question` in the ``QUESTIONS`` of such a file: its arguments, how to enclose its answer, how
to ask torch, what its results are called, and the named cases.
"""

import importlib
import pkgutil

from harness.questions.framework import Arguments, Named, Question, named_arguments

QUESTIONS: dict[str, Question] = {}
for _name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    QUESTIONS |= getattr(importlib.import_module(f"{__name__}.{_name}"), "QUESTIONS", {})

__all__ = ["QUESTIONS", "Arguments", "Named", "Question", "named_arguments"]
