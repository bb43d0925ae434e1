"""The layouts that hand-ins come in: one file for each learning system, found by folder.

To add one, write a module with a ``TITLE``, a function ``recognise`` that tells whether some files are laid out so, and
``attempts``, which says whose each file is. The names of the modules are the names of the layouts.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from harness.intake.tree import Item
from harness.model import Student


@dataclass(frozen=True)
class Attempt:
    """A file that a student handed in.

    Attributes
    ----------
    at : when, where the layout says
    late : the layout says so
    number : of the attempt, where the layout counts them; a higher one is newer
    folder : of the student, or what the file's name begins with
    """

    item: Item
    student: Student
    at: datetime | None = None
    late: bool = False
    number: int = 0
    folder: str = ""


class Layout(Protocol):
    """What a module of this folder has.

    Attributes
    ----------
    TITLE : how it is called in a sentence
    """

    TITLE: str

    def recognise(self, items: list[Item]) -> bool:
        """Tell whether these files are laid out so."""

    def attempts(self, items: list[Item]) -> Iterator[Attempt]:
        """Say whose each file is; those that are nobody's are left out."""


#: Those of the learning systems, which can't be mistaken, before those that any folder might be.
LAYOUTS: dict[str, Layout] = {
    module.name: importlib.import_module(f"{__name__}.{module.name}")
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: (module.name == "folders", module.name))
}
