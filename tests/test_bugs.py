"""The catalogue: each entry is whole, each twin is far from right, and clues see what they should and no more."""

import ast
import inspect
import sys

import numpy as np
import pytest

from harness.bank import Bank
from harness.bugs import CATALOGUE, KnownBug, Source
from harness.checks import CHECKS
from harness.diagnose import SAME_AS_TWIN, twin_output
from harness.model import Assignment
from tests.conftest import SUBMISSIONS, GradeSource, is_full

BUGS = list(CATALOGUE.values())


def ids(bug: KnownBug) -> str:
    return bug.name


def source_of(text: str, names: dict[str, tuple[str, ...]]) -> Source:
    modules = tuple((None, ast.Module([node], [])) for node in ast.parse(text).body)
    lines = {(None, number): line for number, line in enumerate(text.split("\n"), 1)}
    return Source(modules, lines, names)


def sightings(bug: str, text: str, assignment: Assignment) -> list[tuple[int, str | None]]:
    clue = CATALOGUE[bug].clue
    assert clue is not None
    return [(one.place.line, one.replacement) for one in clue(source_of(text, dict(assignment.names)))]


@pytest.mark.parametrize("bug", BUGS, ids=ids)
def test_an_entry_is_whole(bug: KnownBug) -> None:
    module = sys.modules[f"harness.bugs.{bug.name.replace('-', '_')}"]
    doc = inspect.getdoc(module) or ""
    for section in ("What it does", "Why it is wrong", "Why it hides", "Example", "Instead"):
        assert f"\n{section}\n" in doc
    assert bug.about in CHECKS
    assert any(f"# finding: {bug.name}" in path.read_text() for path in SUBMISSIONS.glob("buggy/*.py"))


@pytest.mark.parametrize("bug", [bug for bug in BUGS if bug.twins], ids=ids)
def test_a_twin_is_a_million_bounds_from_right(bug: KnownBug, bank: Bank, notes: Assignment) -> None:
    distances = []
    for case in bank.canonical.values():
        if case.entry in bug.twins and not case.stepwise:
            distance = np.abs(twin_output(bug, case, notes) - case.expected) / case.allowed
            distances.append(float(distance.max()))
    assert max(distances) > 1e6
    assert SAME_AS_TWIN < 1e6 / 100


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ("Wh = np.random.random((hidden_size, input_size))", "Wh = np.random.random((hidden_size, hidden_size))"),
        ("Wh = np.random.randn(hidden_size, input_size)", "Wh = np.random.randn(hidden_size, hidden_size)"),
        ("Whh = np.zeros((input_size,hidden_size))", "Whh = np.zeros((hidden_size,hidden_size))"),
        ("W_hh = np.zeros([H, D])", "W_hh = np.zeros([H, H])"),
        ("Wh = rng.normal(size=(n_hidden, n_inputs)) * 0.1", "Wh = rng.normal(size=(n_hidden, n_hidden)) * 0.1"),
        ("self.Wh = f((self.hidden_size, self.input_size))", "self.Wh = f((self.hidden_size, self.hidden_size))"),
    ],
)
def test_the_wrong_shape_of_wh_is_seen_and_mended(line: str, mended: str, notes: Assignment) -> None:
    assert sightings("wh-shape", line, notes) == [(1, mended)]


@pytest.mark.parametrize(
    "line",
    [
        "Wh = np.random.random((hidden_size, hidden_size))",
        "Wx = np.random.random((hidden_size, input_size))",
        "# Wh = np.random.random((hidden_size, input_size))",
        "Wy = np.zeros((hidden_size, input_size))",
        "Wh = W[:, input_size:]",
        "Wh = np.eye(hidden_size)",
        "shape = (hidden_size, input_size)",
    ],
)
def test_near_misses_of_wh_shape_are_left_alone(line: str, notes: Assignment) -> None:
    assert sightings("wh-shape", line, notes) == []


LOOP = "h_state = 0\nfor x in xs:\n    out = f(x, h_state)\n    {}\n    all_states.append(out)\n"


@pytest.mark.parametrize(("assigned"), ["h_sate", "hstate", "h_stat", "H_state", "h_statee"])
def test_a_misspelt_state_is_seen_and_mended(assigned: str, notes: Assignment) -> None:
    found = sightings("misspelled-hidden-state", LOOP.format(f"{assigned} = out"), notes)
    assert found == [(4, "h_state = out")]


@pytest.mark.parametrize(
    "line",
    [
        "h_state = out",  # carried
        "total = out",  # another name altogether, which nothing reads
        "h_state2 = out",  # told apart by a number
        "h_sate = out\n    print(h_sate)",  # read: it is used for something
        "h_state = h_sate = out",  # both
    ],
)
def test_near_misses_of_a_misspelt_state_are_left_alone(line: str, notes: Assignment) -> None:
    assert sightings("misspelled-hidden-state", LOOP.format(line), notes) == []


def test_a_similar_name_outside_a_loop_is_left_alone(notes: Assignment) -> None:
    text = "hidden_state = f()\nhiden_state = g()\nfor x in xs:\n    hidden_state = f(x, hidden_state)\n"
    assert sightings("misspelled-hidden-state", text, notes) == []


OTHER_WAYS = {
    "preallocated": """\
import numpy as np
def cell(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx.T + h @ Wh.T + b)
def rnn(x, Wx, Wh, b, h0=None):
    prev_h = np.zeros(x.shape[:-2] + b.shape) if h0 is None else h0
    hs = np.zeros(x.shape[:-1] + b.shape)
    for t in range(x.shape[-2]):
        hs[..., t, :] = cell(x[..., t, :], prev_h, Wx, Wh, b)
        pre_h = hs[..., t, :]  # finding
    return hs
""",
    "while": """\
import numpy as np
def rnn_step(x, hidden, Wx, Wh, b):
    return np.tanh(np.dot(x, Wx.T) + np.dot(hidden, Wh.T) + b)
def rnn_forward(x, Wx, Wh, b, hidden=None):
    if hidden is None:
        hidden = np.zeros(x.shape[:-2] + b.shape)
    t, states = 0, []
    while t < x.shape[-2]:
        states.append(rnn_step(x[..., t, :], hidden, Wx, Wh, b))
        hiddn = states[-1]  # finding
        t += 1
    return np.stack(states, axis=-2)
""",
    "class": """\
import numpy as np
class RNN:
    def __init__(self, Wx, Wh, b):
        self.Wx, self.Wh, self.b = Wx, Wh, b
    def __call__(self, inputs, state=None):
        state = np.zeros(inputs.shape[:-2] + self.b.shape) if state is None else state
        out = []
        for t in range(inputs.shape[-2]):
            new = np.tanh(inputs[..., t, :] @ self.Wx.T + state @ self.Wh.T + self.b)
            out += [new]
            stat = new  # finding
        return np.stack(out, axis=-2)
""",
}


@pytest.mark.parametrize("name", OTHER_WAYS)
def test_the_state_is_found_uncarried_in_other_styles_with_the_proof(name: str, grade_source: GradeSource) -> None:
    text = OTHER_WAYS[name]
    grade = grade_source(text)
    line = next(number for number, line in enumerate(text.split("\n"), 1) if "# finding" in line)
    assert [(finding.rule, finding.place and finding.place.line) for finding in grade.findings] == [
        ("misspelled-hidden-state", line)
    ]
    assert "twin" in grade.findings[0].evidence
    assert "stacking.state-is-carried" in grade.findings[0].costs


def test_a_twin_is_not_claimed_for_another_mistake(grade_source: GradeSource) -> None:
    """The clue is there, but the numbers are wrong in another way as well."""
    text = OTHER_WAYS["while"].replace("+ b)", "+ 2 * b)")
    grade = grade_source(text)
    assert [finding.evidence[:2] for finding in grade.findings] == [("clue",)]


def test_the_misspelling_without_effect_is_a_note(grade_source: GradeSource) -> None:
    text = OTHER_WAYS["while"].replace("        t += 1", "        hidden = states[-1]\n        t += 1")
    grade = grade_source(text)
    assert is_full(grade)
    assert grade.findings == ()
