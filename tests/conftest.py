"""Shared fixtures: one bank and one grader for the whole session, and a way to grade a piece of source."""

import functools
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from harness.bank import Bank, make_bank
from harness.grading import Grader
from harness.intake import look
from harness.model import Assignment, CheckResult, Grade, Outcome, Submission
from harness.run import choose_assignment

pytest_plugins = ["pytester"]

# The same examples in every run, unless `FUZZ=1000000` asks for that many new ones of each property.
FUZZ = int(os.environ.get("FUZZ", "0"))
settings.register_profile(
    "here",
    max_examples=FUZZ or settings.default.max_examples,
    derandomize=not FUZZ,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("here")

PROJECT = Path(__file__).resolve().parents[1]
SUBMISSIONS = PROJECT / "submissions"


def collect(paths: Iterable[Path]) -> list[Submission]:
    """The hand-ins under some paths, read."""
    return [one.read() for one in look(paths).hand_ins]


GradeSource = Callable[..., Grade]
BankOf = Callable[[str], tuple[Assignment, Bank]]
GraderOf = Callable[[str], Grader]


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the oracle's answers of the tests apart from the user's, but shared by the tests."""
    patch = pytest.MonkeyPatch()
    patch.setenv("RNN_HARNESS_CACHE", str(tmp_path_factory.mktemp("cache")))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def bank_of() -> BankOf:
    """A built-in assignment and its bank, each made once."""

    @functools.cache
    def made(name: str) -> tuple[Assignment, Bank]:
        assignment = choose_assignment(name)
        return assignment, make_bank(assignment, "cpu")

    return made


@pytest.fixture(scope="session")
def grader_of(bank_of: BankOf) -> Iterator[GraderOf]:
    """A grader of a built-in assignment, each made once."""
    made: dict[str, Grader] = {}

    def get(name: str) -> Grader:
        if name not in made:
            made[name] = Grader(*bank_of(name))
        return made[name]

    yield get
    for one in made.values():
        one.close()


@pytest.fixture(scope="session")
def notes(bank_of: BankOf) -> Assignment:
    return bank_of("notes")[0]


@pytest.fixture(scope="session")
def bank(bank_of: BankOf) -> Bank:
    return bank_of("notes")[1]


@pytest.fixture(scope="session")
def models(bank_of: BankOf) -> Assignment:
    return bank_of("notes-models")[0]


@pytest.fixture(scope="session")
def models_bank(bank_of: BankOf) -> Bank:
    return bank_of("notes-models")[1]


@pytest.fixture(scope="session")
def grader(grader_of: GraderOf) -> Grader:
    return grader_of("notes")


@pytest.fixture(scope="session")
def models_grader(grader_of: GraderOf) -> Grader:
    return grader_of("notes-models")


@pytest.fixture(scope="session")
def grade_source(grader: Grader) -> GradeSource:
    """Grade a text, or bytes, as a hand-in with a given name."""

    def grade(source: str | bytes, name: str = "hand_in.py") -> Grade:
        content = source.encode() if isinstance(source, str) else source
        return grader.grade(Submission("hand_in", name, content))

    return grade


def check_of(grade: Grade, id: str) -> CheckResult:
    """Pick a check of a grade."""
    return next(check for check in grade.checks if check.id == id)


def lost(grade: Grade) -> set[str]:
    """The checks that failed, raised or hung; not those that wait for them."""
    outcomes = (Outcome.FAILED, Outcome.RAISED, Outcome.TIMED_OUT)
    return {check.id for check in grade.checks if check.outcome in outcomes}


def is_full(grade: Grade) -> bool:
    """Tell whether a hand-in has every point that applies to it."""
    return grade.graded and grade.max_score > 0 and grade.score == grade.max_score


def is_there(pid: int) -> bool:
    """Whether a process lives; one that is ending is given a moment."""
    for _ in range(300):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.01)
    return True
