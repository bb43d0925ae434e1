"""A name is misspelt where it is made or where it is used, so the one that is used does not exist.

What it does
    ``temesteps`` is assigned and ``timesteps`` is used, or ``np.randam`` is asked of NumPy.
Why it is wrong
    Python knows names by every letter, and stops with a NameError or an AttributeError.
Why it hides
    In a notebook an older cell may have defined the right name, and the kernel still remembers it.
Example
    temesteps = 10
    inputs = np.random.random((timesteps, input_size))
Instead
    timesteps = 10
    inputs = np.random.random((timesteps, input_size))
"""

import ast
import builtins
import difflib
import re
from collections.abc import Iterable

import numpy as np

from harness.bugs.framework import EVERYTHING, KnownBug, Sighting
from harness.bugs.source import Source
from harness.model import Place

KOREAN = """\
만든 이름과 쓰는 이름의 철자가 다르다.

하는 일
    ``temesteps``에 대입하고 ``timesteps``를 쓰거나, NumPy에 없는 ``np.randam``을 부른다.
왜 틀렸나
    파이썬은 이름을 한 글자까지 가려서, NameError나 AttributeError로 멈춘다.
왜 안 보이나
    노트북에서는 이전 셀이 맞는 이름을 만들어 두었을 수 있고, 커널은 그것을 아직 기억한다.
"""


#: How alike two names must be (`difflib` ratio): temesteps and timesteps have 0.89, randam and random 0.83.
_ALIKE = 0.8


def clue(source: Source) -> list[Sighting]:
    """Find names that are used and nowhere made, like one that is; and attributes that NumPy does not have."""
    return [*_undefined_names(source), *_unknown_attributes(source)]


def _undefined_names(source: Source) -> Iterable[Sighting]:
    known = {name for kind in _MAKERS for _, node in source.of(kind) for name in _names(node)}
    unknown = [(cell, node) for cell, node in source.loads if node.id not in known and not hasattr(builtins, node.id)]
    made = _made(source) if unknown else {}
    told: set[str] = set()
    for cell, node in unknown:
        if node.id in made or node.id in told:
            continue
        if meant := _most_alike(node.id, made):
            told.add(node.id)
            if meant in source.read:  # the name that was made is in use: it is the use that is misspelt
                yield _sighting(source, Place(node.lineno, cell), wrong=node.id, right=meant)
            else:
                yield _sighting(source, made[meant], wrong=meant, right=node.id)


def _unknown_attributes(source: Source) -> Iterable[Sighting]:
    for cell, node in source.of(ast.Attribute):
        match node:
            case ast.Attribute(value=ast.Name(id="np" | "numpy"), attr=name) if not hasattr(np, name):
                meant = difflib.get_close_matches(name, dir(np), n=1, cutoff=_ALIKE)
                if meant:
                    yield _sighting(source, Place(node.lineno, cell), wrong=name, right=meant[0])


def _sighting(source: Source, place: Place, *, wrong: str, right: str) -> Sighting:
    line = source.line(place)
    mended = re.sub(rf"\b{re.escape(wrong)}\b", lambda match: right, line)
    return Sighting(place, {"name": wrong, "meant": right}, source.line_edit(place, mended), once=wrong)


_MAKERS = (ast.Name, ast.FunctionDef, ast.ClassDef, ast.arg, ast.Import, ast.ImportFrom, ast.ExceptHandler)


def _made(source: Source) -> dict[str, Place]:
    """Every name that is assigned, defined, imported or a parameter, with the first place where it is."""
    made: dict[str, Place] = {}
    for cell, node in source.of(*_MAKERS):
        if isinstance(node, _MAKERS):
            for name in _names(node):
                made.setdefault(name, Place(node.lineno, cell))
    return made | _made_where_broken(source)


def _names(node: ast.AST) -> list[str]:
    """The names that a node of one of the `_MAKERS` makes."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            return [name]
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
            return [name]
        case ast.Import() | ast.ImportFrom():
            return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
        case ast.ExceptHandler(name=str(name)):
            return [name]
    return []


def _made_where_broken(source: Source) -> dict[str, Place]:
    """What lines define or assign that may belong to a statement that does not parse."""
    if not source.broken:
        return {}
    found = {}
    for (cell, number), line in source.lines.items():
        if defined := _MAKES.match(line):
            found[defined[1]] = Place(number, cell)
    return found


_MAKES = re.compile(r"\s*(?:def\s+|class\s+)?([A-Za-z_]\w*)\s*(?:=[^=]|\()")


def _most_alike(name: str, made: dict[str, Place]) -> str | None:
    """The made name that this is a misspelling of; names of a few letters are alike by chance."""
    if len(name) < 4:
        return None
    alike = difflib.get_close_matches(name, [one for one in made if len(one) >= 4], n=1, cutoff=_ALIKE)
    return alike[0] if alike else None


BUG = KnownBug(
    name="misspelled-name",
    about=EVERYTHING,
    message="{line} has `{name}`, which does not exist or is never used; `{meant}` was meant",
    korean="{line}: `{name}`(이)라는 이름은 없거나 쓰이지 않습니다. `{meant}`의 오타입니다",
    clue=clue,
)
