"""Syntax trees cross the wire as data: they come back equal, and what is no tree is refused."""

import ast
from collections.abc import Sequence
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.trees import MAX_DEPTH, MAX_TEXT, TreeError, flatten, rebuild
from tests.conftest import PROJECT


@pytest.mark.parametrize("path", sorted((PROJECT / "reference").glob("*.py")), ids=lambda path: path.name)
def test_a_tree_comes_back_as_it_was(path: Any) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = node.value[:MAX_TEXT]
    data = msgpack.unpackb(msgpack.packb(flatten(tree)))
    assert ast.dump(rebuild(data)[0], include_attributes=True) == ast.dump(tree, include_attributes=True)


NOWHERE = ()


def node(kind: str, *fields: object, place: Sequence[object] = (1, 0, 1, 4)) -> list[object]:
    return [kind, *place, *fields]


def many(*items: object) -> list[object]:
    return [None, *items]


def module(*statements: object) -> list[object]:
    return node("Module", many(*statements), many(), place=NOWHERE)


LOAD = node("Load", place=NOWHERE)
NAME = node("Name", "x", LOAD)


@pytest.mark.parametrize(
    "data",
    [None, 3, "Module", [], ["Module"], [["Module"]], {}, many(), many(module()), node("NoNode", place=NOWHERE),
     node("parse", place=NOWHERE), node("Module", place=NOWHERE), node("Module", 3, many(), place=NOWHERE),
     [*module(), many()], module(3), module([]), module(many()), node("Pass")],
)  # fmt: skip
def test_what_is_no_module_is_refused(data: object) -> None:
    with pytest.raises(TreeError):
        rebuild(data)


@pytest.mark.parametrize(
    "statement",
    [
        node("Expr"),  # a field is missing
        node("Expr", NAME, NAME),  # there is one too many
        node("Expr", None),  # nothing where there must be something
        node("Expr", 1),  # a constant in the place of an expression
        node("Expr", node("Pass")),  # a statement in the place of an expression
        node("Expr", many(NAME)),  # several in the place of one
        node("Delete", NAME),  # one in the place of several
        node("Delete", many()),  # none where the parser never leaves none
        node("Delete", many(None)),
        node("Delete", many(many(NAME))),  # a list in a list
        node("Global", many(3)),  # a number for a name
        node("Expr", node("Name", "x", LOAD, place=(1, 0, None, 4))),  # no place in the text
        node("Expr", node("Name", "x", LOAD, place=(1, -1, 1, 4))),
        node("Expr", node("Name", "x", LOAD, place=(1, 0, True, 4))),
        node("Expr", node("Constant", {"...": False}, None)),  # neither a constant nor an ellipsis
        node("stmt"),  # what stands for several kinds is none
        node("Num", 1),
    ],
    ids=str,
)
def test_what_python_has_no_grammar_for_is_refused(statement: list[object]) -> None:
    with pytest.raises(TreeError):
        rebuild(module(statement))


def test_what_it_has_a_grammar_for_is_not() -> None:
    dots = node("Expr", node("Constant", {"...": True}, None))
    assert ast.unparse(rebuild(module(node("Expr", NAME), dots))[0]) == "x\n..."


def test_depth_is_capped_on_both_sides() -> None:
    deep = ast.parse("-" * (MAX_DEPTH + 5) + "1")
    with pytest.raises(TreeError, match="too deep"):
        flatten(deep)
    data: Any = node("Constant", 1, None)
    for _ in range(MAX_DEPTH + 5):
        data = node("UnaryOp", node("USub", place=NOWHERE), data)
    with pytest.raises(TreeError, match="too deep"):
        rebuild(module(node("Expr", data)))


def test_size_is_capped() -> None:
    with pytest.raises(TreeError, match="too large"):
        rebuild(module(*[node("Pass")] * 60_000))


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.sampled_from(["...", "body"]), inner),
    )
)
def test_no_plain_data_breaks_the_rebuilding(data: Any) -> None:
    with pytest.raises(TreeError):
        rebuild(data)
