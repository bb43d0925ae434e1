"""Run statements one by one in a namespace of their own, and set aside those that fail.

A demo that raises, a plot library that is not there, a training loop that never ends: none of them costs the
function above it. A statement that is no definition may use so much processor time and is then interrupted; what
sleeps or hangs in C is ended by the parent's clock, which then asks for definitions only.
"""

import ast
import builtins
import random
import signal
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.worker import absence
from harness.worker.salvage import Statement

#: Processor seconds for one top-level statement that defines nothing.
STATEMENT_SECONDS = 2.0
MODULE_NAME = "submission"

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


class Interrupted(BaseException):
    """A statement used up its time. Not an `Exception`, so that ``except Exception`` does not swallow it."""


@dataclass(frozen=True)
class Failure:
    """A statement that raised, or was interrupted."""

    line: int
    cell: int | None
    type: str
    message: str


@dataclass
class Namespace:
    """The globals of a hand-in, and what went wrong while they were made."""

    globals: dict[str, Any]
    failures: list[Failure] = field(default_factory=list)


Watch = Callable[[Statement, dict[str, Any]], None]


def new_namespace(package: str = "") -> Namespace:
    """Make an empty module for a hand-in, known to `sys.modules` as dataclasses want it.

    Parameters
    ----------
    package : that its relative imports start from
    """
    module = types.ModuleType(MODULE_NAME)
    if package:
        module.__package__ = package
    sys.modules[MODULE_NAME] = module
    module.__dict__["__builtins__"] = builtins
    return Namespace(module.__dict__)


def run(
    statements: list[Statement],
    namespace: Namespace,
    *,
    definitions_only: bool = False,
    before: Watch | None = None,
    after: Watch | None = None,
) -> None:
    """Run each statement, noting the failures.

    Parameters
    ----------
    definitions_only : leave out everything but imports, definitions and plain constants
    before, after : called around each statement, to look at variables while they are what they are then
    """
    for statement in statements:
        if definitions_only and not _defines(statement.node):
            continue
        if before:
            before(statement, namespace.globals)
        _run_one(statement, namespace)
        if after:
            after(statement, namespace.globals)


def seed_everything(seed: int) -> None:
    """Make what a hand-in draws repeatable, also from generators that it makes without a seed."""
    random.seed(seed)
    np.random.seed(seed)
    np.random.default_rng = _seeded_generator(seed)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)


def place_of(error: BaseException) -> tuple[int | None, int | None]:
    """Find the innermost line of the hand-in in a traceback, and its cell."""
    line, cell = None, None
    trace = error.__traceback__
    while trace is not None:
        owner, found = _owner(trace.tb_frame.f_code.co_filename)
        if owner:
            line, cell = trace.tb_lineno, found
        trace = trace.tb_next
    return line, cell


def say(error: BaseException) -> str:
    """Put an exception into one line; a hostile ``__str__`` can't break it."""
    try:
        text = str(error)
    except BaseException:  # noqa: BLE001 student code runs in __str__, and its failure says nothing about us
        text = "(its message can't be shown)"
    return " ".join(text.split())[:300]


def _owner(name: str) -> tuple[bool, int | None]:
    if name == "<submission>":
        return True, None
    if name.startswith("<submission cell "):
        return True, int(name[17:-1])
    return False, None


def _run_one(statement: Statement, namespace: Namespace) -> None:
    try:
        code = statement.code
        with _time_limit():
            exec(code, namespace.globals)
    except Interrupted:
        message = f"stopped after {STATEMENT_SECONDS:g} s of computing; the rest of the file is graded all the same"
        namespace.failures.append(Failure(statement.line, statement.cell, "TimeLimit", message))
    except BaseException as error:  # noqa: BLE001 SystemExit and KeyboardInterrupt of a hand-in are its own too
        if isinstance(error, ImportError):
            absence.stand_in(statement.node, namespace.globals)
        line, cell = place_of(error)
        namespace.failures.append(
            Failure(line or statement.line, cell if line else statement.cell, type(error).__name__, say(error))
        )


def hear_the_time() -> None:
    """Make ready to interrupt statements, once for a process; what undoes it is ended by the grader's clock."""

    def interrupt(signum: int, frame: object) -> None:
        raise Interrupted

    signal.signal(signal.SIGVTALRM, interrupt)


@contextmanager
def _time_limit() -> Iterator[None]:
    # The interval: a bare `except:` may swallow the first one.
    signal.setitimer(signal.ITIMER_VIRTUAL, STATEMENT_SECONDS, 0.2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _defines(node: ast.stmt) -> bool:
    if isinstance(node, _DEFINITIONS):
        return True
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        # Constants, and methods attached in later cells: `RNN.forward = forward`.
        return all(isinstance(part, _PLAIN) for part in ast.walk(node.value))
    return False


_PLAIN = (
    ast.Constant,
    ast.Name,
    ast.Attribute,
    ast.expr_context,
    ast.Tuple,
    ast.List,
    ast.Dict,
    ast.UnaryOp,
    ast.BinOp,
    ast.operator,
    ast.unaryop,
)


def _seeded_generator(seed: int) -> Callable[..., np.random.Generator]:
    def default_rng(given: Any = None) -> np.random.Generator:
        if isinstance(given, np.random.Generator):
            return given
        return np.random.Generator(np.random.PCG64(seed if given is None else given))

    return default_rng
