"""``gradebook.sqlite``: what is durable. Each grade is written as it is made, in a transaction of its own.

A run that was killed goes on where it was: what is in the book is graded again only if its bytes, the assignment or the
harness changed. A grade is kept as templates and fields, so it can be told in another language later. What was not
graded for a fault of ours is never written, so it can't take the place of an earlier mark.
"""

import contextlib
import fcntl
import functools
import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import reference
from harness.errors import InputError
from harness.marks import mark_of, standing
from harness.model import (
    Assignment,
    Change,
    CheckResult,
    Finding,
    Form,
    Grade,
    Listing,
    Outcome,
    Place,
    States,
    Student,
    Submission,
)
from harness.words import Text, Words, say

NAME = "gradebook.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS grades (
    id TEXT PRIMARY KEY, path TEXT NOT NULL, sha256 TEXT NOT NULL, fingerprint TEXT NOT NULL,
    score REAL NOT NULL, follow_through_score REAL NOT NULL, max_score REAL NOT NULL, grade TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS earlier (
    id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, fingerprint TEXT NOT NULL, grade TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS times (id TEXT PRIMARY KEY, seconds REAL);
CREATE TABLE IF NOT EXISTS people (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, section TEXT NOT NULL, email TEXT NOT NULL, handed_in TEXT,
    late_days INTEGER, late_points REAL, mark REAL
);
CREATE VIEW IF NOT EXISTS marks AS
    SELECT id, path, score, follow_through_score, max_score, round(100 * score / max_score, 2) AS percent FROM grades;
CREATE VIEW IF NOT EXISTS checks AS
    SELECT grades.id, json_extract(one.value, '$.id') AS "check", json_extract(one.value, '$.outcome') AS outcome,
           json_extract(one.value, '$.points') AS points, json_extract(one.value, '$.earned') AS earned
    FROM grades, json_each(grades.grade, '$.checks') AS one;
CREATE VIEW IF NOT EXISTS findings AS
    SELECT grades.id, json_extract(one.value, '$.rule') AS rule, json_extract(one.value, '$.place.line') AS line,
           json_extract(one.value, '$.place.cell') AS cell
    FROM grades, json_each(grades.grade, '$.findings') AS one;
"""


#: What a hand-in had is kept, once, where it is now graded under other circumstances or was handed in anew.
_SET_ASIDE = """
INSERT OR REPLACE INTO earlier SELECT id, sha256, fingerprint, grade FROM grades
WHERE id = ? AND (sha256 <> ? OR fingerprint <> ?)
"""


def _differences(sha256: str, fingerprint: str, sha256_now: str, fingerprint_now: str) -> tuple[Text, ...]:
    parts = (say("the assignment"), say("the harness"), say("the oracle or the confinement"))
    before, now = fingerprint.split(":"), fingerprint_now.split(":")
    changed = [part for part, old, new in zip(parts, before, now, strict=False) if old != new]
    return (*([say("the hand-in")] if sha256 != sha256_now else []), *changed)


def fingerprint(assignment: Assignment, *circumstances: str) -> str:
    """Name what a grade depends on besides the hand-in: the assignment, this code, the oracle, the confinement.

    Each in a part of its own, so that it can be told which of them changed. What is reckoned beside the mark, and what
    students are told of it, is no part of a grade.
    """
    graded_by = replace(assignment, late=None, feedback="full", mark="score")
    return ":".join(
        hashlib.sha256(repr(part).encode()).hexdigest()[:16] for part in (graded_by, version(), circumstances)
    )


@functools.cache
def version() -> str:
    """Name this harness by its code: two that differ in a line may differ in a grade."""
    digest = hashlib.sha256()
    folders = [Path(__file__).parent, Path(reference.__file__).parent]
    for path in sorted(path for folder in folders for path in folder.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class Gradebook:
    """The book of one folder, open for one run at a time; a context manager.

    Parameters
    ----------
    folder : where it is, or is to be
    waiting : called once if another run has it open, before waiting for that run to end

    Attributes
    ----------
    regraded : ids of those that had another grade when this run began
    """

    def __init__(self, folder: Path, waiting: Callable[[], None] = lambda: None) -> None:
        self.path = folder / NAME
        self.regraded: set[str] = set()
        self._lock = threading.Lock()
        with contextlib.ExitStack() as opening:
            opening.enter_context(_only_run(folder / f".{NAME}.lock", waiting))
            with self._told():
                self._book = sqlite3.connect(self.path, check_same_thread=False)
                opening.callback(self._book.close)
                self._book.execute("PRAGMA journal_mode = WAL")
                # What is killed loses nothing. A power cut may lose the last grades, not the book: they are made again.
                self._book.execute("PRAGMA synchronous = NORMAL")
                self._book.executescript(_SCHEMA)
            self._open = opening.pop_all()

    def __enter__(self) -> "Gradebook":
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def known(self, submission: Submission, fingerprint: str) -> Grade | None:
        """The grade of just these bytes under just these circumstances, if it is in the book."""
        if submission.content is None:
            return None
        sha256 = hashlib.sha256(submission.content).hexdigest()
        with self._lock, self._told():
            row = self._book.execute(
                "SELECT grade, seconds FROM grades LEFT JOIN times USING (id)"
                " WHERE id = ? AND path = ? AND sha256 = ? AND fingerprint = ?",
                (submission.id, submission.path, sha256, fingerprint),
            ).fetchone()
            return None if row is None else replace(decode(json.loads(row[0])), seconds=row[1])

    def changed(self, id: str) -> Change | None:
        """What a hand-in had before its grade of now, and what was different then; None where it had none."""
        with self._lock, self._told():
            row = self._book.execute(
                "SELECT earlier.grade, earlier.sha256, earlier.fingerprint, grades.sha256, grades.fingerprint"
                " FROM earlier JOIN grades USING (id) WHERE id = ?",
                (id,),
            ).fetchone()
            if row is None:
                return None
            written, *before_and_now = row
            return Change(decode(json.loads(written)), _differences(*before_and_now))

    def keep(self, grade: Grade, fingerprint: str) -> None:
        """Write a grade, whole or not at all; one that is no grade leaves what is there."""
        if not grade.graded:
            return
        row = (
            *(grade.id, grade.path, grade.sha256, fingerprint),
            *(grade.score, grade.follow_through_score, grade.max_score),
            json.dumps(encode(grade), ensure_ascii=False),
        )
        with self._lock, self._told(), self._book:
            if self._book.execute(_SET_ASIDE, (grade.id, grade.sha256, fingerprint)).rowcount > 0:
                self.regraded.add(grade.id)
            self._book.execute("INSERT OR REPLACE INTO times VALUES (?, ?)", (grade.id, grade.seconds))
            self._book.execute("INSERT OR REPLACE INTO grades VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    @contextlib.contextmanager
    def reporting(self, assignment: Assignment) -> Iterator[Callable[[Grade], None]]:
        """Give a function that takes each grade as it is reported; all take the place of the last run's at the end."""
        people: list[tuple[object, ...]] = []
        yield lambda grade: people.append(_person(grade, assignment))
        with self._lock, self._told(), self._book:
            self._book.execute("DELETE FROM people")
            self._book.executemany("INSERT OR REPLACE INTO people VALUES (?, ?, ?, ?, ?, ?, ?, ?)", people)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what SQLite raises into one line that says what to do."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise InputError(f"{self.path} can't be written: {error}; what was graded before is kept") from None
        except (sqlite3.DatabaseError, ValueError, KeyError, TypeError) as error:
            message = f"{self.path} is damaged ({error}); move it away, and everything is graded again"
            raise InputError(message) from None


def _person(grade: Grade, assignment: Assignment) -> tuple[object, ...]:
    delivery, late = grade.delivery, grade.lateness
    student = delivery.student if delivery else Student(grade.id)
    at = delivery.at.isoformat() if delivery and delivery.at else None
    mark = mark_of(grade, assignment) if standing(grade) == "graded" else None
    lateness = (late.days, late.points) if late else (None, None)
    return grade.id, student.name, student.section, student.email, at, *lateness, mark


@contextlib.contextmanager
def _only_run(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Let one run at a time pass; the kernel lets go of the lock however a run ends."""
    try:
        file = path.open("w")
    except OSError as error:
        raise InputError(f"{path.parent} can't be written: {error.strerror or error}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def encode(grade: Grade) -> dict[str, Any]:
    """Turn a grade into plain data, sentences as templates and fields."""
    return {
        "id": grade.id,
        "path": grade.path,
        "sha256": grade.sha256,
        "form": None if grade.form is None else str(grade.form),
        "reason": _encode_text(grade.reason),
        "score": grade.score,
        "follow_through_score": grade.follow_through_score,
        "max_score": grade.max_score,
        "checks": [_encode_check(check) for check in grade.checks],
        "findings": [_encode_finding(finding) for finding in grade.findings],
        "notes": [_encode_text(note) for note in grade.notes],
        "printed": grade.printed,
        "listings": [asdict(one) for one in grade.listings],
    }


def decode(data: Mapping[str, Any]) -> Grade:
    """Make the grade of plain data again."""
    return Grade(
        id=data["id"],
        path=data["path"],
        sha256=data["sha256"],
        form=None if data["form"] is None else Form(data["form"]),
        graded=True,
        reason=None if data["reason"] is None else _decode_text(data["reason"]),
        score=data["score"],
        follow_through_score=data["follow_through_score"],
        max_score=data["max_score"],
        checks=tuple(_decode_check(check) for check in data["checks"]),
        findings=tuple(_decode_finding(finding) for finding in data["findings"]),
        notes=tuple(_decode_text(note) for note in data["notes"]),
        printed=data["printed"],
        listings=tuple(Listing(**one) for one in data.get("listings", ())),
    )


def sent(grade: Grade) -> dict[str, Any]:
    """Turn a grade into plain data for another process: with what the book does not keep in it."""
    return {**encode(grade), "graded": grade.graded, "seconds": grade.seconds}


def received(data: Mapping[str, Any]) -> Grade:
    """Make the grade of what another process has `sent`."""
    return replace(decode(data), graded=data["graded"], seconds=data["seconds"])


def _encode_check(check: CheckResult) -> dict[str, Any]:
    return {
        "id": check.id,
        "claim": check.claim,
        "outcome": str(check.outcome),
        "points": check.points,
        "earned": check.earned,
        "message": _encode_text(check.message),
        "counterexample": None if check.counterexample is None else dict(check.counterexample),
        "note": _encode_text(check.note),
        **({"states": asdict(check.states)} if check.states else {}),
    }


def _decode_check(data: Mapping[str, Any]) -> CheckResult:
    texts = {name: _decode_text(data[name]) for name in ("message", "note")}
    states = _decode_states(data["states"]) if "states" in data else None
    return CheckResult(**{**data, **texts, "outcome": Outcome(data["outcome"]), "states": states})


def _decode_states(data: Mapping[str, Any]) -> States:
    return States(tuple(map(tuple, data["got"])), tuple(map(tuple, data["expected"])), data["wrong"])


def _encode_finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "place": None if finding.place is None else {"line": finding.place.line, "cell": finding.place.cell},
        "evidence": list(finding.evidence),
        "costs": list(finding.costs),
        "message": _encode_text(finding.message),
        "fix": finding.fix,
    }


def _decode_finding(data: Mapping[str, Any]) -> Finding:
    return Finding(
        rule=data["rule"],
        place=None if data["place"] is None else Place(**data["place"]),
        evidence=tuple(data["evidence"]),
        costs=tuple(data["costs"]),
        message=_decode_text(data["message"]),
        fix=data["fix"],
    )


def _encode_text(text: object) -> Any:
    """Words and places as data; whatever else is a field of a sentence, as it is written in it."""
    if isinstance(text, Words):
        return {"say": text.template, "with": {name: _encode_text(value) for name, value in text.fields.items()}}
    if isinstance(text, Place):
        return {"line": text.line, "cell": text.cell}
    return None if text is None else str(text)


def _decode_text(data: Any) -> Any:
    if isinstance(data, dict) and "say" in data:
        return Words(data["say"], {name: _decode_text(value) for name, value in data["with"].items()})
    if isinstance(data, dict):
        return Place(**data)
    text: Text | None = data
    return text
