"""The reference, against numbers that can be had without it."""

import math

import numpy as np
import pytest

from reference import rnn

ONE = np.array([[1.0]])


def test_two_steps_done_by_hand() -> None:
    states = rnn.rnn_layer(np.array([[0.5], [0.0]]), ONE, ONE, np.zeros(1))
    np.testing.assert_allclose(states, [[math.tanh(0.5)], [math.tanh(math.tanh(0.5))]], rtol=1e-15)


def test_a_step_uses_each_term_once() -> None:
    x, h, b = np.array([0.1, 0.2]), np.array([0.3]), np.array([0.4])
    state = rnn.rnn_cell(x, h, np.array([[2.0, -3.0]]), np.array([[5.0]]), b)
    assert state[0] == pytest.approx(math.tanh(2 * 0.1 - 3 * 0.2 + 5 * 0.3 + 0.4), rel=1e-15)


def test_a_batch_is_its_samples_side_by_side() -> None:
    rng = np.random.default_rng(1)
    inputs, Wx, Wh, b = rng.normal(size=(3, 5, 2)), rng.normal(size=(4, 2)), rng.normal(size=(4, 4)), rng.normal(size=4)
    initial = rng.normal(size=(3, 4))
    together = rnn.rnn_layer(inputs, Wx, Wh, b, initial)
    assert together.shape == (3, 5, 4)
    for sample in range(3):
        alone = rnn.rnn_layer(inputs[sample], Wx, Wh, b, initial[sample])
        np.testing.assert_allclose(together[sample], alone, rtol=1e-13)


def test_the_given_initial_state_is_where_it_starts() -> None:
    states = rnn.rnn_layer(np.zeros((1, 1)), ONE, ONE, np.zeros(1), np.array([0.7]))
    assert states[0, 0] == pytest.approx(math.tanh(0.7), rel=1e-15)


@pytest.mark.parametrize("size", [1e3, 1e5])
def test_activations_do_not_overflow(size: float) -> None:
    with np.errstate(all="raise", under="ignore"):
        assert rnn.sigmoid(np.array([-size, 0.0, size])).tolist() == [0.0, 0.5, 1.0]
        assert rnn.softmax(np.array([-size, 0.0, size])).tolist() == [0.0, 0.0, 1.0]


def test_softmax_and_sigmoid_by_hand() -> None:
    np.testing.assert_allclose(rnn.softmax(np.log([1.0, 2.0, 5.0])), [1 / 8, 2 / 8, 5 / 8], rtol=1e-15)
    assert rnn.sigmoid(np.array([math.log(3)]))[0] == pytest.approx(0.75, rel=1e-15)


def test_an_unknown_activation_is_refused() -> None:
    with pytest.raises(KeyError, match="softplus"):
        rnn.output_layer(np.zeros(1), ONE, np.zeros(1), "softplus")


def test_the_models_read_the_states_that_they_should() -> None:
    rng = np.random.default_rng(2)
    inputs, Wx, Wh, b = rng.normal(size=(5, 2)), rng.normal(size=(3, 2)), rng.normal(size=(3, 3)), rng.normal(size=3)
    Wy, by = rng.normal(size=(4, 3)), rng.normal(size=4)
    outputs = rnn.many_to_many(inputs, Wx, Wh, b, Wy, by, "softmax")
    assert outputs.shape == (5, 4)
    np.testing.assert_allclose(outputs.sum(axis=-1), 1, rtol=1e-14)
    np.testing.assert_array_equal(rnn.many_to_one(inputs, Wx, Wh, b, Wy, by, "softmax"), outputs[-1])


def test_one_to_many_sees_zeros_or_its_own_output_after_the_first() -> None:
    common = (ONE, ONE, np.zeros(1), ONE, np.zeros(1), "sigmoid")
    zeros = rnn.one_to_many(np.array([0.5]), 2, *common)
    h1 = math.tanh(0.5)
    y1 = 1 / (1 + math.exp(-h1))
    assert zeros[1, 0] == pytest.approx(1 / (1 + math.exp(-math.tanh(h1))), rel=1e-14)
    fed = rnn.one_to_many(np.array([0.5]), 2, *common, feed_back=True)
    assert fed[1, 0] == pytest.approx(1 / (1 + math.exp(-math.tanh(y1 + h1))), rel=1e-14)


def test_the_decoder_starts_from_the_encoders_last_state() -> None:
    zero = np.zeros(1)
    outputs = rnn.encoder_decoder(np.array([[0.5], [0.0]]), 2, ONE, ONE, zero, 2 * ONE, ONE, zero, ONE, zero, "sigmoid")
    context = math.tanh(math.tanh(0.5))
    h1 = math.tanh(context)
    y1 = 1 / (1 + math.exp(-h1))
    y2 = 1 / (1 + math.exp(-math.tanh(2 * y1 + h1)))
    np.testing.assert_allclose(outputs[:, 0], [y1, y2], rtol=1e-14)
