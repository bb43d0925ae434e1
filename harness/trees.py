"""A syntax tree as plain data, so that it can cross the wire.

Hand-ins are parsed in the confined child alone, for a deep expression can kill a parser. What crosses is checked
data: `rebuild` makes `ast` nodes of it, of known types, so deep and so many at most, without ever parsing.
"""

import ast
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
        case [str(kind), [*positions], dict(fields)] if len(positions) == len(_POSITION):
            cls = getattr(ast, kind, None)
        case _:
            raise TreeError("not a node")
    if not (isinstance(cls, type) and issubclass(cls, ast.AST)) or not set(fields) <= set(cls._fields):
        raise TreeError("not a node of Python's")
    built = {name: _rebuild_field(value, depth, budget) for name, value in fields.items()}
    for name in cls._fields:
        built.setdefault(name, None)
    node = cls(**built)
    for name, position in zip(_POSITION, positions, strict=True):
        if type(position) is int and 0 <= position < 1_000_000:
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
