"""The catalogue of known bugs in words: `rules` lists it, `explain` tells about one."""

import re
from collections.abc import Iterator
from functools import cache

import numpy as np

from harness.bank import make_bank
from harness.bugs import CATALOGUE, KnownBug
from harness.checks import CHECKS
from harness.checks.framework import written_out
from harness.language import language
from harness.model import Assignment
from harness.questions import named_arguments
from harness.run import choose_assignment
from harness.shrinking import Shrinker
from harness.ways import answer_of, single_ways
from harness.words import say

#: Where the smallest input of a bug is looked for, in this order.
_ASSIGNMENTS = ("notes", "notes-models", "cs231n")
_EXAMPLE = re.compile(r"^Example\n(?P<example>.*?)^Instead\n(?P<instead>.*)", re.M | re.S)


def listed(lang: str) -> Iterator[str]:
    """Yield a line for each known bug."""
    width = max(map(len, CATALOGUE))
    for name, bug in CATALOGUE.items():
        yield f"{name:{width}}  {bug.title if lang == 'en' else korean_title(bug)}  [{bug.about[0]}]"


def explained(bug: KnownBug, lang: str) -> Iterator[str]:
    """Yield the lines about one: its docstring, its check, and the smallest input that shows it."""
    tr = language(lang)
    yield bug.name
    yield ""
    yield bug.doc if lang == "en" else korean(bug)
    yield ""
    yield tr(say("The check that it is about"))
    yield f"    {bug.about[0]}: {tr(CHECKS[bug.about[0]].claim)}"
    shown = _smallest(bug)
    if shown:
        call, returned, expected = shown
        yield ""
        yield tr(say("The smallest input that shows it"))
        yield f"    {call}"
        yield f"    {tr(say('returned'))}  {returned}"
        yield f"    {tr(say('expected'))}  {expected}"


def korean_title(bug: KnownBug) -> str:
    """The first line of the Korean text."""
    return bug.korean_doc.partition("\n")[0].rstrip(".")


def korean(bug: KnownBug) -> str:
    """The Korean text with the code of the English one, which needs no translation."""
    code = _EXAMPLE.search(bug.doc)
    assert code, f"{bug.name} has no example"
    return f"{bug.korean_doc.rstrip()}\n예\n{code['example'].rstrip()}\n대신\n{code['instead'].rstrip()}"


def _smallest(bug: KnownBug) -> tuple[str, str, str] | None:
    """The call, what the bug makes of it, and what should come back; None where numbers do not show the bug."""
    ways = [way for way in single_ways() if bug.name in way.names or bug.cause_of in way.names]
    for name in _ASSIGNMENTS if ways else ():
        assignment, shrinker = _shrinker(name)
        for way in ways:
            for plan in assignment.checks:
                if plan.id in bug.about and (found := shrinker.smallest_of_bug(way, plan)):
                    entry, case = found
                    named = named_arguments(entry.parameters, case.arguments, np.longdouble)
                    answers = answer_of(way, entry.question, named)
                    got = None if answers is None else answers[case.part]
                    call = ", ".join(f"{word}={written_out(value)}" for word, value in named.items())
                    return f"{entry.title}({call})", _plain(got), _plain(case.expected)
    return None


@cache
def _shrinker(name: str) -> tuple[Assignment, Shrinker]:
    assignment = choose_assignment(name)
    return assignment, Shrinker(assignment, make_bank(assignment, "cpu"))


def _plain(value: object) -> str:
    if value is None:
        return "ValueError"
    return str(np.round(np.asarray(value, dtype=np.float64), 4).tolist())
