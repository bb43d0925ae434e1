"""A syntax tree as plain data, so that it can cross the wire.

Hand-ins are parsed in the confined child alone, for a deep expression can kill a parser. What crosses is checked
data: `rebuild` makes `ast` nodes of it, as Python's grammar has them, so deep and so many at most; it never parses.
"""

import ast
import re
from dataclasses import dataclass
from typing import Any

MAX_NODES = 50_000
MAX_DEPTH = 120
#: No clue needs more of a string; docstrings are long.
MAX_TEXT = 400
_LAST_PLACE = 1_000_000

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


def rebuild(data: object) -> list[ast.AST]:
    """Make all nodes of the module that `flatten` was given, in the order of `walk`: the module comes first.

    Raises
    ------
    TreeError
        When the data is no tree, or is larger than any honest hand-in.
    """
    nodes: list[ast.AST] = []
    level: list[_Begun] = []
    if not isinstance(_begin(data, nodes, level), ast.Module):
        raise TreeError("no module")
    for _ in range(MAX_DEPTH + 1):
        below: list[_Begun] = []
        for begun in level:
            _finish(*begun, nodes, below)
            if len(nodes) > MAX_NODES:
                raise TreeError("too large")
        if not below:
            return nodes
        level = below
    raise TreeError("too deep")


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


def _begin(flat: object, nodes: list[ast.AST], level: "list[_Begun]") -> ast.AST:
    """Make a node that has nothing in it yet: first come all others of its level."""
    if type(flat) is not list or not flat or type(flat[0]) is not str:
        raise TreeError("not a node")
    kind = _GRAMMAR.get(flat[0])
    if kind is None or len(flat) != kind.length:
        raise TreeError("not a node of Python's")
    node = kind.only
    if node is None:
        node = kind.type.__new__(kind.type)
        level.append((node, kind, flat))
    nodes.append(node)
    return node


def _finish(node: ast.AST, kind: "_Kind", flat: list[object], nodes: list[ast.AST], below: "list[_Begun]") -> None:
    """Put a node's place and fields into it, and begin the nodes that are in them."""
    attributes: dict[str, Any] = {}
    if kind.has_place:
        _, line, column, end_line, end_column, *values = flat
        if not (
            type(line) is type(column) is type(end_line) is type(end_column) is int
            and 0 <= line < _LAST_PLACE
            and 0 <= column < _LAST_PLACE
            and 0 <= end_line < _LAST_PLACE
            and 0 <= end_column < _LAST_PLACE
        ):
            raise TreeError("not a place")
        attributes = {"lineno": line, "col_offset": column, "end_lineno": end_line, "end_col_offset": end_column}
    else:
        values = flat[1:]
    for name, field, value in zip(kind.names, kind.fields, values, strict=True):
        made: Any
        if type(value) is not list:
            made = value if value is None or type(value) is str else _plain(value)
        elif value and value[0] is None:
            made = [_begin(item, nodes, below) if type(item) is list else _plain(item) for item in value[1:]]
        else:
            made = _begin(value, nodes, below)
        if field.many or not isinstance(made, field.types):
            field.check(made)
        attributes[name] = made
    node.__dict__ = attributes  # in a fifth of the time that the constructor takes to set them one by one


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
    names, fields : in the grammar's order
    length : of the list that stands for one
    only : the one node that there is of a kind which has nothing in it, such as ``Load``, as the parser has it
    """

    type: type[ast.AST]
    names: tuple[str, ...]
    fields: tuple[_Field, ...]
    has_place: bool
    length: int
    only: ast.AST | None


#: A node, what it is to be, and the list that stands for it.
_Begun = tuple[ast.AST, _Kind, list[object]]

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
    return _Kind(cls, tuple(fields), tuple(fields.values()), has_place, length, cls() if length == 1 else None)


def _grammar() -> dict[str, _Kind]:
    """Every kind of node that a parser makes, by name; none of those that stand for several ("expr = BinOp(...) |")."""
    classes = [one for one in vars(ast).values() if isinstance(one, type) and issubclass(one, ast.AST)]
    declared = [cls for cls in classes if re.match(rf"{cls.__name__}(\(|$)", cls.__doc__ or "")]
    return {cls.__name__: _kind(cls) for cls in declared}


_GRAMMAR = _grammar()
