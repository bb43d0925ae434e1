"""What a known bug is made of, and the source that its clue looks at."""

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.model import Extended, Place


@dataclass(frozen=True)
class Source:
    """A hand-in as a clue sees it: syntax trees that the child made, rebuilt from plain data.

    Attributes
    ----------
    modules : each top-level statement as a module, with its notebook cell (or None), in order
    lines : text by cell and line number, for showing
    names : the assignment's words and the names that may stand for them
    broken : places of statements that do not parse, and so have no tree
    """

    modules: tuple[tuple[int | None, ast.Module], ...]
    lines: Mapping[tuple[int | None, int], str]
    names: Mapping[str, tuple[str, ...]]
    broken: tuple[Place, ...] = ()

    def walk(self) -> "Iterable[tuple[int | None, ast.AST]]":
        """Every node of the hand-in, with its cell."""
        for cell, module in self.modules:
            for node in ast.walk(module):
                yield cell, node

    def line(self, place: Place) -> str:
        """The text of a line, without its indentation; empty when it is not known."""
        return self.lines.get((place.cell, place.line), "").strip()

    def is_word(self, name: str, word: str) -> bool:
        """Tell whether a name stands for one of the assignment's words; case and underscores make no difference."""
        return name.lower().replace("_", "") in {one.lower().replace("_", "") for one in self.names.get(word, ())}


@dataclass(frozen=True)
class Sighting:
    """A place where a clue was seen.

    Attributes
    ----------
    details : what the message says about it, by name
    replacement : the line as it should be, if the clue knows
    once : told once for each of these, and not for each place: the name that is misspelt
    """

    place: Place
    details: Mapping[str, str] = field(default_factory=dict)
    replacement: str | None = None
    once: str = ""


Clue = Callable[[Source], list[Sighting]]
#: From the arguments of an entry, by name and in long double, to what an implementation with the bug returns.
Twin = Callable[[Mapping[str, Any]], Extended]


@dataclass(frozen=True)
class KnownBug:
    """One entry of the catalogue.

    Attributes
    ----------
    name : kebab-case, the defect and not the remedy
    about : the check that the bug is about
    message : a template for the sentence that students read: with ``{line}`` and the clue's details where there is a
        clue, with ``{where}``, the function or method, where there is none
    clue : what to see in the source; None where there is nothing to see
    twins : for an entry, the reference with this one bug
    doc : the docstring of its file, put in when the catalogue is read
    cause_of : the bug that this one is the cause of; their twins coincide, and they are one finding
    """

    name: str
    about: str
    message: str
    clue: Clue | None = None
    twins: Mapping[str, Twin] = field(default_factory=dict)
    doc: str = ""
    cause_of: str | None = None

    @property
    def title(self) -> str:
        """The first sentence of its docstring, without the full stop."""
        return self.doc.partition("\n")[0].rstrip(".")
