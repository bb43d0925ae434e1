"""Test the testers: every check, on right, wrong, empty, NaN, wrong-shape and hostile answers."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.assignment import built_in_names, load_assignment
from harness.bank import Bank
from harness.checks import CHECKS, Answers, ScriptAnswers
from harness.compare import Expectation, compare
from harness.model import (
    Assignment,
    Case,
    Form,
    Loaded,
    NotAnArray,
    Outcome,
    Reply,
    ReplyKind,
    Value,
)
from reference import rnn
from tests.conftest import BankOf

LOADED = Loaded(Form.FUNCTIONS, {}, {}, ())
ASKING = [id for id, check in CHECKS.items() if check.asks]
#: An assignment that has the check: the notes' own where they do.
ASSIGNED = {
    plan.id: name
    for name in sorted(built_in_names(), key=lambda name: (not name.startswith("notes"), name), reverse=True)
    for plan in load_assignment(name, CHECKS).checks
}
SCRIPTABLE = [id for id, check in CHECKS.items() if check.script]

Answer = Callable[[Case], Value]


#: What says nothing of numbers or of a shape: calling twice, and leaving arguments alone.
NUMBERLESS = ("conduct.same-call-twice", "conduct.arguments-unchanged", "backward.arguments-unchanged")
SHAPES_ONLY = ("shapes.cell-output", "shapes.layer-output", "batches.shape", "output.shape", "conduct.any-size")


def every_check(*, but: tuple[str, ...] = ()) -> pytest.MarkDecorator:
    """Run a test with each check that asks something."""
    return pytest.mark.parametrize("judged", [id for id in ASKING if id not in but], indirect=True)


@pytest.fixture
def judged(request: pytest.FixtureRequest) -> Callable[[Callable[[Case, int], Reply]], Outcome]:
    """Judge a check on made-up replies."""
    check = CHECKS[request.param]
    bank_of: BankOf = request.getfixturevalue("bank_of")
    assignment, bank = bank_of(ASSIGNED[check.id])

    def judge(answer: Callable[[Case, int], Reply]) -> Outcome:
        pairs = tuple((case, answer(case, call.times)) for ask in check.asks for case, call in ask.calls(bank))
        assert pairs, f"{check.id} asks no case"
        return check.judge(Answers(pairs, LOADED, assignment)).outcome

    return judge


def right(case: Case) -> np.ndarray:
    if not case.stepwise:
        right: np.ndarray = case.expected.astype(np.float64)
        return right
    inputs, Wx, Wh, b = case.arguments[:4]
    return rnn.rnn_layer(inputs, Wx, Wh, b)  # type: ignore[arg-type]


def returning(answer: Answer) -> Callable[[Case, int], Reply]:
    def reply(case: Case, times: int) -> Reply:
        after = tuple(one.copy() for one in case.given.values() if isinstance(one, np.ndarray))
        return Reply(ReplyKind.RETURNED, (answer(case),) * times, after)

    return reply


@every_check()
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_right_answers_pass(judged: Callable[..., Outcome], dtype: type) -> None:
    assert judged(returning(lambda case: right(case).astype(dtype))) is Outcome.PASSED


#: Answers whose numbers do not matter: shape, kind or absence gives them away to nearly every check.
BAD = {
    "empty": lambda case: np.zeros(0),
    "no-axes": lambda case: np.float64(0.5).reshape(()),
    "one-more-axis": lambda case: right(case)[None],
    "transposed-or-flat": lambda case: right(case).ravel() if case.expected.ndim > 1 else right(case)[:, None],
    "none": lambda case: NotAnArray("None"),
    "words": lambda case: NotAnArray("a str"),
}


@every_check(but=NUMBERLESS)
@pytest.mark.parametrize("name", BAD)
def test_answers_of_another_shape_or_kind_fail(judged: Callable[..., Outcome], name: str) -> None:
    assert judged(returning(BAD[name])) is Outcome.FAILED


WRONG_NUMBERS = {
    "nan": lambda case: right(case) * np.nan,
    "one-nan": lambda case: np.where(
        np.arange(case.expected.size).reshape(case.expected.shape) == 0, np.nan, right(case)
    ),
    "infinite": lambda case: right(case) + np.inf,
    "zeros": lambda case: right(case) * 0,
    "huge": lambda case: right(case) + 1e300,
    "negated": lambda case: -right(case) - 1e-3,
    "complex": lambda case: right(case) + 0j,
    "off-by-1e-4": lambda case: right(case) + 1e-4,
    "booleans": lambda case: right(case) > 0,
}


@every_check(but=NUMBERLESS + SHAPES_ONLY)
@pytest.mark.parametrize("name", WRONG_NUMBERS)
def test_wrong_numbers_fail(judged: Callable[..., Outcome], name: str) -> None:
    assert judged(returning(WRONG_NUMBERS[name])) is Outcome.FAILED


@every_check()
@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (ReplyKind.RAISED, Outcome.RAISED),
        (ReplyKind.DIED, Outcome.RAISED),
        (ReplyKind.TIMED_OUT, Outcome.TIMED_OUT),
    ],
)
def test_calls_that_do_not_return_are_told_apart(
    judged: Callable[..., Outcome], kind: ReplyKind, outcome: Outcome
) -> None:
    assert judged(lambda case, times: Reply(kind, message="boom")) is outcome


def test_a_second_answer_that_differs_fails(bank: Bank, notes: Assignment) -> None:
    check = CHECKS["conduct.same-call-twice"]
    for other in (lambda a: a + 1e-16, lambda a: a[:-1], lambda a: NotAnArray("None")):
        pairs = []
        for ask in check.asks:
            for case, _ in ask.calls(bank):
                values = (right(case), other(right(case) * 0))
                pairs.append((case, Reply(ReplyKind.RETURNED, values)))
        assert check.judge(Answers(tuple(pairs), LOADED, notes)).outcome is Outcome.FAILED


def test_an_argument_that_changed_fails(bank: Bank, notes: Assignment) -> None:
    check = CHECKS["conduct.arguments-unchanged"]
    case, _ = next(pair for ask in check.asks for pair in ask.calls(bank))
    for changed in range(len(case.arguments)):
        after = [one.copy() for one in case.arguments if isinstance(one, np.ndarray)]
        after[changed].flat[0] += 1e-12
        reply = Reply(ReplyKind.RETURNED, (right(case),), tuple(after))
        assert check.judge(Answers(((case, reply),), LOADED, notes)).outcome is Outcome.FAILED


def script_run(**changes: Value) -> Reply:
    rng = np.random.default_rng(3)
    weights = {"Wx": rng.normal(size=(4, 3)), "Wh": rng.normal(size=(4, 4)), "b": rng.normal(size=4)}
    inputs = rng.normal(size=(5, 3))
    named: dict[str, Value] = {"inputs": inputs, "hidden_state_t": np.zeros(4), **weights}
    named["total_hidden_states"] = rnn.rnn_layer(inputs, *weights.values())
    named["overridden"] = np.array([True, True, True])
    return Reply(ReplyKind.RETURNED, named={**named, **changes})


def script_outcome(id: str, reply: Reply, assignment: Assignment) -> Outcome:
    judge = CHECKS[id].script
    assert judge is not None
    return judge(ScriptAnswers((reply, reply), assignment)).outcome


@pytest.mark.parametrize("id", SCRIPTABLE)
def test_a_right_script_passes(id: str, notes: Assignment) -> None:
    assert script_outcome(id, script_run(), notes) is Outcome.PASSED


@pytest.mark.parametrize("id", [id for id in SCRIPTABLE if id != "shapes.own-weights"])
def test_a_script_that_raises_passes_nothing(id: str, notes: Assignment) -> None:
    reply = Reply(ReplyKind.RAISED, message="NameError: x")
    assert script_outcome(id, reply, notes) is Outcome.RAISED
    assert script_outcome(id, Reply(ReplyKind.TIMED_OUT), notes) is Outcome.TIMED_OUT


ROWS = np.arange(5)[:, None]


@pytest.mark.parametrize(
    ("id", "changes"),
    [
        ("shapes.layer-output", {"total_hidden_states": np.zeros((4, 5))}),
        ("shapes.layer-output", {"total_hidden_states": NotAnArray("an empty list")}),
        ("shapes.own-weights", {"Wh": np.zeros((4, 3))}),
        ("shapes.own-weights", {"Wx": np.zeros((3, 4))}),
        ("shapes.own-weights", {"b": np.zeros((4, 1)), "sizes": np.array([3, 4])}),
        ("numerics.cell", {"total_hidden_states": script_run().named["total_hidden_states"] + 1e-4 * (ROWS == 0)}),
        ("numerics.cell", {"total_hidden_states": script_run().named["total_hidden_states"] * np.nan}),
        ("numerics.cell", {"b": NotAnArray("None")}),
        ("stacking.first-row", {"hidden_state_t": np.ones(4)}),
        ("stacking.state-is-carried", {"total_hidden_states": script_run().named["total_hidden_states"][::-1]}),
        ("stacking.state-is-carried", {"total_hidden_states": script_run().named["total_hidden_states"] + (ROWS == 3)}),
        ("stacking.initial-state", {"hidden_state_t": np.ones(4)}),
        ("stacking.initial-state", {"hidden_state_t": np.zeros(3)}),
    ],
)
def test_a_wrong_script_fails(id: str, changes: dict[str, Value], notes: Assignment) -> None:
    assert script_outcome(id, script_run(**changes), notes) is Outcome.FAILED


def test_a_script_whose_weights_show_nothing_is_not_judged_on_them(notes: Assignment) -> None:
    reply = script_run(Wh=np.zeros((4, 4)))
    assert script_outcome("stacking.state-is-carried", reply, notes) is Outcome.NOT_APPLICABLE


def test_every_check_has_points_somewhere() -> None:
    assert ASSIGNED.keys() == CHECKS.keys()


def test_claims_are_sentences() -> None:
    for check in CHECKS.values():
        assert check.claim
        assert not check.claim.endswith(".")
        assert len(check.claim) < 110, check.id


EXPECTED = Expectation(
    "h", np.array([[0.5, 0.25]] * 3, dtype=np.longdouble), np.full((3, 2), 1e-15), np.full((3, 2), 1e-7), time_axis=0
)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (
            [[0.5, 0.25], [0.5, 0.75], [0.5, 0.25]],
            "h[1, 1] = 0.75, but should be 0.25 (off by 0.5, allowed 1.0e-15); right: rows 0, 2; wrong: row 1",
        ),
        ([[0.0, 0.0]] * 3, "h[0, 0] = 0, but should be 0.5 (off by 0.5, allowed 1.0e-15); every row is wrong"),
        (
            [[0.5, 0.25], [0.0, 0], [0, 0]],
            "h[1, 0] = 0, but should be 0.5 (off by 0.5, allowed 1.0e-15); right: row 0; wrong: rows 1 to 2",
        ),
        (
            [[0.500001, 0.25]] * 3,
            "h[0, 0] = 0.500001, but should be 0.5 (off by 1e-06, allowed 1.0e-15); every row is wrong",
        ),
        ([[np.nan, 0.25]] * 3, "h[0, 0] = nan, but should be 0.5; every row is wrong"),
        ([[0.5, 0.25]], "h has shape (1, 2), but should have (3, 2)"),
    ],
)
def test_a_mismatch_in_words(value: object, sentence: str) -> None:
    assert str(compare(np.array(value), EXPECTED).problem) == sentence


def test_a_value_that_is_no_array_in_words() -> None:
    problem = compare(NotAnArray("a tuple of 2"), EXPECTED).problem
    assert str(problem) == "h is a tuple of 2, but should be an array of shape (3, 2)"


def test_just_within_the_bound_is_right_and_just_beyond_is_not() -> None:
    at = EXPECTED.expected + 0.999 * EXPECTED.allowed
    assert compare(at, EXPECTED).problem is None
    assert not compare(at, EXPECTED).single
    assert compare(at.astype(np.float64) + 1e-12, EXPECTED).single
    assert compare(at + 2e-7, EXPECTED).problem is not None


VALUES: st.SearchStrategy[Value] = st.one_of(
    hnp.arrays(
        st.sampled_from([np.float64, np.float32, np.float16, np.int64, np.uint8, np.bool_, np.complex128]),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
    ),
    st.just(NotAnArray("None")),
)
NAMED = st.dictionaries(
    st.sampled_from(
        [
            "inputs",
            "hidden_state_t",
            "Wx",
            "Wh",
            "b",
            "total_hidden_states",
            "sizes",
            "sizes_of_Wx",
            "sizes_of_b",
            "overridden",
        ]
    ),
    VALUES,
)
OFTEN = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@OFTEN
@given(value=VALUES, named=NAMED, after=st.lists(VALUES, max_size=5))
def test_no_answer_breaks_a_check(
    notes: Assignment, bank: Bank, value: Value, named: dict[str, Value], after: list[Value]
) -> None:
    """What a hand-in sends can fail a check; it can't make a fault of ours."""
    for plan in notes.checks:
        check = CHECKS[plan.id]
        pairs = tuple(
            (case, Reply(ReplyKind.RETURNED, (value,) * call.times, tuple(after)))
            for ask in check.asks
            for case, call in ask.calls(bank)
        )
        own = Reply(ReplyKind.RETURNED, named=named)
        assert check.judge(Answers(pairs, LOADED, notes, own)).outcome in Outcome


@OFTEN
@given(runs=st.lists(NAMED, min_size=2, max_size=3))
def test_no_script_breaks_a_check(notes: Assignment, runs: list[dict[str, Value]]) -> None:
    replies = tuple(Reply(ReplyKind.RETURNED, named=named) for named in runs)
    for id in SCRIPTABLE:
        judge = CHECKS[id].script
        assert judge is not None
        assert judge(ScriptAnswers(replies, notes)).outcome in Outcome
        changed = tuple(Reply(ReplyKind.RETURNED, named={**script_run().named, **named}) for named in runs)
        assert judge(ScriptAnswers(changed, notes)).outcome in Outcome
