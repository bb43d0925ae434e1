"""Syntax trees cross the wire as data: they come back equal, and what is no tree is refused."""

import ast
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
    assert ast.dump(rebuild(data), include_attributes=True) == ast.dump(tree, include_attributes=True)


@pytest.mark.parametrize(
    "data",
    [None, 3, "Module", [], ["Module"], ["Module", [], {}], ["Module", [None] * 4, []], ["NoNode", [None] * 4, {}],
     ["parse", [None] * 4, {}], ["Module", [None] * 4, {"no_field": {"v": 1}}], ["Module", [None] * 4, {"body": 3}],
     ["Module", [None] * 4, {"body": {"l": [3]}}], ["Pass", [1, 0, 1, 4], {}]],
)  # fmt: skip
def test_what_is_no_module_is_refused(data: object) -> None:
    with pytest.raises(TreeError):
        rebuild(data)


def place(kind: str, **fields: object) -> list[object]:
    return [kind, [1, 0, 1, 4], fields]


NAME = {"n": place("Name", id={"v": "x"}, ctx={"n": ["Load", [None] * 4, {}]})}


@pytest.mark.parametrize(
    "statement",
    [
        place("Expr"),  # a field that must be there
        place("Expr", value={"v": 1}),  # a constant in the place of an expression
        place("Expr", value={"n": place("Pass")}),  # a statement in the place of an expression
        place("Expr", value={"l": [NAME]}),  # several in the place of one
        place("Delete", targets=NAME),  # one in the place of several
        place("Delete", targets={"l": []}),  # none where the parser never leaves none
        place("Delete", targets={"l": [{"v": None}]}),
        place("Global", names={"l": [{"v": 3}]}),  # a number for a name
        place("Expr", value={"n": ["Name", [1, 0, None, 4], NAME["n"][2]]}),  # no place in the text
        place("Expr", value={"n": ["Name", [1, -1, 1, 4], NAME["n"][2]]}),
        place("stmt"),  # what stands for several kinds is none
        place("Num", value={"v": 1}),
    ],
    ids=str,
)
def test_what_python_has_no_grammar_for_is_refused(statement: list[object]) -> None:
    with pytest.raises(TreeError):
        rebuild(["Module", [None] * 4, {"body": {"l": [{"n": statement}]}, "type_ignores": {"l": []}}])


def test_what_it_has_a_grammar_for_is_not() -> None:
    statement = place("Expr", value=NAME)
    tree = rebuild(["Module", [None] * 4, {"body": {"l": [{"n": statement}]}, "type_ignores": {"l": []}}])
    assert ast.unparse(tree) == "x"


def test_depth_is_capped_on_both_sides() -> None:
    deep = ast.parse("-" * (MAX_DEPTH + 5) + "1")
    with pytest.raises(TreeError, match="too deep"):
        flatten(deep)
    data: Any = ["Constant", [1, 0, 1, 1], {"value": {"v": 1}}]
    for _ in range(MAX_DEPTH + 5):
        data = ["UnaryOp", [1, 0, 1, 1], {"op": {"n": ["USub", [None] * 4, {}]}, "operand": {"n": data}}]
    with pytest.raises(TreeError, match="too deep"):
        rebuild(["Module", [None] * 4, {"body": {"l": [{"n": data}]}}])


def test_size_is_capped() -> None:
    leaf = {"n": ["Pass", [1, 0, 1, 4], {}]}
    with pytest.raises(TreeError, match="too large"):
        rebuild(["Module", [None] * 4, {"body": {"l": [leaf] * 60_000}}])


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["n", "l", "v", "body"]), inner),
    )
)
def test_no_plain_data_breaks_the_rebuilding(data: Any) -> None:
    with pytest.raises(TreeError):
        rebuild(data)
