"""Run the fixes: a finding whose fix brings back the check that it is about is proved, and so is what it costs.

Each fix is tried alone in a fresh child. Where two bugs hide each other, one mended line shows nothing; then a fix is
proved by the whole: with all of them the check passes, with all but this one it does not.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from harness.diagnose import Diagnosis
from harness.model import CheckResult, Edit, Finding, Outcome

Regrade = Callable[[tuple[Edit, ...]], tuple[CheckResult, ...]]

#: Runs of a hand-in with fixes applied, at most: a file with fifty clues must not hold up the batch.
_MOST_FIXES = 8


def prove(
    diagnoses: list[Diagnosis], checks: tuple[CheckResult, ...], regrade: Regrade
) -> tuple[tuple[Finding, ...], float]:
    """Try the fixes, and reckon what the hand-in earns with those that are proved.

    Parameters
    ----------
    diagnoses : what is suspected
    checks : what the hand-in got as it is
    regrade : grades it with some lines replaced

    Returns
    -------
    findings : the same, with ``fix`` among the evidence and exact costs where it is proved
    follow_through_score : with the proved fixes applied, less the points of the check that each bug is about; never
        below the score as handed in
    """
    score = sum(check.earned for check in checks)
    lost = {check.id for check in checks if not check.earned and check.outcome is not Outcome.NOT_APPLICABLE}
    triable = [one for one in diagnoses if one.edit and one.bug.about in lost][:_MOST_FIXES]
    if not triable:
        return tuple(one.finding for one in diagnoses), score
    passed_with = cache(lambda edits: _passed(regrade(edits)))

    def brought_back(diagnosis: Diagnosis) -> frozenset[str]:
        """The lost checks that pass with this fix, alone or as the last of all; empty where it proves nothing."""
        everything = _edits(triable)
        place = diagnosis.finding.place  # two mistakes of one line are mended together
        alone = passed_with(_edits([diagnosis]))
        if diagnosis.bug.about in alone:
            return alone & lost
        whole, without = passed_with(everything), passed_with(tuple(e for e in everything if e.place != place))
        return whole - without if diagnosis.bug.about in whole - without else frozenset()

    back = {id(one): brought_back(one) for one in triable}
    findings = tuple(_proved(one.finding, back.get(id(one), frozenset()), checks) for one in diagnoses)
    proved = [one for one in triable if back[id(one)]]
    if not proved:
        return findings, score
    mended = passed_with(_edits(proved))
    points = {check.id: check.points for check in checks}
    charged = {one.bug.about for one in proved}
    follow_through = sum(points[id] for id in mended) - sum(points[id] for id in charged)
    return findings, max(score, follow_through)


def _edits(diagnoses: list[Diagnosis]) -> tuple[Edit, ...]:
    return tuple(one.edit for one in diagnoses if one.edit)


def _passed(checks: tuple[CheckResult, ...]) -> frozenset[str]:
    return frozenset(check.id for check in checks if check.outcome is Outcome.PASSED)


def _proved(finding: Finding, back: frozenset[str], checks: tuple[CheckResult, ...]) -> Finding:
    if not back:
        return finding
    costs = tuple(check.id for check in checks if check.id in back)
    return replace(finding, evidence=(*finding.evidence, "fix"), costs=costs)
