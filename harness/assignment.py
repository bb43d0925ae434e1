"""Read an assignment from its TOML file, and say clearly what is wrong with one that can't be used."""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from harness.entries import EntryReader, forms, strings
from harness.errors import InputError
from harness.model import Assignment, CheckPlan, Form, Joined, LateRule, Limits

BUILT_IN = Path(__file__).with_name("assignments")

_TOP = {
    "title", "forms", "weights", "torch", "ready_made", "single_precision", "extra_row",
    "entries", "convention", "names", "checks", "limits", "feedback", "mark", "late", "batch", "zero", "gradients",
    "helpers", "package", "wrap", "preamble", "base",
}  # fmt: skip
_CHOICES = {
    "single_precision": ("allowed", "note", "fault"),
    "extra_row": ("none", "first", "last"),
    "feedback": ("full", "no-expected", "hints", "marks"),
    "mark": ("score", "follow-through"),
    "batch": ("optional", "always", "never"),
    "gradients": ("sum", "mean"),
}
_LIMITS = {
    "load_seconds": float,
    "call_seconds": float,
    "total_seconds": float,
    "memory_bytes": int,
    "hangs_per_entry": int,
}
#: The numbers of the rule for lateness, and the most that each may be.
_LATE = {"grace_minutes": 1e6, "percent_per_day": 100.0, "most_percent": 100.0}


def built_in_names() -> list[str]:
    """List the assignments that come with the harness."""
    return sorted(path.stem for path in BUILT_IN.glob("*.toml"))


def load_assignment(name: str, known_checks: Mapping[str, object]) -> Assignment:
    """Load an assignment by its built-in name, or from a file.

    Parameters
    ----------
    name : ``notes``, or a path that ends in ``.toml``
    known_checks : ids of the checks that there are

    Raises
    ------
    InputError
    """
    path = Path(name) if name.endswith(".toml") else BUILT_IN / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(built_in_names())
        raise InputError(f"there is no assignment {name!r}; choose one of {known}, or give a .toml file")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is not valid TOML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} can't be read: {error}") from None
    return _Reader(path, data, known_checks).assignment()


class _Reader:
    """Reads one file; every complaint names the file and the key."""

    def __init__(self, path: Path, data: dict[str, Any], known_checks: Mapping[str, object]) -> None:
        self._path, self._data, self._known = path, data, known_checks

    def assignment(self) -> Assignment:
        data = self._data
        self._only(data, _TOP, "the file")
        joined = {word: self._joined(word, one) for word, one in self._table("convention").items() if _is_table(one)}
        zero = strings(self._wrong, data.get("zero", []), "zero")
        reader = EntryReader(self._wrong, {word: one.parts for word, one in joined.items()}, zero)
        entries = reader.finished(tuple(reader.read(name, entry) for name, entry in self._table("entries").items()))
        if not entries:
            raise self._wrong("entries", "must name at least one entry")
        checks = tuple(self._check(check) for check in self._list("checks"))
        if not checks:
            raise self._wrong("checks", "must list at least one check")
        self._check_order(checks)
        return Assignment(
            name=self._path.stem,
            title=str(data.get("title", self._path.stem)),
            entries=entries,
            checks=checks,
            names={word: strings(self._wrong, names, f"names.{word}") for word, names in self._table("names").items()},
            weights=strings(self._wrong, data.get("weights", []), "weights"),
            convention={word: str(axes) for word, axes in self._table("convention").items() if word not in joined},
            joined=joined,
            batch=self._choice("batch", "optional"),
            zero=zero,
            gradients=self._choice("gradients", "sum"),
            helpers={name: self._helper(name, path) for name, path in self._table("helpers").items()},
            preamble=str(data.get("preamble", "import numpy as np")),
            base=str(data.get("base", "")),
            package=str(data.get("package", "")),
            wrap=str(data.get("wrap", "")),
            forms=forms(self._wrong, data.get("forms", [str(form) for form in Form]), "forms"),
            extra_row=self._choice("extra_row", "none"),
            single_precision=self._choice("single_precision", "note"),
            feedback=self._choice("feedback", "full"),
            mark=self._choice("mark", "score"),
            torch=self._flag("torch", True),
            ready_made=self._flag("ready_made", False),
            limits=self._limits(),
            late=self._late(),
        )

    def _joined(self, word: str, data: dict[str, Any]) -> Joined:
        where = f"convention.{word}"
        self._only(data, {"joins", "axes"}, where)
        return Joined(strings(self._wrong, data.get("joins"), f"{where}.joins"), str(data.get("axes", "")))

    def _helper(self, name: str, path: Any) -> str:
        """The source of a module that hand-ins import; it lies beside the assignment."""
        try:
            return (self._path.parent / str(path)).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise self._wrong(f"helpers.{name}", f"{path} can't be read: {error}") from None

    def _check(self, data: Any) -> CheckPlan:
        if not isinstance(data, dict) or not isinstance(data.get("id"), str):
            raise self._wrong("checks", "each must have an id")
        where = f"checks.{data['id']}"
        self._only(data, {"id", "points", "after", "hidden"}, where)
        if data["id"] not in self._known:
            raise self._wrong(where, f"there is no such check; there are {', '.join(sorted(self._known))}")
        points = data.get("points")
        if not isinstance(points, int | float) or isinstance(points, bool) or not 0 <= points < 1e6:
            raise self._wrong(f"{where}.points", "must be a number, not negative")
        hidden = data.get("hidden", False)
        if not isinstance(hidden, bool):
            raise self._wrong(f"{where}.hidden", "must be true or false")
        return CheckPlan(
            data["id"], float(points), strings(self._wrong, data.get("after", []), f"{where}.after"), hidden
        )

    def _check_order(self, checks: tuple[CheckPlan, ...]) -> None:
        seen: set[str] = set()
        for check in checks:
            if check.id in seen:
                raise self._wrong(f"checks.{check.id}", "is listed twice")
            for before in check.after:
                if before not in seen:
                    raise self._wrong(f"checks.{check.id}.after", f"{before!r} must be a check that is listed above it")
            seen.add(check.id)

    def _limits(self) -> Limits:
        data = self._table("limits")
        self._only(data, set(_LIMITS), "limits")
        for name, value in data.items():
            if type(value) not in (int, float) or value <= 0:
                raise self._wrong(f"limits.{name}", "must be a positive number")
        return Limits(**{name: _LIMITS[name](value) for name, value in data.items()})

    def _late(self) -> LateRule | None:
        data = self._table("late")
        if not data:
            return None
        self._only(data, {"due", *_LATE}, "late")
        due = data.get("due")
        if not isinstance(due, datetime) or due.tzinfo is None:
            raise self._wrong("late.due", "must be a time with its zone, as in due = 2026-11-20T23:59:00+09:00")
        for name, most in _LATE.items():
            if type(data.get(name, 0)) not in (int, float) or not 0 <= data.get(name, 0) <= most:
                raise self._wrong(f"late.{name}", f"must be a number from 0 to {most:g}")
        return LateRule(due, **{name: float(data[name]) for name in _LATE if name in data})

    def _table(self, key: str) -> dict[str, Any]:
        value = self._data.get(key, {})
        if not isinstance(value, dict):
            raise self._wrong(key, "must be a table")
        return value

    def _list(self, key: str) -> list[Any]:
        value = self._data.get(key, [])
        if not isinstance(value, list):
            raise self._wrong(key, "must be a list")
        return value

    def _choice(self, key: str, default: str) -> str:
        value = self._data.get(key, default)
        if value not in _CHOICES[key]:
            raise self._wrong(key, f"must be one of {', '.join(_CHOICES[key])}")
        return str(value)

    def _flag(self, key: str, default: bool) -> bool:
        value = self._data.get(key, default)
        if not isinstance(value, bool):
            raise self._wrong(key, "must be true or false")
        return value

    def _only(self, data: Mapping[str, Any], known: set[str], where: str) -> None:
        for key in data:
            if key not in known:
                raise self._wrong(where, f"has {key!r}, which means nothing here; known are {', '.join(sorted(known))}")

    def _wrong(self, where: str, what: str) -> InputError:
        return InputError(f"{self._path}: {where}: {what}")


def _is_table(value: object) -> bool:
    return isinstance(value, dict)
