"""The catalogue: each entry is whole, each twin is far from right, and clues see what they should and no more."""

import ast
import inspect
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.bank import Bank
from harness.bugs import CATALOGUE, KnownBug, Source
from harness.checks import CHECKS
from harness.model import Assignment, NotAnArray, Place, Reply, ReplyKind, Value
from harness.twins import SAME_AS_TWIN, Twins
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
    assert bug.clue or bug.twins
    assert bug.cause_of is None or bug.twins is CATALOGUE[bug.cause_of].twins
    assert ("{line}" in bug.message) == (bug.clue is not None)
    assert ("{where}" in bug.message) == (bug.clue is None)
    if bug.clue:
        assert any(f"# finding: {bug.name}" in path.read_text() for path in SUBMISSIONS.glob("buggy/*.py"))


TWINS = [bug for bug in BUGS if bug.twins and bug.cause_of is None]


def distance(bug: KnownBug, other: KnownBug | None, twins: Twins, bank: Bank) -> float:
    """How many bounds two twins (or a twin and right) are apart on the case that tells them apart best."""
    best = 0.0
    for name, case in bank.canonical.items():
        if case.stepwise or case.entry not in bug.twins:
            continue
        one = twins.output(bug, name)
        two = twins.output(other, name) if other and case.entry in other.twins else case.expected
        if (one is None) != (two is None) or (one is not None and two is not None and one.shape != two.shape):
            return np.inf
        if one is not None and two is not None:
            best = max(best, float((np.abs(one - two) / case.allowed).max()))
    return best


@pytest.mark.parametrize("bug", TWINS, ids=ids)
def test_a_twin_is_a_million_bounds_from_right_and_from_every_other(
    bug: KnownBug, bank: Bank, notes: Assignment
) -> None:
    twins = Twins(bank, notes)
    assert distance(bug, None, twins, bank) > 1e6
    for other in TWINS:
        if other is not bug:
            assert distance(bug, other, twins, bank) > 1e6, other.name
    assert SAME_AS_TWIN["double"] <= 1e6 / 100


@pytest.mark.parametrize("bug", TWINS, ids=ids)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_twin_matches_itself_and_only_itself(bug: KnownBug, dtype: type, bank: Bank, notes: Assignment) -> None:
    twins = Twins(bank, notes)
    replies = {}
    for name, case in bank.cases.items():
        if case.stepwise:
            continue
        value = twins.output(bug, name) if case.entry in bug.twins else case.expected
        answered = Reply(ReplyKind.RAISED) if value is None else Reply(ReplyKind.RETURNED, (value.astype(dtype),))
        replies[f"{name}|1|False"] = answered
    match = twins.match(replies)
    assert match is not None
    assert match.bug is bug
    assert set(match.entries) == set(bug.twins)


def test_right_answers_match_no_twin(bank: Bank, notes: Assignment) -> None:
    for dtype in (np.float64, np.float32):
        replies = {
            f"{name}|1|False": Reply(ReplyKind.RETURNED, (case.expected.astype(dtype),))
            for name, case in bank.cases.items()
            if not case.stepwise
        }
        assert Twins(bank, notes).match(replies) is None


VALUES: st.SearchStrategy[Value] = hnp.arrays(
    st.sampled_from([np.float64, np.int64, np.complex128]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
) | st.just(NotAnArray("None"))
WORDS = ["inputs", "hidden_state_t", "Wx", "Wh", "b", "total_hidden_states"]


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(value=VALUES, named=st.fixed_dictionaries(dict.fromkeys(WORDS, VALUES)))
def test_no_answer_breaks_the_matching(bank: Bank, notes: Assignment, value: Value, named: dict[str, Value]) -> None:
    twins = Twins(bank, notes)
    calls = {f"{name}|1|False": Reply(ReplyKind.RETURNED, (value,)) for name in bank.cases}
    assert twins.match(calls) is None
    twins.match({"script|1": Reply(ReplyKind.RETURNED, named=named)})


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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("temesteps = 10\nx = range(timesteps)", [(1, "timesteps = 10")]),
        ("states = []\nprint(states)\nnp.stack(state_s)", [(3, "np.stack(states)")]),
        ("import numpy as np\nnp.randam.random(3)", [(2, "np.random.random(3)")]),
        ("def hidden_layer(x):\n    return x\nhiden_layer(1)\nhidden_layer(2)", [(3, "hidden_layer(1)")]),
        ("inputs = 1\nprint(input_s, input_s)\nprint(inputs)", [(2, "print(inputs, inputs)")]),
    ],
)
def test_a_misspelt_name_is_seen_where_it_is_wrong(text: str, found: list[tuple[int, str]], notes: Assignment) -> None:
    assert sightings("misspelled-name", text, notes) == found


@pytest.mark.parametrize(
    "text",
    [
        "hidden_state = 1\nhidden_states = [hidden_state]\nprint(hidden_states)",  # both are made
        "print(undefined_altogether)\ninputs = 1",
        "import numpy as np\nnp.random.random(3)\nnp.nothing_like_it",
        "for inputs in [1]:\n    print(inputs)",
        "def f(inputs, *rest, **options):\n    return inputs, rest, options",
        "try:\n    pass\nexcept ValueError as problem:\n    print(problem)",
        "x1 = 1\nprint(x2)",  # a few letters are alike by chance
        "print(sum([1]), __name__)",
    ],
)
def test_names_that_are_right_or_not_alike_are_left_alone(text: str, notes: Assignment) -> None:
    assert sightings("misspelled-name", text, notes) == []


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ("x = np.random.random.((3, 4))", "x = np.random.random((3, 4))"),
        ("x = f.(1)  # f.(1)", "x = f(1)  # f.(1)"),
        ("for x in xs", "for x in xs:"),
        ("if x == 1  # a comment", "if x == 1:  # a comment"),
        ("x = = 3", None),
        ("for x in xs:", None),
    ],
)
def test_broken_lines_that_one_character_mends(line: str, mended: str | None, notes: Assignment) -> None:
    source = Source((), {(None, 3): line}, notes.names, broken=(Place(3),))
    clue = CATALOGUE["broken-syntax"].clue
    assert clue is not None
    assert [one.replacement for one in clue(source)] == ([mended] if mended else [])


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
        "all_state = out",  # like all_states, which is a list to append to
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


PSEUDOCODE = "for x in sequence:\n    out = f(x, hidden_state)\n    hiden_state = out\n"


def test_a_clue_beside_another_mistake_is_a_note_where_its_own_check_passed(grade_source: GradeSource) -> None:
    carried = OTHER_WAYS["while"].replace("hiddn = ", "hidden = ")
    grade = grade_source(PSEUDOCODE + carried.replace("if hidden is None:", "if True:"))
    assert [finding.rule for finding in grade.findings] == ["initial-state-ignored"]
    assert any("`hiden_state`" in note and "costs nothing" in note for note in grade.notes)


def test_a_clue_beside_another_mistake_is_a_finding_where_its_own_check_did_not_pass(grade_source: GradeSource) -> None:
    grade = grade_source(PSEUDOCODE + OTHER_WAYS["while"].replace("+ b)", "+ 2 * b)").replace("hiddn = ", "hidden = "))
    assert [finding.rule for finding in grade.findings] == ["double-bias", "misspelled-hidden-state"]
