"""A syntax error costs the statement it stands in, and templates are told from attempts."""

import ast
import warnings

import pytest

from harness.worker.reading import Block
from harness.worker.salvage import statements_of
from harness.worker.unfinished import why_unfinished


def names_and_breaks(text: str, first_line: int = 1) -> tuple[list[tuple[str, int]], list[int]]:
    statements, broken = statements_of([Block(text, first_line)])
    return [(ast.unparse(one.node).split("\n")[0], one.line) for one in statements], [one.line for one in broken]


def test_what_parses_is_taken_as_it_is() -> None:
    assert names_and_breaks("a = 1\nb = 2", first_line=10) == ([("a = 1", 10), ("b = 2", 11)], [])


def test_a_broken_statement_costs_itself() -> None:
    text = "a = 1\nb = np.random.((2))\nc = 3\n"
    assert names_and_breaks(text) == ([("a = 1", 1), ("c = 3", 3)], [2])


def test_a_broken_class_does_not_cost_the_function_below_it() -> None:
    text = "class LSTM:\n    def f(self)\n        return 1\n\n@decorated\ndef cell(x):\n    return x\n"
    statements, broken = names_and_breaks(text)
    assert statements == [("@decorated", 6)]
    assert broken == [2]


def test_a_docstring_in_the_first_column_is_put_together_again() -> None:
    text = "x = (\ndef layer(x):\n    '''\nRuns the cell.\nelse this\n    '''\n    return x\n"
    statements, broken = names_and_breaks(text)
    assert [name for name, _ in statements] == ["def layer(x):"]
    assert len(broken) == 1


def test_else_and_closing_brackets_belong_to_what_stands_above() -> None:
    text = "if a:\n    b = 1\nelse:\n    b = 2\nc = [\n1,\n]\nd = = 3\n"
    assert [name for name, _ in names_and_breaks(text)[0]] == ["if a:", "c = [1]"]


@pytest.mark.parametrize("text", ["x = " + "(" * 5000, "x = " + "-" * 100_000 + "1", "\0", "def f(:\n" * 300])
def test_what_kills_a_parser_is_a_broken_statement(text: str) -> None:
    statements, broken = statements_of([Block(text)])
    assert not statements
    assert broken


@pytest.mark.parametrize(
    "text",
    [r"x = '\d'", r"x = b'\q'", r"x = f'{y}\w'", "x = 1if y else 2", "[0x1for x in y]", "x = 1.5or y", "1_0and 2"],
)
def test_what_the_parser_warns_of_is_not_the_students_output(text: str) -> None:
    with pytest.warns((DeprecationWarning, SyntaxWarning)):
        ast.parse(text)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        statements, broken = names_and_breaks(text)
    assert len(statements) == 1
    assert broken == []


def function(source: str) -> ast.FunctionDef:
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    return node


@pytest.mark.parametrize(
    "body",
    [
        "    pass",
        "    ...",
        "    '''doc'''",
        "    return None",
        "    return output_t",
        "    raise NotImplementedError",
        "    raise NotImplementedError('write me')",
        "    h = None\n    return h",
        "    h = None\n    for t in x:\n        h = None\n    return h",
        "    states = []\n    for t in x:\n        states.append(None)\n    raise NotImplementedError()",
        "    next_h, cache = None, None\n    return next_h, cache",  # CS231n's
        "    a = None\n    y = None\n    cache = (a, x)\n    return a, y, cache",  # Coursera's
        "    dx = None\n    dW = None\n    gradients = {'dx': dx, 'dW': dW}\n    return gradients",
    ],
)
def test_templates_are_unfinished(body: str) -> None:
    assert why_unfinished(function(f"def f(x):\n{body}"))


@pytest.mark.parametrize(
    "body",
    [
        "    return x + 1",
        "    h = None\n    for t in x:\n        h = t\n    return h",
        "    h = None\n    h = x\n    return h",
        "    if x is None:\n        raise NotImplementedError\n    return x + 1",
        "    if x > 0:\n        return x + 1\n    raise NotImplementedError('negative numbers')",
        "    h = None\n    return x * 2",
        "    cache = None\n    return x + 1, cache",
        "    cache = None\n    h = x + 1\n    return cache, h",
        "    h, cache = None, None\n    h = x + 1\n    return h, cache",
        "    dx = None\n    dW = x + 1\n    gradients = {'dx': dx, 'dW': dW}\n    return gradients",
        "    h, c = None, x\n    return h, c, x",
        "    h = None\n    with x as h:\n        print(h)\n    return h",
    ],
)
def test_attempts_are_not(body: str) -> None:
    assert why_unfinished(function(f"def f(x):\n{body}")) is None
