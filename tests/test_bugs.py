"""The catalogue: each entry is whole, each twin is far from right, and clues see what they should and no more."""

import ast
import inspect
import re
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.bank import Bank
from harness.bugs import CATALOGUE, KnownBug, Sighting, Source
from harness.bugs.parts import RIGHT
from harness.checks import CHECKS
from harness.convention import laid_out_result
from harness.model import Assignment, NotAnArray, Place, Reply, ReplyKind, Submission, Value
from harness.trees import walk
from harness.twins import Twins
from harness.ways import SAME_AS_TWIN, Way, single_ways
from tests.bug_styles import BUGGY, STYLES, assignment_of, written
from tests.conftest import BankOf, GraderOf, GradeSource, is_full

BUGS = list(CATALOGUE.values())


def ids(bug: KnownBug) -> str:
    return bug.name


def source_of(text: str, names: dict[str, tuple[str, ...]]) -> Source:
    trees = tuple((None, walk(ast.Module([node], []))) for node in ast.parse(text).body)
    lines = {(None, number): line for number, line in enumerate(text.split("\n"), 1)}
    return Source(trees, lines, names)


def mended_line(sighting: Sighting, source: Source) -> str | None:
    """The line of a sighting with its fix applied; None where there is none."""
    if not sighting.edits:
        return None
    new = [line[2:] for line in source.shown(sighting.edits).split("\n") if line.startswith("+ ")]
    return "\n".join(new)


def sightings(bug: str, text: str, assignment: Assignment) -> list[tuple[int, str | None]]:
    clue = CATALOGUE[bug].clue
    assert clue is not None
    source = source_of(text, dict(assignment.names))
    return [(one.place.line, mended_line(one, source)) for one in clue(source)]


@pytest.mark.parametrize("bug", BUGS, ids=ids)
def test_an_entry_is_whole(bug: KnownBug) -> None:
    module = sys.modules[f"harness.bugs.{bug.name.replace('-', '_')}"]
    doc = inspect.getdoc(module) or ""
    for section in ("What it does", "Why it is wrong", "Why it hides", "Example", "Instead"):
        assert f"\n{section}\n" in doc
    for section in ("하는 일", "왜 틀렸나", "왜 안 보이나"):
        assert f"\n{section}\n" in bug.korean_doc
    assert set(bug.about) <= set(CHECKS)
    assert bug.clue or bug.changes or bug.sign
    assert bug.cause_of is None or bug.changes is CATALOGUE[bug.cause_of].changes
    assert ("{line}" in bug.message) == (bug.clue is not None)
    assert ("{where}" in bug.message) == (bug.clue is None)


FIELD = re.compile(r"{(\w+)}")


@pytest.mark.parametrize("bug", BUGS, ids=ids)
def test_both_languages_say_the_same_things(bug: KnownBug) -> None:
    assert sorted(FIELD.findall(bug.message)) == sorted(FIELD.findall(bug.korean))
    for text in (bug.korean, bug.korean_doc):
        assert re.search("[가-힣]", text)


def test_every_name_that_was_agreed_is_there() -> None:
    agreed = """
        wh-shape misspelled-hidden-state misspelled-name broken-syntax loop-over-length pseudocode-cell
        scalar-initial-state product-of-terms batch-axis-confused state-not-carried state-lags no-recurrent-term
        initial-state-ignored initial-state-not-zero state-survives-call preactivation-carried states-accumulated
        time-reversed batch-mixed missing-bias double-bias bias-outside bias-per-sample missing-activation
        wrong-activation double-tanh tanh-per-term elementwise-product transposed-wx transposed-wh swapped-weights
        overflowing-tanh concatenated-not-stacked wrong-stack-axis last-state-only early-return aliased-states
        initial-state-included shifted-states softmax-axis overflowing-softmax wrong-output-activation
        output-fed-back wrong-state-read-out mutates-arguments reads-globals hard-coded-sizes low-precision rounded
        integer-truncation shortcut python-2 not-attempted step-left-out
    """
    assert set(agreed.split()) <= set(CATALOGUE)


WAYS = single_ways()


def way_id(way: Way) -> str:
    details = "-".join(way.changes[0].details.values())
    return f"{way.bugs[0].name}-{details}" if details else way.bugs[0].name


@pytest.fixture(scope="module")
def all_twins(
    bank: Bank, notes: Assignment, models_bank: Bank, models: Assignment, bank_of: BankOf
) -> list[tuple[Twins, Bank]]:
    cs231n = bank_of("cs231n")
    return [
        (Twins(bank, notes), bank),
        (Twins(models_bank, models), models_bank),
        (Twins(cs231n[1], cs231n[0]), cs231n[1]),
    ]


def distance(one: Way, other: Way | None, all_twins: list[tuple[Twins, Bank]]) -> float:
    """How many bounds two twins (or a twin and right) are apart on the case that tells them apart best."""
    best = 0.0
    for twins, bank in all_twins:
        for name, case in bank.canonical.items():
            if case.stepwise:
                continue
            first = twins.output(one, name)
            second = twins.output(other, name) if other else case.expected
            if first is None or second is None or first.shape != second.shape:
                if first is not second:
                    return np.inf
                continue
            with np.errstate(invalid="ignore"):
                apart = np.abs(first - second) / case.allowed
            if (np.isnan(first) != np.isnan(second)).any():
                return np.inf
            best = max(best, float(np.nanmax(apart, initial=0.0)))
            if best > 1e6:
                return best
    return best


def test_with_nothing_replaced_the_parts_are_the_reference(all_twins: list[tuple[Twins, Bank]]) -> None:
    for twins, bank in all_twins:
        for name, case in bank.canonical.items():
            if not case.stepwise:
                assert np.array_equal(twins.output(Way((), (), RIGHT), name), case.expected), name


@pytest.mark.parametrize("way", WAYS, ids=way_id)
def test_a_twin_is_a_million_bounds_from_right_and_from_every_other(
    way: Way, all_twins: list[tuple[Twins, Bank]]
) -> None:
    assert distance(way, None, all_twins) > 1e6
    for other in WAYS[WAYS.index(way) :]:
        if other.names != way.names:
            assert distance(way, other, all_twins) > 1e6, way_id(other)
    assert SAME_AS_TWIN["double"] <= 1e6 / 100


def replies_of(way: Way, twins: Twins, bank: Bank, assignment: Assignment, dtype: type) -> dict[str, Reply]:
    """What a hand-in with this bug answers."""
    replies: dict[str, Reply] = {}
    entries = {entry.name: entry for entry in assignment.entries}
    for name, case in bank.canonical.items():
        if case.stepwise:
            continue
        value, key = twins.output(way, name), f"{case.problem}|1|False"
        if value is None:
            replies[key] = Reply(ReplyKind.RAISED)
            continue
        laid_out = laid_out_result(value, case, entries[case.entry], assignment).astype(dtype)
        parts = {**replies[key].parts, case.part: (laid_out,)} if key in replies else {case.part: (laid_out,)}
        replies[key] = Reply(ReplyKind.RETURNED, next(iter(parts.values())), parts=parts)
    return replies


@pytest.mark.parametrize("way", WAYS, ids=way_id)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_twin_matches_itself_and_only_itself(way: Way, dtype: type, all_twins: list[tuple[Twins, Bank]]) -> None:
    matches = [twins.match(replies_of(way, twins, bank, twins.assignment, dtype)) for twins, bank in all_twins]
    if not any(matches):  # too small an error for a hand-in that works in single precision
        assert (dtype, way.names[0]) in [(np.float32, "rounded"), (np.float32, "low-precision")]
        return
    assert {match.way.names for match in matches if match} == {way.names}


def test_right_answers_match_no_twin(all_twins: list[tuple[Twins, Bank]]) -> None:
    for dtype in (np.float64, np.float32):
        for twins, bank in all_twins:
            assert twins.match(replies_of(Way((), (), RIGHT), twins, bank, twins.assignment, dtype)) is None


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
    assert [mended_line(one, source) for one in clue(source)] == ([mended] if mended else [])


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


SEEN = [(bug, number) for bug, ways in BUGGY.items() for number in range(len(ways))]


def test_every_bug_is_written_in_an_example_and_three_more_styles() -> None:
    assert {bug: len(ways) for bug, ways in BUGGY.items() if len(ways) < 4} == {}
    assert set(BUGGY) == set(CATALOGUE)


@pytest.mark.parametrize("style", STYLES)
def test_the_styles_are_right_before_a_bug_is_put_in(style: str, grader_of: GraderOf) -> None:
    grade = grader_of(assignment_of(style)).grade(Submission("right", "right.py", STYLES[style].encode()))
    assert is_full(grade)
    assert (grade.findings, grade.notes) == ((), ())


@pytest.mark.parametrize(("bug", "number"), SEEN, ids=[f"{bug}-{number}" for bug, number in SEEN])
def test_a_bug_is_found_at_its_line_in_every_style(bug: str, number: int, grader_of: GraderOf) -> None:
    style, replacements = BUGGY[bug][number]
    text, line = written(style, replacements, bug)
    grade = grader_of(assignment_of(style)).grade(Submission("buggy", "buggy.py", text.encode()))
    found = [(finding.rule, finding.place.line if finding.place else None) for finding in grade.findings]
    assert found == [(bug, line)]
    assert "fix" in grade.findings[0].evidence or (bug, number) in WITHOUT_FIX


#: There is nothing that a few characters could mend, or the mended line alone does not bring the check back.
WITHOUT_FIX = {
    *(("shortcut", number) for number in range(4)),
    *(("not-attempted", number) for number in range(4)),
    ("aliased-states", 3),
    ("scalar-initial-state", 3),
    ("input-repeated", 2),
    ("other-convention", 3),
}

OTHER = STYLES["filled"].replace("prev_h = h[..., t, :]", "pre_h = h[..., t, :]")


def test_a_twin_is_not_claimed_for_another_mistake(grade_source: GradeSource) -> None:
    """The clue is there, but the numbers are wrong in another way as well."""
    text = OTHER.replace("Wh.T + b", "Wh.T + 3 * b")
    grade = grade_source(text)
    assert [finding.evidence[:2] for finding in grade.findings] == [("clue",)]


def test_a_loop_that_does_not_run_over_a_single_sample_says_nothing_of_batches(grade_source: GradeSource) -> None:
    """Who knows no batches takes the samples for timesteps: of one there are then no steps, and nothing raises."""
    knows_no_batches = """\
import numpy as np

def rnn_cell(x, h, Wx, Wh, b):
    return np.tanh(Wx @ x + Wh @ h + b)

def rnn_layer(xs, Wx, Wh, b, h0=None):
    hidden = np.zeros((len(xs), len(b)))
    h = np.zeros(len(b)) if h0 is None else h0
    for t in range(len(xs) - 1):
        h = rnn_cell(xs[t], h, Wx, Wh, b)
        hidden[t] = h
    return hidden
"""
    grade = grade_source(knows_no_batches)
    (finding,) = grade.findings
    assert (finding.rule, finding.place, finding.evidence) == ("step-left-out", Place(9), ("twin", "fix"))
    assert finding.fix is not None
    assert finding.fix.endswith("+ for t in range(len(xs)):")


def test_the_misspelling_without_effect_is_a_note(grade_source: GradeSource) -> None:
    text = OTHER.replace("        pre_h =", "        prev_h = h[..., t, :]\n        pre_h =")
    grade = grade_source(text)
    assert is_full(grade)
    assert grade.findings == ()


PSEUDOCODE = "for x in sequence:\n    out = f(x, hidden_state)\n    hiden_state = out\n"


def test_a_clue_beside_another_mistake_is_a_note_where_its_own_check_passed(grade_source: GradeSource) -> None:
    carried = STYLES["filled"]
    grade = grade_source(PSEUDOCODE + carried.replace(" if h0 is None else h0", ""))
    assert [finding.rule for finding in grade.findings] == ["initial-state-ignored"]
    assert any("`hiden_state`" in str(note) and "costs nothing" in str(note) for note in grade.notes)


def test_a_clue_beside_another_mistake_is_a_finding_where_its_own_check_did_not_pass(grade_source: GradeSource) -> None:
    grade = grade_source(PSEUDOCODE + STYLES["filled"].replace("Wh.T + b", "Wh.T + 2 * b"))
    assert [finding.rule for finding in grade.findings] == ["double-bias", "misspelled-hidden-state"]
