"""Assignments: the built-in ones are sound, and each way to get one wrong is said in one clear line."""

from pathlib import Path

import numpy as np
import pytest

from harness.assignment import BUILT_IN, built_in_names, load_assignment
from harness.bank import make_bank
from harness.checks import CHECKS
from harness.errors import InputError
from harness.grading import Grader
from harness.model import Form, Submission
from harness.run import choose_assignment
from tests.conftest import is_full

MINIMAL = """
[entries.cell]
parameters = ["input_t", "hidden_state_t", "Wx", "Wh", "b"]
functions = ["rnn_cell"]
[[checks]]
id = "numerics.cell"
points = 10
"""


@pytest.mark.parametrize("name", built_in_names())
def test_built_in_assignments_give_a_hundred_points(name: str) -> None:
    assignment = choose_assignment(name)
    assert sum(check.points for check in assignment.checks) == 100
    assert all(check.points > 0 for check in assignment.checks)


def test_a_minimal_assignment_has_sensible_defaults(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL)
    assignment = load_assignment(str(path), CHECKS)
    assert (assignment.name, assignment.forms, assignment.entries[0].required) == ("mine", tuple(Form), 5)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("title = [1", r"is not valid TOML: .*at line 1, column 11|is not valid TOML: .*at end of document"),
        ("title = 'a'\n\ncolour = red\n", r"is not valid TOML: .*\(at line 3, column 10\)"),
        ("", "entries: must name at least one entry"),
        (
            "colour = 1\n" + MINIMAL,
            "the file: has 'colour', which means nothing here; known are base, batch, checks, convention",
        ),
        (MINIMAL.split("[[checks]]", maxsplit=1)[0], "checks: must list at least one check"),
        (MINIMAL.replace("numerics.cell", "numerics.sell"), "checks.numerics.sell: there is no such check; there are "),
        (MINIMAL.replace("10", "-1"), r"checks.numerics.cell.points: must be a number, not negative"),
        (MINIMAL.replace("10", "true"), r"checks.numerics.cell.points: must be a number, not negative"),
        (
            MINIMAL + 'after = ["shapes.cell-output"]',
            "after: 'shapes.cell-output' must be a check that is listed above it",
        ),
        (MINIMAL + '[[checks]]\nid = "numerics.cell"\npoints = 1', "checks.numerics.cell: is listed twice"),
        (MINIMAL + "[[checks]]\npoints = 1", "checks: each must have an id"),
        (MINIMAL.replace('["rnn_cell"]', '"rnn_cell"'), "entries.cell.functions: must be a list of strings"),
        (
            MINIMAL.replace("functions", "required = 9\nfunctions"),
            "entries.cell.required: must be a number from 0 to 5",
        ),
        (
            MINIMAL.replace("functions", "looks_like = 'x'\nfunctions"),
            "entries.cell.looks_like: must be 'step' or 'loop'",
        ),
        (
            MINIMAL.replace("functions", "colour = 'x'\nfunctions"),
            "entries.cell: has 'colour', which means nothing here",
        ),
        ("forms = ['poem']\n" + MINIMAL, "forms: 'poem' is no form; there are functions, class, module, script"),
        ("single_precision = 'maybe'\n" + MINIMAL, "single_precision: must be one of allowed, note, fault"),
        ("torch = 1\n" + MINIMAL, "torch: must be true or false"),
        ("entries = 1\n", "entries: must be a table"),
        ("[entries]\ncell = 1\n", "entries.cell: must be a table"),
        ("checks = 1\n" + MINIMAL.split("[[checks]]", maxsplit=1)[0], "checks: must be a list"),
        (MINIMAL + "[limits]\ncall_seconds = 0", "limits.call_seconds: must be a positive number"),
        (MINIMAL + "[limits]\ncolour = 1", "limits: has 'colour', which means nothing here"),
        (
            MINIMAL.replace("entries.cell", "entries.sell"),
            "entries.sell: there is no question 'sell'; there are bidirectional_layer, cell, ",
        ),
        (
            MINIMAL.replace('"input_t", "hidden_state_t"', '"hidden_state_t", "input"'),
            "entries.cell: 'input' is no word of cell; there are Wh, Wx, b, b_hh, b_ih, batch_size, ",
        ),
        (
            MINIMAL.replace("functions", "required = 4\nfunctions"),
            "entries.cell.required: 'b' is always given, so 4 is too few",
        ),
        (MINIMAL + '[convention]\nWx = "D X"', "convention.Wx: 'D X' must be the axes 'H D', in any order"),
        (MINIMAL + '[convention]\nWz = "D H"', "convention.Wz: there is no array of that name"),
    ],
)
def test_each_mistake_is_named_with_its_file_and_key(text: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=why) as caught:
        choose_assignment(str(path))
    assert "mine" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_assignment_that_is_not_there() -> None:
    with pytest.raises(
        InputError, match=r"there is no assignment 'nots'; choose one of cmu-11785, coursera, cs231n, dlsys, "
    ):
        choose_assignment("nots")


def test_an_unknown_check() -> None:
    with pytest.raises(
        InputError, match=r"assignment notes has no check 'numerics\.sell'; it has shapes\.cell-output, "
    ):
        choose_assignment("notes", ["numerics.sell"])


def test_a_check_brings_those_that_it_waits_for() -> None:
    chosen = choose_assignment("notes", ["batches.each-sample"])
    ids = ["shapes.layer-output", "stacking.state-is-carried", "batches.shape", "batches.each-sample"]
    assert [check.id for check in chosen.checks] == ids


def test_an_undecodable_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"title = '\xff'")
    with pytest.raises(InputError, match=r"mine\.toml can't be read: "):
        choose_assignment(str(path))


TRANSPOSED = """\
import numpy as np
def rnn_cell(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + h @ Wh + b)
def rnn_layer(x, Wx, Wh, b, h0=None):
    h = np.zeros(x.shape[1:-1] + b.shape) if h0 is None else h0
    hs = []
    for t in range(len(x)):
        h = rnn_cell(x[t], h, Wx, Wh, b)
        hs.append(h)
    return np.stack(hs)
"""


def test_a_declared_convention_is_what_hand_ins_are_held_to(tmp_path: Path) -> None:
    """Weights (D, H), and time before batch: right where it is declared, wrong where it is not."""
    text = (BUILT_IN / "notes.toml").read_text()
    for axes in (('inputs = "N T D"', 'inputs = "T N D"'), ('Wx = "H D"', 'Wx = "D H"'), ('"N T H"', '"T N H"')):
        text = text.replace(*axes)
    # Both axes of Wh are H, so its transpose can't be declared by names; this hand-in is given Wh as it wants it.
    path = tmp_path / "time-first.toml"
    path.write_text(text)
    for name, full in ((str(path), True), ("notes", False)):
        assignment = choose_assignment(name)
        grader = Grader(assignment, make_bank(assignment, "cpu"))
        grade = grader.grade(Submission("a", "a.py", TRANSPOSED.replace("h @ Wh", "h @ Wh.T").encode()))
        grader.close()
        assert is_full(grade) == full, [(check.id, check.message) for check in grade.checks if not check.earned]


@pytest.mark.parametrize(("rule", "outcome"), [("fault", "FAILED"), ("note", "PASSED"), ("allowed", "PASSED")])
def test_single_precision_is_as_the_assignment_says(rule: str, outcome: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f"single_precision = '{rule}'\n" + MINIMAL)
    assignment = choose_assignment(str(path))
    source = "import numpy as np\ndef rnn_cell(*a):\n    x, h, Wx, Wh, b = (v.astype(np.float32) for v in a)\n"
    source += "    return np.tanh(Wx @ x + Wh @ h + b)\n"
    grader = Grader(assignment, make_bank(assignment, "cpu"))
    grade = grader.grade(Submission("a", "a.py", source.encode()))
    grader.close()
    assert str(grade.checks[0].outcome) == outcome
    assert bool(grade.notes) == (rule == "note")


READY_MADE = """\
import torch
class Layer(torch.nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.rnn = torch.nn.RNN(input_size, hidden_size, batch_first=True)
    def forward(self, inputs, h=None):
        batched = inputs.dim() == 3
        return self.rnn(inputs, None if h is None else h[None])
"""


@pytest.mark.parametrize("allowed", [True, False])
def test_torchs_own_layer_is_right_where_the_assignment_allows_it(allowed: bool, tmp_path: Path) -> None:
    text = (BUILT_IN / "notes.toml").read_text().replace("ready_made = false", f"ready_made = {str(allowed).lower()}")
    path = tmp_path / "torch.toml"
    path.write_text(text)
    assignment = choose_assignment(str(path))
    grader = Grader(assignment, make_bank(assignment, "cpu"))
    grade = grader.grade(Submission("a", "a.py", READY_MADE.encode()))
    grader.close()
    assert str(grade.form) == "module"
    assert is_full(grade) == allowed, [(check.id, check.message) for check in grade.checks if not check.earned]
    if not allowed:
        assert grade.score == 0
        assert any("ready-made RNN" in str(check.message) for check in grade.checks)


@pytest.mark.parametrize("where", ["first", "last"])
def test_results_of_one_row_more_are_right_where_declared(where: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    text = (BUILT_IN / "notes.toml").read_text().replace('extra_row = "none"', f'extra_row = "{where}"')
    path.write_text(text)
    rows = "[h0, *hs]" if where == "first" else "[*hs, h0]"
    source = TRANSPOSED.replace("x @ Wx + h @ Wh", "x @ Wx.T + h @ Wh.T")
    source = source.replace("x.shape[1:-1]", "x.shape[:-2]").replace("range(len(x))", "range(x.shape[-2])")
    source = source.replace("x[t]", "x[..., t, :]").replace("    hs = []", "    hs, h0 = [], h")
    source = source.replace("np.stack(hs)", f"np.stack({rows}, axis=-2)")
    assignment = choose_assignment(str(path))
    grader = Grader(assignment, make_bank(assignment, "cpu"))
    grade = grader.grade(Submission("a", "a.py", source.encode()))
    grader.close()
    assert is_full(grade), [(check.id, check.message) for check in grade.checks if not check.earned]
    assert np.isfinite(grade.score)
