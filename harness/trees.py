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
_ELLIPSIS = {"...": True}
_CONSTANTS = (str, int, float, bool, bytes, type(None))


class TreeError(Exception):
    """A tree that is too large or too deep, or data that is no tree."""


def walk(node: ast.AST) -> list[ast.AST]:
    """Every node below one, and itself, in the order of `ast.walk`; in a third of its time."""
    nodes = [node]
    for one in nodes:  # which grows
        for name in one._fields:
            value = getattr(one, name, None)
            if isinstance(value, ast.AST):
                nodes.append(value)
            elif type(value) is list:
                nodes += [item for item in value if isinstance(item, ast.AST)]
    return nodes


def flatten(node: ast.AST, depth: int = 0) -> list[Any]:
    """Turn a node into a list: its type, its four positions if it has a place, and its fields in the grammar's order.

    A node in a field is such a list again; a list of them begins with None; ``...`` is a dict, for msgpack has none.
    """
    if depth > MAX_DEPTH:
        raise TreeError("too deep")
    flat: list[Any] = [type(node).__name__]
    attributes = vars(node)
    if node._attributes:
        flat += [attributes.get(name) for name in _POSITION]
    for name in node._fields:
        value = attributes.get(name)  # what is optional and not there is None
        flat.append(value if value is None else _flatten_field(value, depth))
    return flat


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
        return flatten(value, depth + 1)
    if isinstance(value, list):
        return [None, *(_flatten_field(item, depth) for item in value)]
    if isinstance(value, str | bytes):
        return value[:MAX_TEXT]
    if value is ...:
        return _ELLIPSIS
    if isinstance(value, int) and value.bit_length() > 60:
        return None
    return value if isinstance(value, _CONSTANTS) else None


def _rebuild(data: object, depth: int, budget: list[int]) -> ast.AST:
    budget[0] -= 1
    if depth > MAX_DEPTH or budget[0] < 0:
        raise TreeError("too deep or too large")
    if type(data) is not list or not data or type(data[0]) is not str:
        raise TreeError("not a node")
    kind = _GRAMMAR.get(data[0])
    if kind is None or len(data) != kind.length:
        raise TreeError("not a node of Python's")
    if kind.only is not None:
        return kind.only
    values = iter(data)
    next(values)  # its kind
    attributes = dict(zip(_POSITION, values, strict=False)) if kind.has_place else {}  # its fields come after
    for place in attributes.values():
        if type(place) is not int or not 0 <= place < 1_000_000:
            raise TreeError("not a place")
    for name, field in kind.fields.items():
        flat = next(values)
        value = attributes[name] = flat if type(flat) is str else _rebuild_field(flat, depth, budget)
        if field.many or not isinstance(value, field.types):
            field.check(value)
    node = kind.type.__new__(kind.type)
    node.__dict__ = attributes  # in a fifth of the time that the constructor takes to set them one by one
    return node


def _rebuild_field(flat: object, depth: int, budget: list[int]) -> Any:
    if type(flat) is not list:
        return _plain(flat)
    if flat and flat[0] is None:
        items = iter(flat)
        next(items)
        return [_rebuild(item, depth + 1, budget) if type(item) is list else _plain(item) for item in items]
    return _rebuild(flat, depth + 1, budget)


def _plain(flat: object) -> Any:
    if isinstance(flat, _CONSTANTS):
        return flat
    if flat == _ELLIPSIS:
        return ...
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
            right = isinstance(value, self.types)
        elif isinstance(value, list) and (value or not self.filled):
            right = all(isinstance(one, self.types) for one in value)
        else:
            raise TreeError("not a list as Python's grammar has it")
        if not right:
            raise TreeError("not a field as Python's grammar has it")


@dataclass(frozen=True)
class _Kind:
    """A kind of node.

    Attributes
    ----------
    length : of the list that stands for one
    only : the one node that there is of a kind which has nothing in it, such as ``Load``, as the parser has it
    """

    type: type[ast.AST]
    fields: Mapping[str, _Field]
    has_place: bool
    length: int
    only: ast.AST | None


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
    has_place = "lineno" in cls._attributes
    length = 1 + len(fields) + (len(_POSITION) if has_place else 0)
    return _Kind(cls, fields, has_place, length, cls() if length == 1 else None)


def _grammar() -> dict[str, _Kind]:
    """Every kind of node that a parser makes, by name; none of those that stand for several ("expr = BinOp(...) |")."""
    classes = [one for one in vars(ast).values() if isinstance(one, type) and issubclass(one, ast.AST)]
    declared = [cls for cls in classes if re.match(rf"{cls.__name__}(\(|$)", cls.__doc__ or "")]
    return {cls.__name__: _kind(cls) for cls in declared}


_GRAMMAR = _grammar()
