"""A syntax tree as plain data, so that it can cross the wire.

Hand-ins are parsed in the confined child alone, for a deep expression can kill a parser. What crosses is checked
data: `rebuild` makes `ast` nodes of it, as Python's grammar has them, so deep and so many at most; it never parses.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_NODES = 50_000
MAX_DEPTH = 120
#: No clue needs more of a string; docstrings are long.
MAX_TEXT = 400

_POSITION = ("lineno", "col_offset", "end_lineno", "end_col_offset")
_CONSTANTS = (str, int, float, bool, bytes, type(None))


class TreeError(Exception):
    """A tree that is too large or too deep, or data that is no tree."""


def flatten(node: ast.AST, depth: int = 0) -> list[Any]:
    """Turn a node into ``[type, positions, {field: value}]``, its fields likewise."""
    if depth > MAX_DEPTH:
        raise TreeError("too deep")
    fields = {name: _flatten_field(value, depth) for name, value in ast.iter_fields(node) if value is not None}
    return [type(node).__name__, [getattr(node, name, None) for name in _POSITION], fields]


def rebuild(data: object) -> ast.Module:
    """Make the module that `flatten` was given.

    Raises
    ------
    TreeError
        When the data is no tree, or is larger than any honest hand-in.
    """
    budget = [MAX_NODES]
    node = _rebuild(data, 0, budget)
    if not isinstance(node, ast.Module):
        raise TreeError("no module")
    return node


def _flatten_field(value: Any, depth: int) -> Any:
    if isinstance(value, ast.AST):
        return {"n": flatten(value, depth + 1)}
    if isinstance(value, list):
        return {"l": [_flatten_field(item, depth) for item in value]}
    if isinstance(value, str | bytes):
        return {"v": value[:MAX_TEXT]}
    if value is ...:
        return {"e": True}
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 60:
        return {"v": None}
    return {"v": value} if isinstance(value, _CONSTANTS) else {"v": None}


def _rebuild(data: object, depth: int, budget: list[int]) -> ast.AST:
    budget[0] -= 1
    if depth > MAX_DEPTH or budget[0] < 0:
        raise TreeError("too deep or too large")
    match data:
        case [str(word), [*positions], dict(fields)] if len(positions) == len(_POSITION):
            kind = _GRAMMAR.get(word)
        case _:
            raise TreeError("not a node")
    if kind is None or not set(fields) <= set(kind.fields):
        raise TreeError("not a node of Python's")
    built = {name: _rebuild_field(value, depth, budget) for name, value in fields.items()}
    for name, field in kind.fields.items():
        field.check(built.setdefault(name, None))
    node = kind.type(**built)
    if kind.has_place:
        for name, position in zip(_POSITION, positions, strict=True):
            if type(position) is not int or not 0 <= position < 1_000_000:
                raise TreeError("not a place")
            setattr(node, name, position)
    return node


def _rebuild_field(value: object, depth: int, budget: list[int]) -> Any:
    match value:
        case {"n": node}:
            return _rebuild(node, depth + 1, budget)
        case {"l": [*items]}:
            return [_rebuild_field(item, depth, budget) for item in items]
        case {"e": True}:
            return ...
        case {"v": constant} if isinstance(constant, _CONSTANTS):
            return constant
    raise TreeError("not a field")


@dataclass(frozen=True)
class _Field:
    """What may stand in a field of a node.

    Attributes
    ----------
    types : of the value, or of each in a list; that of None where there may be nothing
    many : whether it is a list
    filled : whether the list has something in it
    """

    types: tuple[type, ...]
    many: bool
    filled: bool

    def check(self, value: object) -> None:
        """Raise `TreeError` unless the value may stand there."""
        if not self.many:
            values = [value]
        elif isinstance(value, list) and (value or not self.filled):
            values = value
        else:
            raise TreeError("not a list as Python's grammar has it")
        if not all(isinstance(one, self.types) for one in values):
            raise TreeError("not a field as Python's grammar has it")


@dataclass(frozen=True)
class _Kind:
    """A kind of node."""

    type: type[ast.AST]
    fields: Mapping[str, _Field]
    has_place: bool


_WORDS: dict[str, tuple[type, ...]] = {
    "identifier": (str,),
    "string": (str,),
    "int": (int,),
    "constant": (*_CONSTANTS, type(...)),
}
#: `ast` writes its grammar into the docstrings of its classes, as "Name(expr* targets, expr? value)".
_DECLARATION = re.compile(r"(\w+)([?*]*) (\w+)")
#: Lists where None stands for `**mapping`, and for no default; newer versions of Python write "expr?*".
_WITH_GAPS = {("Dict", "keys"), ("arguments", "kw_defaults")}
#: Lists that the parser never leaves empty. The grammar does not say so.
_FILLED = {"targets", "names", "ops", "comparators", "generators", "items"}


def _kind(cls: type[ast.AST]) -> _Kind:
    fields = {}
    for word, mark, name in _DECLARATION.findall((cls.__doc__ or "").partition("(")[2]):
        types = _WORDS[word] if word in _WORDS else (getattr(ast, word),)
        optional = "?" in mark or (cls.__name__, name) in _WITH_GAPS
        fields[name] = _Field(
            types=(*types, type(None)) if optional else types,
            many="*" in mark,
            filled=name in _FILLED or (name == "body" and cls is not ast.Module),
        )
    return _Kind(cls, fields, "lineno" in cls._attributes)


def _grammar() -> dict[str, _Kind]:
    """Every kind of node that a parser makes, by name; none of those that stand for several ("expr = BinOp(...) |")."""
    classes = [one for one in vars(ast).values() if isinstance(one, type) and issubclass(one, ast.AST)]
    declared = [cls for cls in classes if re.match(rf"{cls.__name__}(\(|$)", cls.__doc__ or "")]
    return {cls.__name__: _kind(cls) for cls in declared}


_GRAMMAR = _grammar()
