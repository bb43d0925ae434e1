"""Which known bugs explain what went wrong: clues in the source, and twins that return the same numbers.

`harness.proof` then runs the fixes.

The source comes from the child as plain data, and is rebuilt here without parsing. A finding is reported only where
the hand-in falls short of full marks; a clue in one that does not is a note.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.bank import Bank
from harness.bugs import CATALOGUE, KnownBug, Sighting, Source
from harness.convention import strip_extra_row, to_canonical
from harness.model import (
    Assignment,
    Case,
    CheckResult,
    Edit,
    Finding,
    NotAnArray,
    Outcome,
    Place,
    Reply,
    ReplyKind,
)
from harness.questions import QUESTIONS, named_arguments
from harness.trees import TreeError, rebuild

#: How many bounds an answer may be away from a twin and still be taken for it. Twins are at least 10⁶ bounds from
#: right and from each other (tests hold them to it), so this tells them apart with room to spare.
SAME_AS_TWIN = 1e3


def rebuild_source(data: Mapping[str, Any], assignment: Assignment) -> Source:
    """Make a `Source` of what the child sent; what is not as it should be is left out."""
    modules = []
    for part in _dicts(data.get("trees")):
        for tree in part.get("modules") or []:
            try:
                modules.append((_number(part.get("cell")), rebuild(tree)))
            except TreeError:
                continue
    lines: dict[tuple[int | None, int], str] = {}
    for block in _dicts(data.get("blocks")):
        first = _number(block.get("first_line")) or 1
        for offset, line in enumerate(str(block.get("text", ""))[:400_000].split("\n")):
            lines[_number(block.get("cell")), first + offset] = line[:400]
    return Source(tuple(modules), lines, assignment.names)


def sightings_in(source: Source) -> list[tuple[KnownBug, Sighting]]:
    """Look for every clue of the catalogue; one sighting for each bug and place."""
    seen: dict[tuple[str, Place], tuple[KnownBug, Sighting]] = {}
    for bug in CATALOGUE.values():
        for sighting in bug.clue(source) if bug.clue else []:
            seen.setdefault((bug.name, sighting.place), (bug, sighting))
    return sorted(seen.values(), key=lambda pair: (pair[1].place.cell or 0, pair[1].place.line, pair[0].name))


@dataclass(frozen=True)
class Diagnosis:
    """A finding that is not proved yet, with the bug that it is of and the edit that would mend it."""

    finding: Finding
    bug: KnownBug
    edit: Edit | None


def diagnose(
    source: Source,
    checks: tuple[CheckResult, ...],
    replies: Mapping[str, Reply],
    bank: Bank,
    assignment: Assignment,
) -> list[Diagnosis]:
    """Say which known bugs are in a hand-in that falls short of full marks.

    Parameters
    ----------
    source : of the hand-in
    checks : what the checks said
    replies : by call key, for the twins
    """
    diagnoses = []
    for bug, sighting in sightings_in(source):
        evidence = ("clue", "twin") if matches_twin(bug, replies, bank, assignment) else ("clue",)
        finding = Finding(
            rule=bug.name,
            place=sighting.place,
            evidence=evidence,
            costs=costs_of(bug, checks, assignment, proved="twin" in evidence),
            message=_worded(bug, sighting),
            fix=_as_diff(source.line(sighting.place), sighting.replacement),
        )
        edit = Edit(sighting.place, sighting.replacement) if finding.fix and sighting.replacement else None
        diagnoses.append(Diagnosis(finding, bug, edit))
    return diagnoses


def notes_of(source: Source) -> tuple[str, ...]:
    """Word what clues see in a hand-in that has full marks: it costs nothing, but it is there."""
    return tuple(f"{_worded(bug, sighting)} (it costs nothing here)" for bug, sighting in sightings_in(source))


def matches_twin(bug: KnownBug, replies: Mapping[str, Reply], bank: Bank, assignment: Assignment) -> bool:
    """Tell whether what came back is what the bug's twin returns, on every case that tells the two apart from right."""
    told_apart = False
    for name, case in bank.cases.items():
        reply = replies.get(f"{name}|1|False")
        if case.entry not in bug.twins or case.stepwise or reply is None or reply.kind is not ReplyKind.RETURNED:
            continue
        entry = next(entry for entry in assignment.entries if entry.name == case.entry)
        value = strip_extra_row(reply.values[0], case, entry, assignment)
        canonical = bank.canonical[name]
        if isinstance(value, NotAnArray | str) or value.dtype.kind not in "fiu":
            return False
        got = to_canonical(value.astype(np.float64), QUESTIONS[case.entry].result, assignment)
        twin = twin_output(bug, canonical, assignment)
        allowed = canonical.allowed * SAME_AS_TWIN
        if got.shape != twin.shape or not (np.abs(got - twin) <= allowed).all():
            return False
        told_apart |= bool((np.abs(twin - canonical.expected) > allowed).any())
    return told_apart


def twin_output(bug: KnownBug, case: Case, assignment: Assignment) -> Any:
    """What the twin returns on a canonical case."""
    entry = next(entry for entry in assignment.entries if entry.name == case.entry)
    return bug.twins[case.entry](named_arguments(entry.parameters, case.arguments, np.longdouble))


def costs_of(
    bug: KnownBug, checks: tuple[CheckResult, ...], assignment: Assignment, *, proved: bool
) -> tuple[str, ...]:
    """The checks that a bug cost: the one that it is about, those that wait for it, and, proved, its family."""
    lost = {check.id: check.outcome for check in checks if check.outcome not in _NOT_LOST}
    if bug.about not in lost:
        return ()
    guilty = {bug.about}
    if proved:
        family = bug.about.partition(".")[0]
        guilty |= {id for id, outcome in lost.items() if outcome is Outcome.FAILED and id.startswith(family + ".")}
    for plan in assignment.checks:  # in order, so that what waits for what waits is reached too
        if lost.get(plan.id) is Outcome.NOT_RUN and guilty.intersection(plan.after):
            guilty.add(plan.id)
    return tuple(check.id for check in checks if check.id in guilty)


_NOT_LOST = (Outcome.PASSED, Outcome.NOT_APPLICABLE, Outcome.GRADER_FAULT)


def _worded(bug: KnownBug, sighting: Sighting) -> str:
    return bug.message.format(line=str(sighting.place), **sighting.details)


def _as_diff(line: str, replacement: str | None) -> str | None:
    return f"- {line}\n+ {replacement}" if replacement and replacement != line else None


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _number(value: object) -> int | None:
    return value if type(value) is int and 0 < value < 10_000_000 else None
