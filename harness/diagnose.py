"""Which known bugs explain what went wrong: clues in the source, and twins that return the same numbers.

`harness.proof` then runs the fixes.

The source comes from the child as plain data, and is rebuilt here without parsing. A finding is reported only where
the check that its bug is about did not pass; a clue without effect is a note.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.bugs import CATALOGUE, Code, Evidence, Function, KnownBug, Shown, Sighting, Source
from harness.bugs.source import functions_of
from harness.checks import CHECKS
from harness.model import Assignment, CheckResult, Edit, Finding, Listing, Outcome, Place, Template
from harness.printable import printable
from harness.trees import TreeError, rebuild
from harness.ways import Match
from harness.words import Text, Words, say

#: No hand-in has more; a forged one must not fill the grader's memory with empty ones.
_MAX_LINES = 100_000


def rebuild_source(data: Mapping[str, Any], assignment: Assignment) -> Source:
    """Make a `Source` of what the child sent; what is not as it should be is left out."""
    rebuilt = []
    for part in _dicts(data.get("trees")):
        for tree in part.get("modules") or []:
            try:
                rebuilt.append((_number(part.get("cell")), rebuild(tree)))
            except TreeError:
                continue
    lines: dict[tuple[int | None, int], str] = {}
    for block in _dicts(data.get("blocks")):
        first = _number(block.get("first_line")) or 1
        text = str(block.get("text", ""))[:400_000]
        for offset, line in enumerate(text.split("\n", _MAX_LINES)[: _MAX_LINES - len(lines)]):
            lines[_number(block.get("cell")), first + offset] = line[:400]
    broken = [Place(_number(one.get("line")) or 1, _number(one.get("cell"))) for one in _dicts(data.get("broken"))]
    return Source(tuple(rebuilt), lines, assignment.names, tuple(broken))


#: Characters of a hand-in that are kept to be shown beside what is wrong with it.
_MOST_LISTED = 60_000


def listings_of(data: Mapping[str, Any]) -> tuple[Listing, ...]:
    """Take the text that the child sent, to be shown; the beginning of one that is long."""
    listings = []
    left = _MOST_LISTED
    for block in _dicts(data.get("blocks")):
        text = printable(str(block.get("text", ""))[:left].expandtabs(4))
        left -= len(text)
        listings.append(Listing(text, _number(block.get("first_line")) or 1, _number(block.get("cell"))))
        if left <= 0:
            break
    return tuple(listings)


@dataclass(frozen=True)
class Seen:
    """A clue that was seen, in the hand-in as it is or once what hid it was mended."""

    bug: KnownBug
    sighting: Sighting

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same sighting when it is seen again."""
        return self.bug.name, self.sighting.once or str(self.sighting.place)


def sightings_in(source: Source, *, quiet: bool = True) -> list[Seen]:
    """Look for every clue of the catalogue, in the order of the text; a bug is told once for each name.

    Parameters
    ----------
    quiet : for those too that right hand-ins show as well, which never make a note
    """
    seen: dict[tuple[str, str], Seen] = {}
    for bug in CATALOGUE.values():
        for sighting in bug.clue(source) if bug.clue and (quiet or not bug.quiet) else ():
            one = Seen(bug, sighting)
            seen.setdefault(one.key, one)
    states = {_name_at(one) for one in seen.values() if one.bug.name == "misspelled-hidden-state"}
    told = [one for one in seen.values() if one.bug.name != "misspelled-name" or _name_at(one) not in states]
    return sorted(told, key=_position)


def _name_at(seen: Seen) -> tuple[Place, str | None]:
    """What is misspelt where: a state that is misspelt is told once, as that."""
    return seen.sighting.place, seen.sighting.details.get("name")


def all_sightings(source: Source, mended: Callable[[tuple[Edit, ...]], Source]) -> list[Seen]:
    """Look for clues, mend what they show, and look again: a broken line hides the next mistake in it.

    Parameters
    ----------
    source : of the hand-in as it is
    mended : gives its source with edits applied
    """
    found = sightings_in(source)
    for _ in range(_MOST_ROUNDS):
        edits = tuple(edit for seen in found for edit in seen.sighting.edits if not seen.bug.quiet)
        if not edits:
            break
        known = {seen.key for seen in found}
        new = [_before(seen, edits) for seen in sightings_in(mended(edits)) if seen.key not in known]
        if not new:
            break
        found += new
    return sorted(found, key=_position)


#: A line with more mistakes than this, each hidden by the one before, is told in part.
_MOST_ROUNDS = 3


def _before(seen: Seen, earlier: tuple[Edit, ...]) -> Seen:
    """Move the edits of a clue that was seen in a mended text to where they belong in the text as it was handed in."""
    edits = tuple(
        replace(edit, column=_column(edit, edit.column, earlier), end_column=_column(edit, edit.end_column, earlier))
        for edit in seen.sighting.edits
    )
    return replace(seen, sighting=replace(seen.sighting, edits=edits))


def _column(edit: Edit, column: int, earlier: tuple[Edit, ...]) -> int:
    shift = 0
    for one in sorted((one for one in earlier if one.place == edit.place), key=lambda one: one.column):
        if column >= one.column + shift + len(one.text):
            shift += len(one.text) - (one.end_column - one.column)
    return column - shift


def _position(seen: Seen) -> tuple[int, int, str]:
    return seen.sighting.place.cell or 0, seen.sighting.place.line, seen.bug.name


@dataclass(frozen=True)
class Diagnosis:
    """A finding that is not proved yet, with the bug that it is of and what may mend it.

    Attributes
    ----------
    check : the check that the bug is about
    fixes : alternatives, the best guess first, each with where it mends
    """

    finding: Finding
    bug: KnownBug
    check: str
    fixes: tuple[Sighting, ...]

    @property
    def certain(self) -> bool:
        """Whether it is told without a fix that works."""
        return not self.bug.quiet or "twin" in self.finding.evidence


class Diagnoser:
    """Says which known bugs are in a hand-in that falls short of full marks.

    Parameters
    ----------
    source : its text and trees
    seen : what it did
    match : the bugs whose twin it answers like, if there are any
    """

    def __init__(self, source: Source, seen: Evidence, match: Match | None) -> None:
        self._source, self._seen, self._match = source, seen, match
        self._lost = [check.id for check in seen.checks if check.outcome not in _NOT_LOST]

    def diagnose(self, sightings: list[Seen]) -> list[Diagnosis]:
        """Put together what clues, twins and signs say."""
        found = []
        explained = set()
        for one in sightings:
            names = {one.bug.name, one.bug.cause_of} - {None}
            twin = self._match is not None and names & set(self._match.way.names)
            if check := self._check(one.bug):
                explained |= names if twin else set()
                found.append(self._by_clue(one, check, twin=bool(twin)))
        by_numbers = [
            self._by_numbers(bug, check)
            for bug in (self._match.way.bugs if self._match else ())
            if bug.name not in explained and (check := self._check(bug))
        ]
        by_signs = [
            self._by_sign(bug, shown, check)
            for bug in CATALOGUE.values()
            if bug.sign and (check := self._check(bug)) and (shown := bug.sign(self._seen))
        ]
        return [*by_numbers, *by_signs, *found]

    def _check(self, bug: KnownBug) -> str | None:
        """The check that a bug is about here: the first of its checks that was lost."""
        return next((id for id in bug.about if id in self._lost), None)

    def _by_clue(self, one: Seen, check: str, *, twin: bool) -> Diagnosis:
        sighting = one.sighting
        finding = Finding(
            rule=one.bug.name,
            place=sighting.place,
            evidence=("clue", "twin") if twin else ("clue",),
            costs=self._costs(check, self._match if twin else None),
            message=worded(one.bug, sighting),
        )
        return Diagnosis(finding, one.bug, check, (sighting,))

    def _by_numbers(self, bug: KnownBug, check: str) -> Diagnosis:
        assert self._match is not None
        entry = self._match.entries[0]
        return self._located(bug, check, entry, self._match.details(bug), ("twin",), None)

    def _by_sign(self, bug: KnownBug, shown: Shown, check: str) -> Diagnosis:
        entry = next(iter(self._seen.loaded.entries), "script")
        if "layer" in self._seen.loaded.entries and bug.find:
            entry = "layer"
        entry = next(iter(shown.entries), entry)
        evidence = ("twin",) if shown.twin else ("clue",)
        diagnosis = self._located(bug, check, entry, shown.details, evidence, shown.place)
        if not shown.entries:
            return diagnosis
        costs = costs_of(check, self._seen.checks, self._seen.assignment, None, shown.entries)
        return replace(diagnosis, finding=replace(diagnosis.finding, costs=costs))

    def _located(
        self,
        bug: KnownBug,
        check: str,
        entry: str,
        details: Mapping[str, Text],
        evidence: tuple[str, ...],
        place: Place | None,
    ) -> Diagnosis:
        """Word a bug that was seen in what the hand-in did, and look for where it stands and what may mend it."""
        found = self._seen.loaded.entries.get(entry)
        where: Text = found.name if found else say("the script")
        fixes = tuple(bug.find(self._code(entry))) if bug.find else ()
        first = place or (fixes[0].place if fixes else None) or (found.place if found else None)
        finding = Finding(
            rule=bug.name,
            place=first,
            evidence=evidence,
            costs=self._costs(check, self._match if evidence == ("twin",) and bug.changes else None),
            message=Words(bug.message, {"where": where, **details}),
        )
        return Diagnosis(finding, bug, check, fixes)

    def _code(self, entry: str) -> Code:
        """The functions of the hand-in: those of the entries that showed the bug, helpers, the rest."""
        assignment, loaded = self._seen.assignment, self._seen.loaded
        asked = {one.name: one for one in assignment.entries}
        answering = {}
        for name, found in loaded.entries.items():
            if found.place:
                one = asked[name]
                words = one.parameters if one.call is None else tuple(map(_word, one.call))
                if "." in found.name and one.call is None:  # a method is not given the weights
                    words = tuple(word for word in words if word not in assignment.weights)
                answering[found.place.cell, found.place.line] = (name, words)
        first = set(self._match.entries) if self._match else {entry}

        def rank(function: Function) -> int:
            if function.entry in first:
                return 0
            return 2 if function.entry else 1

        return Code(self._source, tuple(sorted(functions_of(self._source, answering), key=rank)))

    def _costs(self, check: str, match: Match | None) -> tuple[str, ...]:
        return costs_of(check, self._seen.checks, self._seen.assignment, match)


def notes_of(sightings: list[Seen], checks: tuple[CheckResult, ...]) -> tuple[Text, ...]:
    """Word the clues without effect: the checks that they are about passed, as where another attempt was marked."""
    lost = {check.id for check in checks if check.outcome not in _NOT_LOST}
    return tuple(
        say("{what} (it costs nothing here)", what=worded(seen.bug, seen.sighting))
        for seen in sightings
        if not seen.bug.quiet and not lost.intersection(seen.bug.about)
    )


def costs_of(
    about: str,
    checks: tuple[CheckResult, ...],
    assignment: Assignment,
    match: Match | None,
    entries: tuple[str, ...] = (),
) -> tuple[str, ...]:
    """The checks that a bug cost: the one that it is about, and those that wait for it.

    Where its twin was matched, all that was lost on the entries that it explains, for it explains every number; what
    raised only if the twin does as well. So it is for all that was lost on `entries`.
    """
    lost = {check.id: check.outcome for check in checks if check.outcome not in _NOT_LOST}
    guilty = ({about} & lost.keys()) | {id for id in lost if _asked_entries(id) & set(entries)}
    if match is not None:
        explained = {id for id, outcome in lost.items() if outcome is not Outcome.RAISED or match.raises}
        guilty |= {id for id in explained if match.entries == ("script",) or _asked_entries(id) & set(match.entries)}
    for plan in assignment.checks:  # in order, so that what waits for what waits is reached too
        if lost.get(plan.id) is Outcome.NOT_RUN and guilty.intersection(plan.after):
            guilty.add(plan.id)
    return tuple(check.id for check in checks if check.id in guilty)


def _asked_entries(check: str) -> set[str]:
    return {ask.pattern.partition(".")[0] for ask in CHECKS[check].asks}


_NOT_LOST = (Outcome.PASSED, Outcome.NOT_APPLICABLE, Outcome.GRADER_FAULT)


def worded(bug: KnownBug, sighting: Sighting) -> Words:
    """Word a clue."""
    return Words(bug.message, {"line": sighting.place, **sighting.details})


def _word(template: Template) -> str:
    """The word that an argument stands for, if it is one."""
    return template if isinstance(template, str) else ""


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _number(value: object) -> int | None:
    return value if type(value) is int and 0 < value < 10_000_000 else None
