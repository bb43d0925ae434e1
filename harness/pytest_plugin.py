"""``pytest --grade submissions/``: each hand-in × check is a test item, and each known bug one that fails.

Installed with the package, so CI and GitHub Classroom need nothing else. Hand-ins are graded in the confined worker
while items are collected; pytest itself never sees student code. A check that does not apply is skipped.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import HarnessError

if TYPE_CHECKING:
    from harness.language import Language
    from harness.model import CheckResult, Finding, Grade


class LostCheck(Exception):
    """A check did not pass, or a known bug is there; its text is what the student reads."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the harness."""
    group = parser.getgroup("rnn-grading", "grading of hand-written RNNs")
    group.addoption("--grade", action="append", default=[], metavar="PATH", help="grade hand-ins; repeatable")
    group.addoption("--grade-assignment", default="notes", metavar="NAME", help="a built-in assignment or a .toml file")
    group.addoption("--grade-lang", default="en", choices=["en", "ko"], help="language of what is told")
    group.addoption("--grade-device", default="auto", choices=["auto", "cpu", "cuda"], help="where the oracle computes")


def pytest_configure(config: pytest.Config) -> None:
    """With --grade, collect hand-ins instead of the test paths that the project has configured."""
    if config.getoption("--grade") and config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = []


def pytest_collection(session: pytest.Session) -> None:
    """Grade, once, before anything is collected."""
    paths = session.config.getoption("--grade")
    if paths:
        session.config.stash[_GRADES] = _grade(session.config, [Path(path) for path in paths])


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    """Put the graded items in front of the ordinary ones."""
    grades: list[Grade] = config.stash.get(_GRADES, [])
    for grade in reversed(grades):
        items[:0] = HandInCollector.from_parent(session, name=grade.id, nodeid=grade.path, grade=grade).collect()
    yield


class HandInCollector(pytest.Collector):
    """One hand-in."""

    def __init__(self, *, grade: "Grade", **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self.grade = grade

    def collect(self) -> list[pytest.Item]:
        """Make an item of each check, and of each known bug that was found."""
        from harness.reports.explanation import name_of

        checks = [
            CheckItem.from_parent(self, name=check.id, grade=self.grade, check=check) for check in self.grade.checks
        ]
        findings = [
            FindingItem.from_parent(self, name=name_of(finding), grade=self.grade, finding=finding)
            for finding in self.grade.findings
        ]
        return [*checks, *findings]


class GradedItem(pytest.Item):
    """An item whose result is known already."""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """Show the text for the student, not a traceback through the harness."""
        if isinstance(excinfo.value, LostCheck):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    @property
    def tr(self) -> "Language":
        """The language of the run."""
        from harness.language import language

        return language(self.config.getoption("--grade-lang"))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name the hand-in and the check."""
        assert self.parent is not None
        return self.path, None, f"{self.parent.name} {self.name}"


class CheckItem(GradedItem):
    """One check of one hand-in."""

    def __init__(self, *, grade: "Grade", check: "CheckResult", **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self.grade, self.check = grade, check

    def runtest(self) -> None:
        """Pass, skip or fail as the check did.

        Raises
        ------
        LostCheck
        """
        from harness.model import Outcome
        from harness.reports.explanation import explain_check

        if self.check.outcome is Outcome.NOT_APPLICABLE:
            pytest.skip(self.tr(self.check.message))
        if self.check.outcome is not Outcome.PASSED:
            reason = [self.tr(self.grade.reason)] if self.grade.reason else []
            raise LostCheck("\n".join([*reason, *explain_check(self.check, self.grade, self.tr)]))


class FindingItem(GradedItem):
    """A known bug in a hand-in: an item that fails."""

    def __init__(self, *, grade: "Grade", finding: "Finding", **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self.grade, self.finding = grade, finding

    def runtest(self) -> None:
        """Fail, and say why.

        Raises
        ------
        LostCheck
        """
        from harness.reports.explanation import explain_finding

        raise LostCheck("\n".join(explain_finding(self.finding, self.tr)))


_GRADES = pytest.StashKey["list[Grade]"]()


def _grade(config: pytest.Config, paths: list[Path]) -> "list[Grade]":
    # Imported here: every pytest run loads this plugin, and most of them grade nothing.
    from harness import run as runs
    from harness.disclosure import disclosed
    from harness.intake import look

    try:
        assignment = runs.choose_assignment(config.getoption("--grade-assignment"))
        readings = [one.read for one in look(paths, words=runs.words_of(assignment)).hand_ins]
        setting = runs.prepare(assignment, device=config.getoption("--grade-device"))
        return [disclosed(one, assignment) for one in runs.grade(readings, setting)]
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from None
