"""Declared conventions: every way of calling and of giving back, and one clear line for what makes no sense."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harness.assignment import built_in_names
from harness.bank import make_bank
from harness.convention import canonical, laid_out_result, lay_out
from harness.errors import InputError
from harness.grading import Grader
from harness.judging import Judging
from harness.model import Grade, Submission
from harness.run import choose_assignment, prepare
from tests.conftest import BankOf, is_full, lost

CELL = """\
batch = "always"
[entries.cell]
functions = ["step"]
{entry}
[convention]
{convention}
[[checks]]
id = "numerics.cell"
points = 10
"""
Graded = Callable[..., Grade]


@pytest.fixture
def graded(tmp_path: Path) -> Graded:
    """Grade a text in an assignment that is written down for it."""

    def grade(toml: str, source: str) -> Grade:
        path = tmp_path / "mine.toml"
        path.write_text(toml, encoding="utf-8")
        assignment = choose_assignment(str(path))
        grader = Grader(assignment, make_bank(assignment, "cpu"))
        try:
            return grader.grade(Submission("a", "a.py", ("import numpy as np\n" + source).encode()))
        finally:
            grader.close()

    return grade


#: What the entry and the convention say, and a right cell that is written so.
WAYS = {
    "another order": (
        'parameters = ["Wx", "Wh", "b", "hidden_state_t", "input_t"]',
        "",
        "def step(Wx, Wh, b, h, x):\n    return np.tanh(x @ Wx.T + h @ Wh.T + b)",
    ),
    "weights the other way round": (
        "",
        'Wx = "D H"\nWh = "H_before H"',
        "def step(x, h, Wx, Wh, b):\n    return np.tanh(x @ Wx + h @ Wh + b)",
    ),
    "columns": (
        "",
        'input_t = "D N"\nhidden_state_t = "H N"\noutput_t = "H N"\nb = "H 1"',
        "def step(x, h, Wx, Wh, b):\n    return np.tanh(Wx @ x + Wh @ h + b)",
    ),
    "a row for the bias": (
        "",
        'b = "1 H"',
        "def step(x, h, Wx, Wh, b):\n    assert b.shape == (1, len(Wh))\n    return np.tanh(x @ Wx.T + h @ Wh.T + b)",
    ),
    "weights in a dict": (
        'parameters = ["input_t", "hidden_state_t", { Wx = "Wx", Wh = "Wh", b = "b" }]',
        "",
        "def step(x, h, p):\n    return np.tanh(x @ p['Wx'].T + h @ p['Wh'].T + p['b'])",
    ),
    "weights in a list": (
        'parameters = [["Wx", "Wh", "b"], "input_t", "hidden_state_t"]',
        "",
        "def step(p, x, h):\n    return np.tanh(x @ p[0].T + h @ p[1].T + p[2])",
    ),
    "one concatenated weight": (
        'parameters = ["hidden_state_t", "input_t", "W", "b"]',
        'W = { joins = ["Wh", "Wx"], axes = "* H" }',
        "def step(h, x, W, b):\n    return np.tanh(np.concatenate([h, x], axis=1) @ W + b)",
    ),
    "one concatenated weight, the other way": (
        'parameters = ["hidden_state_t", "input_t", "W", "b"]',
        'W = { joins = ["Wx", "Wh"], axes = "H *" }',
        "def step(h, x, W, b):\n    return np.tanh(np.hstack([x, h]) @ W.T + b)",
    ),
    "two biases": (
        'parameters = ["input_t", "hidden_state_t", "Wx", "Wh", "b_ih", "b_hh"]',
        "",
        "def step(x, h, Wx, Wh, bi, bh):\n    return np.tanh(x @ Wx.T + bi + h @ Wh.T + bh)",
    ),
    "sizes and constants": (
        'parameters = ["input_size", "hidden_size", "batch_size", "input_t", "hidden_state_t", "Wx", "Wh", "b", "=tanh", true, 2]',
        "",
        "def step(D, H, N, x, h, Wx, Wh, b, name, flag, two):\n"
        "    assert (x.shape, h.shape, name, flag, two) == ((N, D), (N, H), 'tanh', True, 2)\n"
        "    return np.tanh(x @ Wx.T + h @ Wh.T + b)",
    ),
    "a result in a tuple": (
        'returns = ["_", "output_t"]',
        "",
        "def step(x, h, Wx, Wh, b):\n    return None, np.tanh(x @ Wx.T + h @ Wh.T + b)",
    ),
    "a result in a dict": (
        'returns = { h = "output_t" }',
        "",
        "def step(x, h, Wx, Wh, b):\n    return {'h': np.tanh(x @ Wx.T + h @ Wh.T + b), 'more': 1}",
    ),
    "a class, filled by position": (
        'functions = []\nclasses = ["Cell"]\nmethods = ["go"]\nconstruct = ["Wx", "Wh", "b"]\nparameters = ["input_t", "hidden_state_t"]',
        "",
        "class Cell:\n    def __init__(self, *p):\n        self.p = p\n"
        "    def go(self, x, h):\n        Wx, Wh, b = self.p\n        return np.tanh(x @ Wx.T + h @ Wh.T + b)",
    ),
    "a class, filled by name, by attribute and by method": (
        'functions = []\nclasses = ["Cell"]\nmethods = ["go"]\nconstruct = { units = "hidden_size" }\n'
        'attributes = { "inner.W[0]" = "Wx" }\nsetup = [{ method = "load", parameters = ["Wh", "b"] }]\n'
        'parameters = ["input_t", "hidden_state_t"]\nreads = { last = "output_t" }\nreturns = "_"',
        "",
        "class Inner:\n    W = [0]\n"
        "class Cell:\n    def __init__(self, units):\n        self.units, self.inner = units, Inner()\n"
        "    def load(self, Wh, b):\n        self.Wh, self.b = Wh, b\n"
        "    def go(self, x, h):\n        self.last = np.tanh(x @ self.inner.W[0].T + h @ self.Wh.T + self.b)",
    ),
}  # fmt: skip


def with_entry(entry: str, convention: str = "") -> str:
    text = CELL.format(entry=entry, convention=convention)
    return text.replace('functions = ["step"]\n', "") if "functions = []" in entry else text


@pytest.mark.parametrize("way", WAYS)
def test_what_is_right_as_it_was_declared_gets_everything(way: str, graded: Graded) -> None:
    entry, convention, source = WAYS[way]
    grade = graded(with_entry(entry, convention), source)
    assert is_full(grade), [str(check.message) for check in grade.checks]


@pytest.mark.parametrize("way", WAYS)
def test_what_is_wrong_loses_it(way: str, graded: Graded) -> None:
    entry, convention, source = WAYS[way]
    grade = graded(with_entry(entry, convention), source.replace("np.tanh(", "1.001 * np.tanh("))
    assert lost(grade) == {"numerics.cell"}


RIGHT = "def step(x, h, Wx, Wh, b):\n    h = np.tanh(x @ Wx.T + h @ Wh.T + b)\n    return {}"


@pytest.mark.parametrize(
    ("entry", "result", "told"),
    [
        ('returns = ["output_t", "_"]', "h", "output_t is not there: what came back is a ndarray, and should be a tuple of 2 (output_t, _)"),
        ('returns = ["output_t", "_"]', "(h, 1, 2)", "what came back is a tuple of 3, and should be a tuple of 2 (output_t, _)"),
        ('returns = { h = "output_t" }', "h", "what came back is a ndarray, and should be a dict with h"),
        ('returns = { h = "output_t" }', "{'H': h}", "not in the dict that came back, which has no 'h'"),
        ('returns = ["output_t", "_"]', "(None, h)", "output_t is None, but should be an array of shape (1, 1)"),
        ("", "(h, 1)", "output_t is a tuple of 2, but should be an array of shape (1, 1)"),
    ],
)  # fmt: skip
def test_a_result_of_another_form_is_told(entry: str, result: str, told: str, graded: Graded) -> None:
    grade = graded(with_entry(entry), RIGHT.format(result))
    assert told in str(grade.checks[0].message)


BY_TIMESTEP = """\
batch = "never"
extra_row = "first"
[entries.layer]
functions = ["run"]
parameters = ["inputs", "hidden_state_0", "Wx", "Wh", "b"]
returns = { "[t]" = "total_hidden_states" }
[[checks]]
id = "stacking.state-is-carried"
points = 10
"""
LOOP = """\
def run(xs, h, Wx, Wh, b):
    hs = {{-1: h}}
    for t in range(len(xs)):
        hs[t] = np.tanh(Wx @ xs[t] + Wh @ hs[t - 1] + b)
    {}
    return hs
"""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("pass", None),
        ("hs = [hs[t] for t in sorted(hs)]", "what came back is a list of 2, and should be a dict with a key for each timestep"),
        ("del hs[0]", "a dict with a key for each timestep"),
        ("hs['x'] = 1", "a dict with a key for each timestep"),
        ("hs[-1] = hs[-1] + 1", "the first row of total_hidden_states is not the initial state"),
        ("del hs[-1]", "total_hidden_states has shape (1, 1), but should have (2, 1), with the initial state as its first row"),
    ],
)  # fmt: skip
def test_states_by_timestep(change: str, told: str | None, graded: Graded) -> None:
    grade = graded(BY_TIMESTEP, LOOP.format(change))
    assert is_full(grade) == (told is None)
    assert told is None or told in str(grade.checks[0].message)


def test_a_course_without_a_bias_is_asked_without_one(graded: Graded) -> None:
    toml = 'zero = ["b"]\n' + with_entry('parameters = ["input_t", "hidden_state_t", "Wx", "Wh"]')
    grade = graded(toml, "def step(x, h, Wx, Wh):\n    return np.tanh(x @ Wx.T + h @ Wh.T)")
    assert is_full(grade)


HELPED = "from tools.more import squash\ndef step(x, h, Wx, Wh, b):\n    return squash(x @ Wx.T + h @ Wh.T + b)\n"


def test_helpers_of_a_course_can_be_imported(graded: Graded, tmp_path: Path) -> None:
    (tmp_path / "squash.py").write_text("import numpy as np\ndef squash(a):\n    return np.tanh(a)\n")
    toml = with_entry("") + '[helpers]\n"tools.more" = "squash.py"\n'
    assert is_full(graded(toml, HELPED))
    relative = HELPED.replace("from tools.more", "from .more")
    assert not is_full(graded(toml, relative))
    assert is_full(graded('package = "tools"\n' + toml, relative))


def test_a_gradient_that_is_read_in_two_places_must_be_in_both(graded: Graded) -> None:
    toml = """\
batch = "always"
gradients = "mean"
[entries.cell_backward]
classes = ["Cell"]
methods = ["back"]
construct = ["Wx", "Wh", "b_ih", "b_hh"]
parameters = ["doutput_t", "output_t", "input_t", "hidden_state_t"]
returns = ["dinput_t", "dhidden_state_t"]
reads = { dWx = "dWx", dWh = "dWh", db = "db", dc = "db" }
[[checks]]
id = "backward.cell-weights"
points = 10
"""
    source = """\
class Cell:
    def __init__(self, Wx, Wh, b, c):
        self.Wx, self.Wh = Wx, Wh
    def back(self, g, out, x, h):
        da = g * (1 - out ** 2)
        self.dWx, self.dWh = da.T @ x / len(x), da.T @ h / len(x)
        self.db = self.dc = da.mean(axis=0)
        return da @ self.Wx, da @ self.Wh
"""
    assert is_full(graded(toml, source))
    apart = graded(toml, source.replace("self.dc = da.mean(axis=0)", "da.mean(axis=0)\n        self.dc = 0 * self.db"))
    assert "db is not the same in db and dc" in str(apart.checks[0].message)
    gone = graded(toml, source.replace("self.db = self.dc = ", "self.db = "))
    assert "db is not there: the object has no dc after the call" in str(gone.checks[0].message)
    assert "dWx[0, 0] = " in str(graded(toml, source.replace("da.T @ x / len(x)", "da.T @ x")).checks[0].message)


BACKWARD = """\
[entries.layer_backward]
functions = ["back"]
parameters = ["dtotal_hidden_states", "cache"]
returns = ["dinputs", "_"]
[[checks]]
id = "backward.layer-inputs"
points = 1
"""


@pytest.mark.parametrize(
    ("toml", "why"),
    [
        (with_entry('parameters = ["input_t", "hidden_state_t", "Wx", "Wh"]'), "entries.cell: nothing gives the hand-in 'b'; if the course has none, say zero = "),
        (with_entry('question = "sell"'), "entries.cell: there is no question 'sell'; there are "),
        (with_entry('returns = ["output"]'), "entries.cell.returns: 'output' is no part of cell; there are output_t, cache, _"),
        (with_entry('returns = ["_"]'), "entries.cell.returns: must have at least one of output_t"),
        (with_entry('returns = { "[t]" = "output_t", x = "_" }'), r"entries.cell.returns: '\[t\]' must be the only key of its table"),
        (with_entry("parameters = 1"), "entries.cell.parameters: must be a list"),
        (with_entry('setup = ["load"]'), "entries.cell.setup: each must be a table with a method and its parameters"),
        (with_entry("attributes = 1"), "entries.cell.attributes: must be a table"),
        (with_entry("setup = 1"), "entries.cell.setup: must be a list"),
        (with_entry('functions = []\nclasses = ["Cell"]'), "entries.cell: must have functions, or classes and methods"),
        (with_entry("", 'Wh = "H H"'), r"convention.Wh: 'H H' must say which axis the state before has: 'H H_before' for Wh @ h, "),
        (with_entry("", 'b = "H N"'), "convention.b: 'H N' must be the axes 'H', in any order"),
        (with_entry("", 'W = { joins = ["Wz"], axes = "* H" }'), "convention.W: there is no array 'Wz' to join"),
        (with_entry("", 'W = { joins = ["Wx", "Wh"], axes = "H" }'), r"convention.W: 'H' must be axes that all have, and one \* along which"),
        (with_entry("", 'W = { joins = "Wx", axes = "* H" }'), "convention.W.joins: must be a list of strings"),
        (with_entry("", 'W = { joint = ["Wx"] }'), "convention.W: has 'joint', which means nothing here; known are axes, joins"),
        (with_entry("") + '[helpers]\nx = "nowhere.py"\n', "helpers.x: nowhere.py can't be read: "),
        ('gradients = "max"\n' + with_entry(""), "gradients: must be one of sum, mean"),
        ('batch = "maybe"\n' + with_entry("").replace('batch = "always"\n', ""), "batch: must be one of optional, always, never"),
        (BACKWARD, "entries.layer_backward: a cache comes from a forward pass: say forward = 'cell', or which entry it is"),
        (BACKWARD.replace("returns", 'forward = "layer"\nreturns'), "entries.layer_backward: there is no entry 'layer' to go with it"),
        (BACKWARD.replace("returns", 'forward = "layer_backward"\nreturns'), "entries.layer_backward.forward: 'layer_backward' has a forward pass itself"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_one_clear_line(toml: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(toml)
    with pytest.raises(InputError, match=why) as caught:
        choose_assignment(str(path))
    assert "mine" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_check_that_would_ask_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(with_entry("").replace("numerics.cell", "stacking.first-row"))
    assignment = choose_assignment(str(path))
    with pytest.raises(
        InputError, match=r"mine: checks.stacking.first-row: it asks nothing that the entries can answer"
    ):
        prepare(assignment, device="cpu")


@pytest.mark.parametrize("course", ["coursera", "dlsys", "holberton", "min-char", "cmu-11785", "scratch2"])
def test_what_is_laid_out_comes_back(course: str, bank_of: BankOf) -> None:
    """From canonical to the course's layout and back, every case of a course: the same numbers, and the same shapes."""
    assignment, bank = bank_of(course)
    entries = {entry.name: entry for entry in assignment.entries}
    for name, case in bank.canonical.items():
        if case.stepwise:
            continue
        entry, laid_out = entries[case.entry], bank.cases[name]
        value = laid_out_result(case.expected.astype(np.float64), case, entry, assignment)
        assert value.shape == laid_out.expected.shape, name
        back = canonical(value, laid_out, entry, assignment)
        assert back is not None
        np.testing.assert_allclose(back, case.expected.astype(np.float64), rtol=1e-15)
        assert lay_out(case, entry, assignment).given.keys() == laid_out.given.keys()


@pytest.mark.parametrize("course", built_in_names())
def test_no_hand_in_is_given_what_is_expected_of_it(course: str, bank_of: BankOf) -> None:
    """What a backward pass is told of the forward one is no answer to another question."""
    _, bank = bank_of(course)
    given = {
        (value.shape, value.tobytes())
        for case in bank.cases.values()
        for value in case.given.values()
        if isinstance(value, np.ndarray) and value.any()
    }
    expected = {
        (case.expected.shape, case.expected.astype(np.float64).tobytes())
        for case in bank.cases.values()
        if case.expected.any()
    }
    assert not given & expected


def test_the_two_biases_are_the_bias_and_neither_is_all_of_it(bank_of: BankOf) -> None:
    assignment, bank = bank_of("cmu-11785")
    Judging(assignment, bank)
    given = bank.cases["cell.plain"].given
    b = bank.canonical["cell.plain"].arguments[4]
    assert np.array_equal(given["b_ih"] + given["b_hh"], b)  # type: ignore[operator]
    assert (given["b_ih"] != given["b_hh"]).all()  # type: ignore[union-attr]
    assert (np.abs(given["b_ih"]) > 0).all()  # type: ignore[arg-type]
    assert given["b_ih"].astype(np.float32).astype(np.float64).tolist() == given["b_ih"].tolist()  # type: ignore[union-attr]
