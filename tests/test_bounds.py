"""The bounds, against ball arithmetic (python-flint) and against right implementations in both precisions."""

import flint
import numpy as np
import pytest

from harness.audit import styles
from harness.bank import Bank
from harness.model import Assignment
from harness.questions import QUESTIONS, named_arguments
from reference import bounds
from reference.bounds import DOUBLE, EXTENDED, SINGLE

PRECISIONS = [(np.float64, DOUBLE), (np.float32, SINGLE)]


def ball(array: object) -> flint.arb_mat:
    rows = np.atleast_2d(np.asarray(array, dtype=np.float64))
    return flint.arb_mat([[flint.arb(float(x)) for x in row] for row in rows])


def ball_tanh(column: flint.arb_mat) -> flint.arb_mat:
    return flint.arb_mat([[column[i, 0].tanh()] for i in range(column.nrows())])


def exact_layer(
    inputs: np.ndarray, Wx: np.ndarray, Wh: np.ndarray, b: np.ndarray, h: np.ndarray
) -> list[list[flint.arb]]:
    """The layer in 300 bits, every number with a radius that is proved."""
    state, rows = ball(h).transpose(), []
    for x in inputs:
        state = ball_tanh(ball(Wx) * ball(x).transpose() + ball(Wh) * state + ball(b).transpose())
        rows.append([state[i, 0] for i in range(state.nrows())])
    return rows


def problem(seed: int, dtype: type, scale: float = 1.0) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    T, D, H = rng.integers(1, 9), rng.integers(1, 7), rng.integers(1, 9)
    Wh = rng.normal(size=(H, H)) * scale / np.sqrt(H)
    numbers = (
        rng.normal(size=(T, D)) * 2,
        rng.normal(size=(H, D)),
        Wh,
        rng.normal(size=H),
        np.tanh(rng.normal(size=H)),
    )
    return tuple(array.astype(dtype) for array in numbers)


@pytest.fixture(autouse=True)
def precise() -> None:
    flint.ctx.prec = 300


@pytest.mark.parametrize("seed", range(30))
def test_the_reference_is_within_its_own_bound_of_the_truth(seed: int) -> None:
    inputs, Wx, Wh, b, h = (array.astype(np.longdouble) for array in problem(seed, np.float64))
    enclosure = bounds.rnn_layer(bounds.exact(inputs), Wx, Wh, b, h, u=EXTENDED)
    truth = exact_layer(inputs, Wx, Wh, b, h)
    for t, row in enumerate(truth):
        for i, number in enumerate(row):
            high = float(enclosure.value[t, i])
            value = flint.arb(high) + flint.arb(float(enclosure.value[t, i] - np.longdouble(high)))
            assert abs(value - number) <= flint.arb(float(enclosure.error[t, i]) * (1 + 1e-12))


@pytest.mark.parametrize(("dtype", "u"), PRECISIONS, ids=["double", "single"])
def test_every_right_style_stays_within_the_bound(dtype: type, u: float) -> None:
    largest = {step.__name__: 0.0 for step in styles.STEPS}
    for seed in range(120):
        inputs, Wx, Wh, b, h = problem(seed, dtype)
        extended = [array.astype(np.longdouble) for array in (inputs, Wx, Wh, b, h)]
        layers = [bounds.rnn_layer(bounds.exact(extended[0]), *extended[1:], u=unit) for unit in (u, EXTENDED)]
        allowed = bounds.allowed(*layers)
        for step in styles.STEPS:
            states = styles.run(step, inputs, Wx, Wh, b, h)
            assert states.dtype == dtype
            share = float((np.abs(states - layers[1].value) / allowed).max())
            largest[step.__name__] = max(largest[step.__name__], share)
    assert max(largest.values()) <= 1, largest
    # A bound that nothing comes near would hold for wrong ones too: the closest uses at least a hundredth of it.
    assert max(largest.values()) > 0.01, largest


@pytest.mark.parametrize(("dtype", "u"), PRECISIONS, ids=["double", "single"])
@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_right_output_layers_stay_within_the_bound(dtype: type, u: float, activation: str) -> None:
    for seed in range(60):
        rng = np.random.default_rng(seed)
        H, size = rng.integers(1, 9), rng.integers(1, 9)
        h, Wy, by = (rng.normal(size=shape).astype(dtype) for shape in ((H,), (size, H), (size,)))
        extended = [array.astype(np.longdouble) for array in (h, Wy, by)]
        layers = [
            bounds.output_layer(bounds.exact(extended[0]), *extended[1:], activation, unit) for unit in (u, EXTENDED)
        ]
        a = Wy @ h + by
        powers, shifted = np.exp(a), np.exp(a - a.max())
        log_sum = a.max() + np.log(shifted.sum())
        ways = {
            "sigmoid": [1 / (1 + np.exp(-a)), powers / (1 + powers), (1 + np.tanh(a / 2)) / 2],
            "softmax": [powers / powers.sum(), shifted / shifted.sum(), np.exp(a - log_sum)],
        }
        for y in ways[activation]:
            assert (np.abs(y - layers[1].value) <= bounds.allowed(*layers)).all()


def test_the_bound_in_exact_numbers_for_one_small_step() -> None:
    """d and e of the docstring, worked out here once more for D = H = 1 and x = h = Wx = Wh = b = 1/2."""
    half = np.array([0.5])
    enclosure = bounds.rnn_cell(bounds.exact(half), bounds.exact(half), half[None], half[None], half, DOUBLE)
    n, a, u = 7, 1.0, DOUBLE
    d = n * u / (1 - n * u) * (0.25 + 0.25 + 0.5) + 2 * u * a
    expected = d * (1 - np.tanh(a) ** 2) + 18 * u
    assert float(enclosure.error[0]) == pytest.approx(expected, rel=1e-9)


def test_the_wild_case_has_no_useful_bound_as_a_whole(bank: Bank) -> None:
    """Why it is judged step by step: its errors grow until they say nothing."""
    inputs, *weights = (np.asarray(array, dtype=np.longdouble) for array in bank.canonical["layer.long"].arguments)
    whole = bounds.rnn_layer(bounds.exact(inputs), *weights, u=DOUBLE)
    assert float(whole.error.max()) > 1


def test_every_case_of_the_bank_is_certified(bank: Bank, models_bank: Bank) -> None:
    for case in [*bank.cases.values(), *models_bank.cases.values()]:
        if not case.stepwise:
            assert 0 < float(case.allowed.max()) < 1e-11, case.name
            assert (case.allowed < case.allowed_single).all(), case.name


def test_the_banks_expectations_are_the_truth_in_ball_arithmetic(bank: Bank, notes: Assignment) -> None:
    entry = next(entry for entry in notes.entries if entry.name == "layer")
    for case in bank.canonical.values():
        if case.entry != "layer" or case.stepwise or np.ndim(case.arguments[0]) != 2:
            continue
        a = named_arguments(entry.parameters, case.arguments, np.float64)
        initial = a.get("hidden_state_0", np.zeros(a["b"].shape))
        for t, row in enumerate(exact_layer(a["inputs"], a["Wx"], a["Wh"], a["b"], initial)):
            for i, number in enumerate(row):
                assert abs(flint.arb(float(case.expected[t, i])) - number) <= flint.arb(2.0**-52), case.name
    assert QUESTIONS["layer"].result == "total_hidden_states"
