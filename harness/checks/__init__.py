"""The checks: each is one claim in one sentence, in the file of its family, found by folder.

To add one, write a function in the file of its family (or in a new file beside it):

    @check("numerics.cell", asks=("cell.plain", "cell.drawn-*"))
    def cell(answers: Answers) -> Verdict:
        '''one step is tanh(Wx·x + Wh·h + b)'''
        return answers.all_within()

The docstring is the claim that students read. Points, and the checks that must pass first, are in the assignment.
"""

import importlib
import pkgutil

from harness.checks.framework import CHECKS, Answers, Ask, Check, ScriptAnswers, Verdict, check

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["CHECKS", "Answers", "Ask", "Check", "ScriptAnswers", "Verdict", "check"]
