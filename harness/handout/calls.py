"""Public checks for entries whose call the assignment declares: each problem is a few lines of plain Python.

What a student reads there is how the function is going to be called.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from harness.convention import with_extra_row
from harness.model import Argument, Assignment, Case, Entry, Template
from harness.questions import QUESTIONS
from harness.templates import BY_TIMESTEP, CACHE, IGNORED, NONE


@dataclass
class Writer:
    """Writes one problem as a function of the student's module.

    Attributes
    ----------
    cases : of one problem, a case for each part of the answer, laid out
    """

    entry: Entry
    cases: list[Case]
    assignment: Assignment
    _lines: list[str] = field(default_factory=list)
    _objects: dict[str, str] = field(default_factory=dict)

    def written(self, number: int) -> str:
        """The whole function: it returns what came back for each part, beside what should."""
        entries = {one.name: one for one in self.assignment.entries}
        cache = "None"
        if self.entry.forward:
            forward = entries[self.entry.forward]
            self._lines.append(f"went = {self._call(forward, 'None')}")
            cache = _path_to(CACHE, forward.returns, "went") or "None"
        self._lines.append(f"got = {self._call(self.entry, cache)}")
        holder = self._objects.get(self.entry.title.partition(".")[0], "")
        told = []
        for case in self.cases:
            path = self._part(case.part, holder)
            expected = with_extra_row(case.expected.astype(np.float64), case, self.assignment)
            told.append(f"({case.part!r}, {path}, {literal(expected)})")
        body = "\n".join(f"    {line}" for line in [*self._lines, f"return [{', '.join(told)}]"])
        shapes = ", ".join(
            f"{word} {one.shape}" for word, one in self.cases[0].given.items() if isinstance(one, np.ndarray)
        )
        return f"def problem_{number}(m):\n    {f'{self.entry.title}: {shapes}'!r}\n{body}"

    def _part(self, part: str, holder: str) -> str:
        if part in self.entry.reads:
            return f"{holder}.{self.entry.reads[part][0]}"
        returns = self.entry.returns or QUESTIONS[self.entry.question].result
        return _path_to(part, returns, "got") or "got"

    def _call(self, entry: Entry, cache: str) -> str:
        arguments = [self._value(one, cache) for one in entry.call or ()]
        while arguments and arguments[-1] is None:
            arguments.pop()
        written = ", ".join("None" if one is None else one for one in arguments)
        if entry.functions:
            return f"m.{entry.functions[0]}({written})"
        return f"{self._object(entry)}.{entry.methods[0]}({written})"

    def _object(self, entry: Entry) -> str:
        owner = entry.classes[0]
        if owner not in self._objects:
            name = self._objects[owner] = f"made_{len(self._objects) + 1}"
            construct = entry.construct or ()
            given = construct.items() if isinstance(construct, dict) else [("", one) for one in construct]
            inner = ", ".join(f"{key}={self._value(one)}" if key else str(self._value(one)) for key, one in given)
            self._lines.append(f"{name} = m.{owner}({inner})")
            for path, template in entry.attributes.items():
                self._lines.append(f"{name}.{path} = {self._value(template)}")
            for step in entry.setup:
                arguments = [self._value(one) for one in step.arguments]
                if None not in arguments:
                    self._lines.append(f"{name}.{step.method}({', '.join(map(str, arguments))})")
        return self._objects[owner]

    def _value(self, template: Template, cache: str = "None") -> str | None:
        """A template as an expression; None for a word that is left out."""
        if isinstance(template, dict):
            return "{" + ", ".join(f"{key!r}: {self._value(one)}" for key, one in template.items()) + "}"
        if isinstance(template, tuple):
            return "[" + ", ".join(str(self._value(one)) for one in template) + "]"
        if not isinstance(template, str):
            return repr(template)
        if template == CACHE:
            return cache
        if template == NONE:
            return "None"
        if template.startswith("="):
            return repr(template[1:])
        if template.startswith("@"):
            return self._object(next(one for one in self.assignment.entries if one.name == template[1:]))
        value = self.cases[0].given[template]
        if value is None:
            return None
        wrapped = self.assignment.wrap if isinstance(value, np.ndarray) else ""
        return f"{wrapped}({literal(value)})" if wrapped else literal(value)


def literal(value: Argument) -> str:
    """A value as it is written in a file; ``array`` is NumPy's."""
    return f"array({value.tolist()!r})" if isinstance(value, np.ndarray) else repr(value)


def can_be_written(entry: Entry) -> bool:
    """Whether the public checks can call an entry: a function, or an object that the assignment says how to build."""
    return bool(entry.functions) if entry.call is None else True


def _path_to(part: str, template: Template, value: str) -> str | None:
    """Where a part stands in what came back, as an expression."""
    if template is None:
        return None
    if isinstance(template, str):
        return value if template == part and part != IGNORED else None
    if isinstance(template, dict) and list(template) == [BY_TIMESTEP]:
        stacked = f"[{value}[t] for t in sorted({value})]"
        return stacked if template[BY_TIMESTEP] == part else None
    parts = template.items() if isinstance(template, dict) else enumerate(template)
    paths: Iterator[str | None] = (_path_to(part, one, f"{value}[{key!r}]") for key, one in parts)
    return next((path for path in paths if path), None)
