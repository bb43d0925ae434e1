"""``check(rnn_cell)``: a student's own function against the checks, in the student's own process.

Nothing is confined here, and nothing is marked: it is their machine. The cases and the judgement are those of a
grading, less the checks that are hidden.
"""

import builtins
import inspect
import sys
from dataclasses import replace
from typing import Any

from harness import run as runs
from harness.bank import make_bank
from harness.checks import CHECKS
from harness.convention import related
from harness.conversation import asked_for, packed
from harness.decoding import decode_loaded, decode_reply
from harness.disclosure import disclosed
from harness.errors import InputError
from harness.grading import assembled
from harness.judging import Judging
from harness.language import language
from harness.model import Assignment, Call, CheckPlan, Grade, Reply, Run, Submission
from harness.reports import pages
from harness.reports.explanation import explain
from harness.worker.asked import Asked, read_call
from harness.worker.child import HandIn
from harness.worker.reading import Block


class Checked:
    """What came out; a notebook shows it as a page, everything else as text."""

    def __init__(self, grade: Grade, run: Run) -> None:
        self._grade, self._run = grade, run

    @property
    def passed(self) -> bool:
        """Whether all of it is right."""
        return self._grade.score == self._grade.max_score

    def __repr__(self) -> str:
        return "\n".join(explain(self._grade, language(self._run.language)))

    def _repr_html_(self) -> str:
        return pages.table(self._grade, self._run)


def check_here(answers: tuple[Any, ...], assignment: str, lang: str) -> Checked:
    """Check what is given; see `harness.check`.

    Raises
    ------
    InputError
    """
    asked = runs.choose_assignment(assignment)
    live = _Live(asked, answers)
    asked = _what_is_there(asked, live)
    bank = make_bank(asked, "auto")
    judging = Judging(asked, bank)
    loaded = decode_loaded(live.describe())
    replies = {call.key: live.reply(call) for call in judging.calls(loaded)}
    checks = judging.judge(loaded, replies)
    names = ", ".join(one.__name__ for one in answers)
    grade = assembled(Submission(names, names, b""), loaded, checks)
    checked = Checked(disclosed(grade, asked), Run(asked, bank.torch_version, bank.device, "", lang))
    if not _shows_results():
        print(checked)
    return checked


def _what_is_there(asked: Assignment, live: "_Live") -> Assignment:
    """The assignment as far as it is about what was given, less what is hidden."""
    entries = tuple(entry for entry in asked.entries if {entry.name, *related(entry)} <= live.found.keys())
    if not entries:
        names = " or ".join(name for entry in asked.entries for name in (*entry.functions, *entry.classes)[:1])
        raise InputError(f"there is nothing to check: give functions or classes that are called {names}, or the like")
    plans: list[CheckPlan] = []
    for plan in asked.checks:
        wanted = {ask.pattern.partition(".")[0] for ask in CHECKS[plan.id].asks}
        there = wanted <= {entry.name for entry in entries}
        if there and not plan.hidden and set(plan.after) <= {one.id for one in plans}:
            plans.append(plan)
    return replace(asked, entries=entries, checks=tuple(plan for plan in plans if plan.id != "shapes.own-weights"))


class _Live(HandIn):
    """What is there already, called as the worker would call it."""

    def __init__(self, assignment: Assignment, answers: tuple[Any, ...]) -> None:
        super().__init__(Asked.of(asked_for(assignment)))
        for one in answers:
            if not callable(one) or not hasattr(one, "__name__"):
                raise InputError(f"{one!r} is no function and no class; give it as in check(rnn_cell, rnn_layer)")
        self.blocks = [Block(_source_of(one)) for one in answers]
        self.adopt({one.__name__: one for one in answers})

    def reply(self, call: Call) -> Reply:
        """Answer a call, with copies of its arguments."""
        return decode_reply({"reply": {"key": call.key, **self.answer(read_call(packed(call)))}}, call)


def _source_of(answer: Any) -> str:
    try:
        return inspect.cleandoc("\n" + inspect.getsource(answer))
    except (OSError, TypeError):
        return ""  # typed into a prompt; functions do without


def _shows_results() -> bool:
    """Whether what an expression gives is shown by itself, as notebooks and prompts do."""
    return hasattr(sys, "ps1") or hasattr(builtins, "get_ipython")
