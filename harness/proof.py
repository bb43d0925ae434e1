"""Run the fixes: a finding whose fix brings back the check that it is about is proved, and so is what it costs.

Each fix is tried alone in a fresh child, alternatives one after the other. Where two bugs hide each other, one mended
line shows nothing; then a fix is proved by the whole: with all of them the check passes, with all but this one it
does not.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from harness.bugs import Sighting, Source
from harness.diagnose import Diagnosis
from harness.model import CheckResult, Edit, Finding, Outcome

Regrade = Callable[[tuple[Edit, ...]], tuple[CheckResult, ...]]

#: Runs of a hand-in with fixes applied, at most: a file with fifty clues must not hold up the batch.
MOST_RUNS = 24
#: Seconds that the runs of one hand-in may take together, reckoned by what it took as it is.
_MOST_SECONDS = 20.0
#: Of one bug, so many places are tried.
_MOST_ALTERNATIVES = 6


def runs_for(seconds: float) -> int:
    """How often a hand-in is run with fixes, given how long it took as it is: one that hangs, once or twice."""
    return max(1, min(MOST_RUNS, int(_MOST_SECONDS / max(seconds, 1e-3))))


def prove(
    diagnoses: list[Diagnosis],
    checks: tuple[CheckResult, ...],
    source: Source,
    regrade: Regrade,
    most_runs: int = MOST_RUNS,
) -> tuple[tuple[Finding, ...], float]:
    """Try the fixes, and reckon what the hand-in earns with those that are proved.

    Parameters
    ----------
    diagnoses : what is suspected
    checks : what the hand-in got as it is
    source : to show a fix as a diff
    regrade : grades it with edits applied
    most_runs : how often

    Returns
    -------
    findings : what is told, with ``fix`` among the evidence and exact costs where it is proved
    follow_through_score : with the proved fixes applied, less the points of the check that each bug is about; never
        below the score as handed in
    """
    proof = _Proof(diagnoses, checks, regrade, most_runs)
    proof.try_alone()
    proof.try_together([number for number, one in enumerate(diagnoses) if one.certain])
    proof.try_together(list(range(len(diagnoses))))
    findings = tuple(_told(proof, number, one, checks, source) for number, one in enumerate(diagnoses))
    return _charged([one for one in findings if one is not None]), max(
        sum(check.earned for check in checks), proof.follow_through()
    )


class _Proof:
    """The alternatives that were chosen so far, and what each brought back."""

    def __init__(
        self, diagnoses: list[Diagnosis], checks: tuple[CheckResult, ...], regrade: Regrade, most_runs: int
    ) -> None:
        self._diagnoses, self._checks, self._regrade = diagnoses, checks, regrade
        self._most_runs = most_runs
        self._lost = {check.id for check in checks if not check.earned and check.outcome is not Outcome.NOT_APPLICABLE}
        self._runs: dict[tuple[Edit, ...], frozenset[str]] = {}
        self.chosen: dict[int, Sighting] = {}
        self.back: dict[int, frozenset[str]] = {}

    def try_alone(self) -> None:
        """Choose for each bug the first alternative that works by itself."""
        for number, one in enumerate(self._diagnoses):
            for fix in self._alternatives(one):
                passed = self._passed(_edits([fix]))
                if one.check in passed:
                    self.chosen[number], self.back[number] = fix, passed & self._lost
                    break

    def try_together(self, numbers: list[int]) -> None:
        """Choose, for those that have no fix yet, what works with everything else mended and is needed for it."""
        pending = [n for n in numbers if n not in self.chosen and self._alternatives(self._diagnoses[n])]
        if not pending:
            return
        choices = [self._alternatives(self._diagnoses[number]) for number in pending]
        proved = tuple(self.chosen.items())
        for combination in _simplest_first(choices):
            if len(self._runs) >= self._most_runs:
                return
            fixes = dict(proved) | dict(zip(pending, combination, strict=True))
            whole = self._passed(_edits(fixes.values()))
            needed = {number: whole - self._without(fixes, number) for number in pending}
            worked = [number for number in pending if self._diagnoses[number].check in needed[number]]
            for number in worked:
                self.chosen[number], self.back[number] = fixes[number], needed[number] & self._lost
            if worked:
                return

    def follow_through(self) -> float:
        """The points with everything mended that can be, less one check for each mistake."""
        together = self.together()
        if not together:
            return 0.0
        points = {check.id: check.points for check in self._checks}
        mended = self._passed(_edits(self.chosen[number] for number in together))
        charged = {self._diagnoses[number].check for number in together}
        return sum(points[id] for id in mended) - sum(points[id] for id in charged)

    def together(self) -> list[int]:
        """The chosen fixes that can be applied at once: two that work alone may be in each other's way."""
        everything = sorted(self.chosen)
        if self._all_back(everything):
            return everything
        kept: list[int] = []
        for number in everything:
            if self._all_back([*kept, number]):
                kept.append(number)
        return kept

    def _all_back(self, numbers: list[int]) -> bool:
        passed = self._passed(_edits(self.chosen[number] for number in numbers))
        return all(self._diagnoses[number].check in passed for number in numbers)

    def _alternatives(self, one: Diagnosis) -> list[Sighting]:
        if one.check not in self._lost:
            return []
        return [fix for fix in one.fixes if fix.edits][:_MOST_ALTERNATIVES]

    def _without(self, fixes: dict[int, Sighting], number: int) -> frozenset[str]:
        """What passes with everything mended but this; two mistakes of one line are mended together."""
        place = fixes[number].place
        return self._passed(_edits(fix for fix in fixes.values() if fix.place != place))

    def _passed(self, edits: tuple[Edit, ...]) -> frozenset[str]:
        if not edits:
            return _passed(self._checks)
        if edits not in self._runs:
            self._runs[edits] = _passed(self._regrade(edits)) if len(self._runs) < self._most_runs else frozenset()
        return self._runs[edits]


def _simplest_first(choices: list[list[Sighting]]) -> Iterator[tuple[Sighting, ...]]:
    """Combine alternatives, those with the best guesses first."""
    numbers = itertools.product(*(range(len(one)) for one in choices))
    for combination in sorted(numbers, key=sum):
        yield tuple(one[number] for one, number in zip(choices, combination, strict=True))


def _edits(fixes: Iterable[Sighting]) -> tuple[Edit, ...]:
    return in_order(edit for fix in fixes for edit in fix.edits)


def in_order(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits as they stand in the text: the same ones are the same run, whichever was thought of first."""
    return tuple(
        sorted(edits, key=lambda one: (one.place.cell or 0, one.place.line, one.column, one.end_line, one.end_column))
    )


def _passed(checks: tuple[CheckResult, ...]) -> frozenset[str]:
    return frozenset(check.id for check in checks if check.outcome is Outcome.PASSED)


def _charged(findings: list[Finding]) -> tuple[Finding, ...]:
    """A check whose loss is explained beyond doubt is not charged to what is only suspected as well."""
    explained = {id for one in findings if one.evidence != ("clue",) for id in one.costs}
    return tuple(
        replace(one, costs=tuple(id for id in one.costs if id not in explained)) if one.evidence == ("clue",) else one
        for one in findings
    )


def _beside(fix: Sighting, others: Iterable[Sighting]) -> Iterator[Edit]:
    """What else is to be mended on the lines of a fix, so that it is shown as it is to be written."""
    lines = {(edit.place.cell, edit.place.line) for edit in fix.edits}
    for other in others:
        for edit in other.edits:
            if (edit.place.cell, edit.place.line) in lines and edit.end_line == edit.place.line:
                yield edit


def _told(
    proof: _Proof, number: int, one: Diagnosis, checks: tuple[CheckResult, ...], source: Source
) -> Finding | None:
    """The finding with its proof; None where only a proof would have made it one."""
    finding = one.finding
    if number not in proof.chosen:
        clue = one.fixes[0] if one.fixes and "clue" in finding.evidence and one.bug.clue else None
        shown = source.shown(clue.edits) if clue else ""
        return replace(finding, fix=shown or None) if one.certain else None
    fix = proof.chosen[number]
    together = proof.together()
    others = [proof.chosen[other] for other in together] if number in together else []
    mended = tuple(dict.fromkeys((*fix.edits, *_beside(fix, others))))
    costs = tuple(check.id for check in checks if check.id in proof.back[number])
    evidence = (*finding.evidence, "fix")
    return replace(finding, place=fix.place, evidence=evidence, costs=costs, fix=source.shown(mended) or None)
