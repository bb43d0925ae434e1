"""The reference, held to numbers that others have published: courses in their texts, ONNX and Keras in their tests.

Each table is a fact of the place that it names; the inputs are made as the text there says.
"""

import numpy as np
import pytest

from reference import bounds, gradients, rnn
from reference.bounds import EXTENDED, SINGLE


def space(low: float, high: float, *shape: int) -> np.ndarray:
    return np.linspace(low, high, num=int(np.prod(shape))).reshape(shape)


def test_cs231n_one_step() -> None:
    """CS231n, assignment 3, RNN_Captioning: the expected next_h; weights (D, H)."""
    N, D, H = 3, 10, 4
    state = rnn.rnn_cell(
        space(-0.4, 0.7, N, D),
        space(-0.2, 0.5, N, H),
        space(-0.1, 0.9, D, H).T,
        space(-0.3, 0.7, H, H).T,
        space(-0.2, 0.4, H),
    )
    expected = [
        [-0.58172089, -0.50182032, -0.41232771, -0.31410098],
        [0.66854692, 0.79562378, 0.87755553, 0.92795967],
        [0.97934501, 0.99144213, 0.99646691, 0.99854353],
    ]
    np.testing.assert_allclose(state, expected, rtol=0, atol=5e-9)


def test_cs231n_a_sequence() -> None:
    """The same notebook: the expected h of rnn_forward."""
    N, T, D, H = 2, 3, 4, 5
    states = rnn.rnn_layer(
        space(-0.1, 0.3, N, T, D),
        space(-0.2, 0.4, D, H).T,
        space(-0.4, 0.1, H, H).T,
        space(-0.7, 0.1, H),
        space(-0.3, 0.1, N, H),
    )
    expected = [
        [
            [-0.42070749, -0.27279261, -0.11074945, 0.05740409, 0.22236251],
            [-0.39525808, -0.22554661, -0.0409454, 0.14649412, 0.32397316],
            [-0.42305111, -0.24223728, -0.04287027, 0.15997045, 0.35014525],
        ],
        [
            [-0.55857474, -0.39065825, -0.19198182, 0.02378408, 0.23735671],
            [-0.27150199, -0.07088804, 0.13562939, 0.33099728, 0.50158768],
            [-0.51014825, -0.30524429, -0.06755202, 0.17806392, 0.40333043],
        ],
    ]
    np.testing.assert_allclose(states, expected, rtol=0, atol=5e-9)


def test_coursera_the_cell() -> None:
    """deeplearning.ai, Sequence Models, week 1: a_next[4] and yt_pred[1] after np.random.seed(1)."""
    rng = np.random.RandomState(1)
    xt, a_prev = rng.randn(3, 10), rng.randn(5, 10)
    Waa, Wax, Wya = rng.randn(5, 5), rng.randn(5, 3), rng.randn(2, 5)
    ba, by = rng.randn(5, 1), rng.randn(2, 1)
    a_next = rnn.rnn_cell(xt.T, a_prev.T, Wax, Waa, ba[:, 0])
    expected = [0.59584544, 0.18141802, 0.61311866, 0.99808218, 0.85016201, 0.99980978, -0.18887155, 0.99815551, 0.6531151, 0.82872037]  # fmt: skip  # noqa: E501
    np.testing.assert_allclose(a_next[:, 4], expected, rtol=0, atol=5e-9)
    y = rnn.output_layer(a_next, Wya, by[:, 0], "softmax")
    expected = [0.9888161, 0.01682021, 0.21140899, 0.36817467, 0.98988387, 0.88945212, 0.36920224, 0.9966312, 0.9982559, 0.17746526]  # fmt: skip  # noqa: E501
    np.testing.assert_allclose(y[:, 1], expected, rtol=0, atol=5e-9)


def test_coursera_the_sequence() -> None:
    """The same notebook, older version (T_x = 4): a[4][1] and y_pred[1][3] after np.random.seed(1)."""
    rng = np.random.RandomState(1)
    x, a0 = rng.randn(3, 10, 4), rng.randn(5, 10)
    Waa, Wax, Wya = rng.randn(5, 5), rng.randn(5, 3), rng.randn(2, 5)
    ba, by = rng.randn(5, 1), rng.randn(2, 1)
    states = rnn.rnn_layer(x.transpose(1, 2, 0), Wax, Waa, ba[:, 0], a0.T)
    np.testing.assert_allclose(states[1, :, 4], [-0.99999375, 0.77911235, -0.99861469, -0.99833267], rtol=0, atol=5e-9)
    outputs = rnn.output_layer(states, Wya, by[:, 0], "softmax")
    np.testing.assert_allclose(outputs[3, :, 1], [0.79560373, 0.86224861, 0.11118257, 0.81515947], rtol=0, atol=5e-9)


def test_coursera_backward_through_the_cell() -> None:
    """The same notebook's optional part: single entries of the gradients after np.random.seed(1)."""
    rng = np.random.RandomState(1)
    xt, a_prev = rng.randn(3, 10), rng.randn(5, 10)
    Wax, Waa, _ = rng.randn(5, 3), rng.randn(5, 5), rng.randn(2, 5)
    b, _ = rng.randn(5, 1), rng.randn(2, 1)
    da_next = rng.randn(5, 10)
    back = gradients.rnn_cell(xt.T, a_prev.T, Wax, Waa, b[:, 0], da_next.T)
    assert back.inputs.T[1][2] == pytest.approx(-1.3872130506020925, rel=1e-14)
    assert back.state.T[2][3] == pytest.approx(-0.15239949377395495, rel=1e-14)
    assert back.Wx[3][1] == pytest.approx(0.4107728249354584, rel=1e-14)
    assert back.Wh[1][2] == pytest.approx(1.1503450668497135, rel=1e-14)
    assert back.b[4] == pytest.approx(0.20023491, rel=3e-8)


ONNX = {
    "defaults": (np.arange(1.0, 7).reshape(1, 3, 2), 4, 0.1, 0.0, [0.29131263494491577, 0.6043677926063538, 0.8004990220069885]),  # noqa: E501
    "with_initial_bias": (np.arange(1.0, 10).reshape(1, 3, 3), 5, 0.1, 0.1, [0.6043677926063538, 0.921668529510498, 0.9866142868995667]),  # noqa: E501
    "batchwise": (np.arange(1.0, 7).reshape(1, 3, 2), 4, 0.5, 0.0, [0.9051482081413269, 0.9981778264045715, 0.9999666213989258]),  # noqa: E501
}  # fmt: skip


@pytest.mark.parametrize("name", ONNX)
def test_onnx_simple_rnn(name: str) -> None:
    """ONNX 1.23.2, node tests simple_rnn_*: three samples, one step; every unit the same; single precision."""
    x, H, weight, bias, expected = ONNX[name]
    D = x.shape[2]
    arrays = (np.full((H, D), np.float32(weight)), np.full((H, H), np.float32(weight)), np.full(H, np.float32(bias)))
    inputs = bounds.exact(x.transpose(1, 0, 2))
    exact = [array.astype(np.longdouble) for array in arrays]
    right, single = (bounds.rnn_layer(inputs, *exact, u=u) for u in (EXTENDED, SINGLE))
    published = np.repeat(np.array(expected)[:, None, None], H, axis=2)
    assert right.value.shape == published.shape
    assert (np.abs(published - right.value) <= bounds.allowed(single, right)).all()


def keras_states(inputs: np.ndarray, units: int, initial: np.ndarray | None = None) -> bounds.Enclosure:
    """Keras 3.15.1, simple_rnn_test.py: kernel 0.01, recurrent kernel 0.02, bias 0.03 throughout."""
    kernel, recurrent, bias = (np.float32(one).astype(np.longdouble) for one in (0.01, 0.02, 0.03))
    D = inputs.shape[-1]
    weights = np.full((units, D), kernel), np.full((units, units), recurrent), np.full(units, bias)
    start = None if initial is None else initial.astype(np.longdouble)
    right, single = (bounds.rnn_layer(bounds.exact(inputs), *weights, start, u=u) for u in (EXTENDED, SINGLE))
    return bounds.Enclosure(right.value, bounds.allowed(single, right))


def is_published(states: bounds.Enclosure, published: object) -> bool:
    """Within the bound of single precision, and of the digits that are printed."""
    error = np.abs(np.asarray(published) - states.value)
    return bool((error <= states.error + 5e-8).all())


def test_keras_simple_rnn() -> None:
    """Test test_correctness, forwards and backwards."""
    sequence = np.arange(24.0).reshape(2, 3, 4)
    assert is_published(keras_states(sequence, 4)[:, -1], [[0.405432] * 4, [0.73605347] * 4])
    backwards = [[0.11144729] * 4, [0.5528889] * 4]
    assert is_published(keras_states(sequence[:, ::-1], 4)[:, -1], backwards)


def test_keras_goes_on_from_a_state() -> None:
    """Tests test_pass_initial_state and test_statefulness: a given state, and the same sequence twice."""
    inputs, initial = np.arange(24.0).reshape(2, 4, 3), np.arange(8.0).reshape(2, 4)
    assert is_published(keras_states(inputs, 4, initial)[:, -1], [[0.33621645] * 4, [0.6262637] * 4])
    sequence = np.arange(24.0).reshape(2, 3, 4)
    twice = np.concatenate([sequence, sequence], axis=1)
    assert is_published(keras_states(twice, 4)[:, -1], [[0.40559256] * 4, [0.7361247] * 4])


def test_keras_masks() -> None:
    """Test test_masking: a masked timestep leaves the state as it is."""
    sequence = np.arange(24.0).reshape(2, 4, 3)
    assert is_published(keras_states(sequence[0, [0, 1, 3]], 2), [[0.0599281] * 2, [0.15122814] * 2, [0.32394567] * 2])
    assert is_published(keras_states(sequence[1, [0, 3]], 2), [[0.3969304] * 2, [0.608085] * 2])
