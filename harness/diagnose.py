"""Which known bugs explain what went wrong: clues in the source, and twins that return the same numbers.

`harness.proof` then runs the fixes.

The source comes from the child as plain data, and is rebuilt here without parsing. A finding is reported only where
the check that its bug is about did not pass; a clue without effect is a note.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.bugs import CATALOGUE, KnownBug, Sighting, Source
from harness.checks import CHECKS
from harness.model import Assignment, CheckResult, Edit, Finding, Loaded, Outcome, Place
from harness.trees import TreeError, rebuild
from harness.twins import Match


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
    broken = [Place(_number(one.get("line")) or 1, _number(one.get("cell"))) for one in _dicts(data.get("broken"))]
    return Source(tuple(modules), lines, assignment.names, tuple(broken))


@dataclass(frozen=True)
class Seen:
    """A clue that was seen, in the hand-in as it is or once what hid it was mended.

    Attributes
    ----------
    line : the text that stood there
    """

    bug: KnownBug
    sighting: Sighting
    line: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same sighting when it is seen again."""
        return self.bug.name, self.sighting.once or str(self.sighting.place)

    @property
    def edit(self) -> Edit | None:
        """The edit that would mend it, if the clue knows one."""
        text = self.sighting.replacement
        return Edit(self.sighting.place, text) if text and text != self.line else None


def sightings_in(source: Source) -> list[Seen]:
    """Look for every clue of the catalogue, in the order of the text; a bug is told once for each name."""
    seen: dict[tuple[str, str], Seen] = {}
    for bug in CATALOGUE.values():
        for sighting in bug.clue(source) if bug.clue else []:
            one = Seen(bug, sighting, source.line(sighting.place))
            seen.setdefault(one.key, one)
    return sorted(seen.values(), key=_position)


def all_sightings(source: Source, mended: Callable[[tuple[Edit, ...]], Source]) -> list[Seen]:
    """Look for clues, mend what they show, and look again: a broken line hides the next mistake in it.

    Parameters
    ----------
    source : of the hand-in as it is
    mended : gives its source with some lines replaced
    """
    found = sightings_in(source)
    for _ in range(_MOST_ROUNDS):
        edits = tuple(seen.edit for seen in found if seen.edit)
        if not edits:
            break
        known = {seen.key for seen in found}
        new = [seen for seen in sightings_in(mended(edits)) if seen.key not in known]
        if not new:
            break
        found += new
    return sorted(found, key=_position)


#: A line with more mistakes than this, each hidden by the one before, is told in part.
_MOST_ROUNDS = 3


def _position(seen: Seen) -> tuple[int, int, str]:
    return seen.sighting.place.cell or 0, seen.sighting.place.line, seen.bug.name


@dataclass(frozen=True)
class Diagnosis:
    """A finding that is not proved yet, with the bug that it is of and the edit that would mend it."""

    finding: Finding
    bug: KnownBug
    edit: Edit | None


def diagnose(
    source: Source,
    sightings: list[Seen],
    loaded: Loaded,
    checks: tuple[CheckResult, ...],
    match: Match | None,
    assignment: Assignment,
) -> list[Diagnosis]:
    """Say which known bugs are in a hand-in that falls short of full marks.

    Parameters
    ----------
    source, loaded : the hand-in
    sightings : the clues in it
    checks : what the checks said
    match : the bug whose twin it answers like, if there is one
    """
    passed = {check.id for check in checks if check.outcome is Outcome.PASSED}
    diagnoses = []
    explained = False
    for seen in sightings:
        bug, sighting = seen.bug, seen.sighting
        if bug.about in passed:
            continue
        twin = match is not None and match.bug.name in (bug.name, bug.cause_of)
        explained |= twin
        finding = Finding(
            rule=bug.name,
            place=sighting.place,
            evidence=("clue", "twin") if twin else ("clue",),
            costs=costs_of(bug, checks, assignment, match if twin else None),
            message=_worded(bug, sighting),
            fix=f"- {seen.line}\n+ {seen.edit.text}" if seen.edit else None,
        )
        diagnoses.append(Diagnosis(finding, bug, seen.edit))
    if match is not None and not explained:
        diagnoses.insert(0, Diagnosis(_by_its_numbers(match, source, loaded, checks, assignment), match.bug, None))
    return diagnoses


def _by_its_numbers(
    match: Match, source: Source, loaded: Loaded, checks: tuple[CheckResult, ...], assignment: Assignment
) -> Finding:
    """Word a bug that only its twin shows: the place is the function that returned the numbers, or a script's tanh."""
    found = loaded.entries.get(match.entries[0])
    where = found.name if found else "the script"
    place = found.place if found else _place_of_tanh(source)
    return Finding(
        rule=match.bug.name,
        place=place,
        evidence=("twin",),
        costs=costs_of(match.bug, checks, assignment, match),
        message=match.bug.message.format(where=where),
    )


def _place_of_tanh(source: Source) -> Place | None:
    """The last assignment in a loop that has a tanh: a script's recurrence."""
    places = [
        Place(node.lineno, cell)
        for cell, loop in source.walk()
        if isinstance(loop, ast.For | ast.While)
        for node in ast.walk(loop)
        if isinstance(node, ast.Assign) and "tanh" in ast.dump(node.value)
    ]
    return places[-1] if places else None


def notes_of(sightings: list[Seen], checks: tuple[CheckResult, ...]) -> tuple[str, ...]:
    """Word the clues without effect: the check that they are about passed, as where another attempt was marked."""
    passed = {check.id for check in checks if check.outcome is Outcome.PASSED}
    full = not any(check.outcome not in _NOT_LOST for check in checks)
    return tuple(
        f"{_worded(seen.bug, seen.sighting)} (it costs nothing here)"
        for seen in sightings
        if full or seen.bug.about in passed
    )


def costs_of(
    bug: KnownBug, checks: tuple[CheckResult, ...], assignment: Assignment, match: Match | None
) -> tuple[str, ...]:
    """The checks that a bug cost: the one that it is about, and those that wait for it.

    Where its twin was matched, all that was lost on the entries that it explains, for it explains every number.
    """
    lost = {check.id: check.outcome for check in checks if check.outcome not in _NOT_LOST}
    guilty = {bug.about} & lost.keys()
    if match is not None:
        guilty |= {id for id in lost if match.entries == ("script",) or _asked_entries(id) & set(match.entries)}
    for plan in assignment.checks:  # in order, so that what waits for what waits is reached too
        if lost.get(plan.id) is Outcome.NOT_RUN and guilty.intersection(plan.after):
            guilty.add(plan.id)
    return tuple(check.id for check in checks if check.id in guilty)


def _asked_entries(check: str) -> set[str]:
    return {ask.pattern.partition(".")[0] for ask in CHECKS[check].asks}


_NOT_LOST = (Outcome.PASSED, Outcome.NOT_APPLICABLE, Outcome.GRADER_FAULT)


def _worded(bug: KnownBug, sighting: Sighting) -> str:
    return bug.message.format(line=str(sighting.place), **sighting.details)


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _number(value: object) -> int | None:
    return value if type(value) is int and 0 < value < 10_000_000 else None
