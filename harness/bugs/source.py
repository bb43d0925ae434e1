"""A hand-in as clues and fixes see it: text, syntax trees, and what its names stand for.

The trees were made by the child and rebuilt here from plain data; nothing is parsed. Their nodes know where they
stand, so a fix is an exact edit of the text: what is around it, comments and layout, stays as it was.
"""

import ast
import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import count
from typing import Any, TypeVar, overload

from harness.edits import replaced
from harness.model import Edit, Place
from harness.trees import walk

Node = ast.stmt | ast.expr | ast.arg
One = TypeVar("One", bound=ast.AST)
Other = TypeVar("Other", bound=ast.AST)


@dataclass(frozen=True)
class Source:
    """The text of a hand-in and its trees.

    Attributes
    ----------
    trees : of each top-level statement in order, its notebook cell (or None), and all nodes of a module that has but
        this statement, the module first, as `harness.trees.walk` has them
    lines : text by cell and line number
    names : the assignment's words and the names that may stand for them
    broken : places of statements that do not parse, and so have no tree
    """

    trees: tuple[tuple[int | None, Sequence[ast.AST]], ...]
    lines: Mapping[tuple[int | None, int], str]
    names: Mapping[str, tuple[str, ...]]
    broken: tuple[Place, ...] = ()

    @overload
    def of(self, kind: type[One], /) -> Sequence[tuple[int | None, One]]: ...
    @overload
    def of(self, kind: type[One], other: type[Other], /) -> Sequence[tuple[int | None, One | Other]]: ...
    @overload
    def of(self, *kinds: type[ast.AST]) -> Sequence[tuple[int | None, ast.AST]]: ...
    def of(self, *kinds: type[ast.AST]) -> Sequence[tuple[int | None, ast.AST]]:
        """Every node of some kinds, with its cell; of a statement, those near its top first."""
        if len(kinds) == 1:
            return [(cell, node) for _, cell, node in self._by_kind.get(kinds[0], ())]
        found = [one for kind in kinds for one in self._by_kind.get(kind, ())]
        return [(cell, node) for _, cell, node in sorted(found, key=lambda one: one[0])]

    @cached_property
    def _by_kind(self) -> Mapping[type[ast.AST], list[tuple[int, int | None, ast.AST]]]:
        """Every node with its number, by kind: a dozen clues each look for a kind or two."""
        found: dict[type[ast.AST], list[tuple[int, int | None, ast.AST]]] = {}
        numbers = count()
        for cell, nodes in self.trees:
            for node in nodes:
                found.setdefault(type(node), []).append((next(numbers), cell, node))
        return found

    @cached_property
    def loads(self) -> Sequence[tuple[int | None, ast.Name]]:
        """The names that are read, with their cells."""
        return [(cell, node) for cell, node in self.of(ast.Name) if isinstance(node.ctx, ast.Load)]

    @cached_property
    def stores(self) -> Sequence[tuple[int | None, ast.Name]]:
        """The names that are assigned, with their cells."""
        return [(cell, node) for cell, node in self.of(ast.Name) if isinstance(node.ctx, ast.Store)]

    @cached_property
    def read(self) -> Mapping[str, int]:
        """How often each name is read."""
        return Counter(node.id for _, node in self.loads)

    @cached_property
    def functions(self) -> "tuple[Function, ...]":
        """The functions of the hand-in as clues see them: what each answers for is not known."""
        return tuple(functions_of(self, {}))

    def line(self, place: Place) -> str:
        """The text of a line, without its indentation; empty when it is not known."""
        return self.whole_line(place.cell, place.line).strip()

    def whole_line(self, cell: int | None, line: int) -> str:
        """The text of a line as it stands."""
        return self.lines.get((cell, line), "")

    def is_word(self, name: str, word: str) -> bool:
        """Tell whether a name stands for one of the assignment's words; case and underscores make no difference."""
        return _plain(name) in {_plain(one) for one in self.names.get(word, ())}

    def word(self, name: str) -> str | None:
        """The word that a name stands for, exactly written before otherwise; None for other names."""
        exactly, plainly = self._words
        return exactly.get(name) or plainly.get(_plain(name))

    @cached_property
    def _words(self) -> tuple[Mapping[str, str], Mapping[str, str]]:
        return _words_of(tuple(self.names.items()))

    @cached_property
    def assigned(self) -> Mapping[str, tuple[str, ...]]:
        """The names that are assigned anywhere, by the word that each stands for, in the order of the text."""
        found: dict[str, dict[str, None]] = {}
        for name in dict.fromkeys(node.id for _, node in self.stores):
            if word := self.word(name):
                found.setdefault(word, {})[name] = None
        return {word: tuple(names) for word, names in found.items()}

    @cached_property
    def own_attributes(self) -> Mapping[str, str]:
        """The attribute of ``self`` that is assigned first for each word."""
        found: dict[str, str] = {}
        for _, node in self.of(ast.Attribute):
            match node:
                case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()) if word := self.word(name):
                    found.setdefault(word, name)
        return found

    def line_edit(self, place: Place, text: str) -> tuple[Edit, ...]:
        """Make a line read otherwise: an edit of what differs; none where nothing does."""
        old = self.line(place)
        if not text or text == old:
            return ()
        start = _common_prefix(old, text)
        end = _common_prefix(old[start:][::-1], text[start:][::-1])
        whole = self.whole_line(place.cell, place.line)
        indentation = len(whole) - len(whole.lstrip())
        column, stop = indentation + start, indentation + len(old) - end
        return (Edit(place, column, place.line, stop, text[start : len(text) - end]),)

    def column(self, cell: int | None, line: int, offset: int) -> int:
        """Characters before an offset that a tree gives in bytes of UTF-8."""
        return len(self.whole_line(cell, line).encode()[:offset].decode(errors="ignore"))

    def text(self, cell: int | None, node: Node) -> str:
        """The text of a node as it was written."""
        span = self.span(cell, node)
        lines = [self.whole_line(cell, number) for number in range(span.place.line, span.end_line + 1)]
        lines[-1] = lines[-1][: span.end_column]
        lines[0] = lines[0][span.column :]
        return "\n".join(lines)

    def span(self, cell: int | None, node: Node, text: str = "") -> Edit:
        """The edit that puts a text in the place of a node."""
        end_line = node.end_lineno or node.lineno
        return Edit(
            Place(node.lineno, cell),
            self.column(cell, node.lineno, node.col_offset),
            end_line,
            self.column(cell, end_line, node.end_col_offset or node.col_offset),
            text,
        )

    def shown(self, edits: tuple[Edit, ...]) -> str:
        """Show edits as a small diff: the lines that change, and what they become."""
        if not edits:
            return ""
        cell = edits[0].place.cell
        first, last = min(one.place.line for one in edits), max(one.end_line for one in edits)
        old = [self.whole_line(cell, number) for number in range(first, last + 1)]
        spans = [(one.place.line, one.column, one.end_line, one.end_column, one.text) for one in edits]
        new = replaced("\n".join(old), first, spans).split("\n")
        margin = min((len(line) - len(line.lstrip()) for line in [*old, *new] if line.strip()), default=0)
        return "\n".join(f"{sign} {line[margin:]}".rstrip() for sign, line in _diff(old, new))


def _diff(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    """Lines that go and come; of those that stay, the ones beside a change."""
    pairs = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pairs += [(" ", line) for line in old[a:b]]
        else:
            pairs += [("-", line) for line in old[a:b]] + [("+", line) for line in new[c:d]]
    for i, pair in enumerate(pairs):
        if any(sign != " " for sign, _ in pairs[max(i - 1, 0) : i + 2]):
            yield pair


@dataclass(frozen=True)
class Function:
    """A function or method of a hand-in, or the statements at its top.

    Attributes
    ----------
    words : its parameters' names, and the words that they stand for
    entry : which entry it answers for
    """

    source: Source
    cell: int | None
    node: ast.FunctionDef | ast.Module
    words: Mapping[str, str] = field(default_factory=dict)
    entry: str | None = None

    @cached_property
    def parents(self) -> Mapping[ast.AST, ast.AST]:
        """Each node's parent."""
        return {child: node for node in walk(self.node) for child in ast.iter_child_nodes(node)}

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes, in the order of the text."""
        found = [node for node in walk(self.node) if "lineno" in node._attributes and node is not self.node]
        return tuple(ordered(found))

    def word(self, node: ast.AST | None) -> str | None:
        """What a name, an attribute of self or an entry of a dict stands for, with a transpose or a copy stripped."""
        match node:
            case ast.Attribute(value=inner, attr="T") | ast.Call(func=ast.Attribute(value=inner, attr="copy")):
                return self.word(inner)
            case ast.Name(id=name):
                return self.words.get(name) or self.source.word(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                return self.source.word(name)
            case ast.Subscript(slice=ast.Constant(value=str(name))):
                return self.source.word(name)
        return None

    def name_of(self, word: str) -> str | None:
        """How this function calls something: by a parameter, by an attribute, or by a name at the top."""
        for name, meant in self.words.items():
            if meant == word:
                return name
        for node in self.nodes:
            is_turned = isinstance(node, ast.Attribute) and node.attr == "T"
            if isinstance(node, ast.Attribute | ast.Name | ast.Subscript) and self.word(node) == word and not is_turned:
                return self.text(node)
        if isinstance(self.node, ast.FunctionDef):
            arguments = [one.arg for one in self.node.args.args]
            for name in arguments:
                if self.source.word(name) == word:
                    return name
            if arguments[:1] == ["self"]:
                own = self.source.own_attributes.get(word)
                return f"self.{own}" if own else None
        return next((name for name in self.source.assigned.get(word, ()) if name not in self.words), None)

    def text(self, node: Node) -> str:
        """The text of a node."""
        return self.source.text(self.cell, node)

    def text_of_statement(self, statement: ast.stmt) -> str:
        """The text of a statement, with the comment behind it."""
        end = statement.end_lineno or statement.lineno
        tail = self.source.whole_line(self.cell, end)[self.source.span(self.cell, statement).end_column :]
        return self.text(statement) + (tail.rstrip() if tail.lstrip().startswith("#") else "")

    def put_statement(self, statement: ast.stmt, text: str) -> Edit:
        """Put a text in the place of a statement and of the comment behind it."""
        span = self.source.span(self.cell, statement)
        end = span.end_column + len(self.text_of_statement(statement)) - len(self.text(statement))
        return Edit(span.place, span.column, span.end_line, end, text)

    def put(self, node: Node, text: str) -> Edit:
        """Put a text in a node's place."""
        return self.source.span(self.cell, node, text)

    def before(self, node: Node, text: str) -> Edit:
        """Insert in front of a node."""
        span = self.source.span(self.cell, node)
        return Edit(span.place, span.column, span.place.line, span.column, text)

    def after(self, node: Node, text: str) -> Edit:
        """Insert behind a node."""
        span = self.source.span(self.cell, node)
        return Edit(Place(span.end_line, self.cell), span.end_column, span.end_line, span.end_column, text)

    def line_after(self, statement: ast.stmt, text: str) -> Edit:
        """Insert a line behind a statement, indented like it, behind its comment too."""
        line = statement.end_lineno or statement.lineno
        end = len(self.source.whole_line(self.cell, line))
        return Edit(Place(line, self.cell), end, line, end, "\n" + self.indentation(statement) + text)

    def line_before(self, statement: ast.stmt, text: str) -> Edit:
        """Insert a line in front of a statement, indented like it."""
        return self.before(statement, f"{text}\n{self.indentation(statement)}")

    def indentation(self, statement: ast.stmt) -> str:
        """The blanks in front of a statement."""
        whole = self.source.whole_line(self.cell, statement.lineno)
        return whole[: len(whole) - len(whole.lstrip())]

    def place(self, node: Node) -> Place:
        """Where a node begins."""
        return Place(node.lineno, self.cell)

    @property
    def first(self) -> ast.stmt:
        """The first statement that is no docstring and no ``global``."""
        body = [one for one in self.node.body if not isinstance(one, ast.Global)]
        is_text = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
        return body[1] if is_text and len(body) > 1 else body[0]


@dataclass(frozen=True)
class Code:
    """Where to look for a bug that a twin has shown: the functions that answered first, then all others.

    Attributes
    ----------
    functions : in the order in which they are to be searched
    """

    source: Source
    functions: tuple[Function, ...]


def functions_of(
    source: Source, entries: Mapping[tuple[int | None, int], tuple[str, tuple[str, ...]]]
) -> list[Function]:
    """Take the functions out of a hand-in, and its top-level statements as one more for each cell.

    Parameters
    ----------
    entries : for the cell and line of each definition that answers for an entry, its name and its parameters' words
    """
    found = []
    for cell, node in source.of(ast.FunctionDef):
        entry, words = entries.get((cell, node.lineno), (None, ()))
        given = [one.arg for one in node.args.args if one.arg != "self"]
        meant = [word.removesuffix("_encoder").removesuffix("_decoder") for word in words]
        found.append(Function(source, cell, node, dict(zip(given, meant, strict=False)), entry))
    top: dict[int | None, list[ast.stmt]] = {}
    for cell, nodes in source.trees:
        if isinstance(nodes[0], ast.Module):
            top.setdefault(cell, []).extend(_outside_definitions(nodes[0].body))
    found += [Function(source, cell, ast.Module(body, [])) for cell, body in top.items() if body]
    return found


def _outside_definitions(body: list[ast.stmt]) -> list[ast.stmt]:
    return [node for node in body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]


@lru_cache(maxsize=64)  # they are the assignment's, and the same for all hand-ins
def _words_of(names: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The word that each name stands for: as it is written, and however it is written."""
    pairs = [(name, word) for word, called in reversed(names) for name in called]
    return dict(pairs), {_plain(name): word for name, word in pairs}


def _plain(name: str) -> str:
    return name.lower().replace("_", "")


def _common_prefix(left: str, right: str) -> int:
    shorter = min(len(left), len(right))
    return next((i for i in range(shorter) if left[i] != right[i]), shorter)


def ordered(nodes: Iterable[Any]) -> Iterator[Any]:
    """Nodes in the order of the text."""
    return iter(sorted(nodes, key=lambda node: (node.lineno, node.col_offset)))
