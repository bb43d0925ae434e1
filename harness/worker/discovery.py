"""Find what answers for each entry: a function, or a method of a class, by declared names first.

Names come from the assignment, so nothing is guessed from shapes. Only where no name fits, and exactly one function
looks like the step or like the loop, is that one taken.
"""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from harness.trees import walk
from harness.worker.salvage import Broken, Statement
from harness.worker.unfinished import Function, why_unfinished

#: Method names that say nothing about whether they step or loop.
_GENERIC = ("forward", "__call__", "call")


@dataclass(frozen=True)
class Spec:
    """An entry as the assignment asks for it; see `harness.model.Entry`."""

    name: str
    parameters: tuple[str, ...]
    required: int
    functions: tuple[str, ...]
    methods: tuple[str, ...]
    looks_like: str
    weights: tuple[str, ...]
    classes: tuple[str, ...] = ()
    declared: Mapping[str, Any] | None = None

    @property
    def data(self) -> tuple[str, ...]:
        """The parameters that are no weights: what a method is called with."""
        return tuple(name for name in self.parameters if name not in self.weights)

    @property
    def fewest(self) -> int:
        """How many arguments a function is given at least."""
        return self.declared["always"] if self.declared else self.required

    @property
    def most(self) -> int:
        """How many arguments a function is given at most."""
        return len(self.declared["call"]) if self.declared else len(self.parameters)

    @property
    def required_data(self) -> int:
        """How many of `data` must be given."""
        return sum(name not in self.weights for name in self.parameters[: self.required])


@dataclass(frozen=True)
class Found:
    """Something that answers for an entry.

    Attributes
    ----------
    owner : the class, or None for a function
    attribute : the function's or method's name
    node : its definition; None when it was made some other way
    """

    owner: type | None
    attribute: str
    node: Function | None
    cell: int | None

    @property
    def label(self) -> str:
        """The name as the student wrote it."""
        return self.attribute if self.owner is None else f"{self.owner.__name__}.{self.attribute}"

    @cached_property
    def unfinished(self) -> str | None:
        """Why it is a template, or None."""
        return why_unfinished(self.node) if self.node else None


class Outline:
    """The functions and classes of a hand-in, as written and as they are after running it."""

    def __init__(self, statements: list[Statement], broken: list[Broken], namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.broken = broken
        self.functions: dict[str, tuple[Function, int | None]] = {}
        self.classes: dict[str, tuple[ast.ClassDef, int | None]] = {}
        for node, cell in _definitions(statements):
            if isinstance(node, ast.ClassDef):
                self.classes.pop(node.name, None)
                self.classes[node.name] = (node, cell)
            else:
                self.functions.pop(node.name, None)
                self.functions[node.name] = (node, cell)

    def find(self, specs: list[Spec]) -> tuple[dict[str, Found], dict[str, str]]:
        """Find each entry; for those that are not there, say why in words."""
        found: dict[str, Found] = {}
        # Loops first: `RNN.forward` is the layer, and only what is left can be the cell.
        for spec in sorted(specs, key=lambda spec: spec.looks_like != "loop"):
            taken = {(one.owner, one.attribute) for one in found.values()}
            for one in self._candidates(spec, taken):
                # A finished candidate beats an unfinished one that stands before it.
                if spec.name not in found or (found[spec.name].unfinished and not one.unfinished):
                    found[spec.name] = one
        return found, {spec.name: self._why_missing(spec) for spec in specs if spec.name not in found}

    def _candidates(self, spec: Spec, taken: set[tuple[type | None, str]]) -> Iterator[Found]:
        named = list(self._named_functions(spec))
        methods = [] if named else list(self._methods(spec, taken))
        yield from named
        yield from methods
        if not named and not methods:
            yield from self._lookalikes(spec, taken)

    def _named_functions(self, spec: Spec) -> Iterator[Found]:
        for wanted in map(plain, spec.functions):
            for name, value in list(self.namespace.items()):
                if plain(name) == wanted and callable(value) and not isinstance(value, type):
                    node, cell = self.functions.get(name, (None, None))
                    if node and node.args.args and node.args.args[0].arg == "self":
                        continue  # a method, to be attached to a class in a later cell
                    yield Found(None, name, node, cell)

    def _methods(self, spec: Spec, taken: set[tuple[type | None, str]]) -> Iterator[Found]:
        ranked = []
        for position, (class_name, (_, cell)) in enumerate(reversed(self.classes.items())):
            owner = self.namespace.get(class_name)
            if not isinstance(owner, type):
                continue
            if spec.classes and plain(class_name) not in map(plain, spec.classes):
                continue
            is_cell = "cell" in class_name.lower()
            for rank, name in enumerate(spec.methods):
                # `nn.Module` and `object` bring a `__call__`; only what the hand-in wrote itself counts.
                node = self._method_node(owner, name)
                generic = name in _GENERIC
                if spec.classes:
                    if node is not None:
                        ranked.append(((False, rank, position), Found(owner, name, node, cell)))
                    continue
                if node is None or (owner, name) in taken or not accepts(owner, name, spec):
                    continue
                if generic and is_cell != (spec.looks_like == "step") and (is_cell or not self._is_step(node, spec)):
                    continue
                ranked.append(
                    ((is_cell != (spec.looks_like == "step"), rank, position), Found(owner, name, node, cell))
                )
        yield from (one for _, one in sorted(ranked, key=lambda pair: pair[0]))

    def _method_node(self, owner: type, name: str) -> Function | None:
        for base in owner.__mro__:
            if base.__name__ in self.classes and name in vars(base):
                for node in self.classes[base.__name__][0].body:
                    if isinstance(node, ast.FunctionDef) and node.name == name:
                        return node
                attached = getattr(vars(base)[name], "__name__", "")  # `RNN.forward = forward` in a later cell
                if attached in self.functions:
                    return self.functions[attached][0]
        return None

    @staticmethod
    def _is_step(node: Function, spec: Spec) -> bool:
        """A generic method of a class that is not called a cell steps only if it has no loop and needs a state."""
        if spec.looks_like != "step":
            return True
        return not has_loop(node) and len(node.args.args) - 1 - len(node.args.defaults) >= spec.required_data

    def _lookalikes(self, spec: Spec, taken: set[tuple[type | None, str]]) -> Iterator[Found]:
        similar = [
            Found(None, name, node, cell)
            for name, (node, cell) in self.functions.items()
            if spec.looks_like
            and (None, name) not in taken
            and callable(self.namespace.get(name))
            and spec.fewest <= len(node.args.args) <= spec.most
            and has_loop(node) == (spec.looks_like == "loop")
            and "tanh" in ast.dump(node)
        ]
        if len(similar) == 1:
            yield similar[0]

    def broken_definition(self, spec: Spec) -> Broken | None:
        """Find the definition of an entry among what does not parse."""
        for broken in self.broken:
            if any(re.search(rf"^\s*def\s+{re.escape(name)}\b", broken.text, re.M) for name in spec.functions):
                return broken
        return None

    def _why_missing(self, spec: Spec) -> str:
        if broken := self.broken_definition(spec):
            return f"its definition does not parse: line {broken.line}: {broken.message}"
        for name in (*spec.functions, *spec.classes):
            if name in self.functions or (name in self.classes and name not in self.namespace):
                return f"{name} is defined but could not be loaded"
        if spec.classes and any(plain(name) in map(plain, spec.classes) for name in self.classes):
            return f"{spec.classes[0]} has no method {' or '.join(spec.methods[:2])}"
        return f"no {' or '.join((*spec.functions[:2], *spec.classes[:1]))} was found"


def accepts(owner: type, name: str, spec: Spec) -> bool:
    """Tell whether a method can be called with the entry's data, or with its data and weights."""
    try:
        parameters = list(inspect.signature(inspect.getattr_static(owner, name)).parameters.values())
    except (TypeError, ValueError):
        try:
            parameters = list(inspect.signature(getattr(owner, name)).parameters.values())
        except (TypeError, ValueError):
            return False
    required, most = arity(parameters)
    return any(required - 1 <= given <= most - 1 for given in (spec.required_data, len(spec.data), spec.required))


def arity(parameters: list[inspect.Parameter]) -> tuple[int, int]:
    """Count the positional arguments that must be given, and that may be given."""
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    required = sum(p.default is p.empty for p in positional)
    unlimited = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return required, 99 if unlimited else len(positional)


def plain(name: str) -> str:
    """Fold case and underscores: ``RNN_Cell`` and ``rnncell`` are one name."""
    return name.lower().replace("_", "")


def has_loop(node: ast.AST) -> bool:
    """Tell whether there is a loop or a comprehension in it."""
    return any(isinstance(part, ast.For | ast.While | ast.comprehension) for part in walk(node))


def _definitions(statements: list[Statement]) -> Iterator[tuple[Function | ast.ClassDef, int | None]]:
    """All functions and classes at the top, those under a top-level ``if`` or ``try`` among them."""
    for statement in statements:
        pending: list[ast.stmt] = [statement.node]
        while pending:
            node = pending.pop(0)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield node, statement.cell
            elif isinstance(node, ast.If | ast.Try):
                pending[:0] = [*node.body, *node.orelse]
