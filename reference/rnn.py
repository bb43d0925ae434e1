"""The vanilla RNN and the shapes that it comes in, one equation a line.

Shapes use the words of the course: ``N`` batch_size, ``T`` timesteps, ``D`` input_size, ``H`` hidden_size,
``O`` output_size. ``(..., D)`` means that leading axes, if any, are a batch and are carried through.

Every function works in the precision of its arguments: the grader passes ``np.longdouble``.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
#: ``Wx, Wh, b`` of one layer.
Weights = tuple[Array, Array, Array]


def rnn_cell(
    input_t: Array, hidden_state_t: Array, Wx: Array, Wh: Array, b: Array, nonlinearity: str = "tanh"
) -> Array:
    """Compute the next hidden state from one input and the present hidden state.

    Parameters
    ----------
    input_t : (..., D)
    hidden_state_t : (..., H)
        The state before this timestep, ``h_{t-1}``.
    Wx : (H, D)
    Wh : (H, H)
    b : (H,)
    nonlinearity : {"tanh", "relu"}

    Returns
    -------
    (..., H)
        ``h_t = tanh(Wx·x_t + Wh·h_{t-1} + b)`` (Elman, 1990).

    Raises
    ------
    KeyError
        For any other nonlinearity.
    """
    return NONLINEARITIES[nonlinearity](input_t @ Wx.T + hidden_state_t @ Wh.T + b)


def rnn_layer(
    inputs: Array,
    Wx: Array,
    Wh: Array,
    b: Array,
    hidden_state_0: Array | None = None,
    nonlinearity: str = "tanh",
) -> Array:
    """Run the cell over the timesteps and stack the hidden states.

    Parameters
    ----------
    inputs : (T, D) or (N, T, D)
    Wx, Wh, b : (H, D), (H, H), (H,)
    hidden_state_0 : (H,) or (N, H), optional
        Zeros when it is not given.

    Returns
    -------
    (T, H) or (N, T, H)
        ``total_hidden_states``: row ``t`` is the state after input ``t``.
    """
    hidden_state_t = zero_state(inputs, Wh) if hidden_state_0 is None else hidden_state_0
    total_hidden_states = []
    for input_t in np.moveaxis(inputs, -2, 0):
        hidden_state_t = rnn_cell(input_t, hidden_state_t, Wx, Wh, b, nonlinearity)
        total_hidden_states.append(hidden_state_t)
    return np.stack(total_hidden_states, axis=-2)


def stacked_layers(
    inputs: Array, weights: list[Weights], hidden_states_0: Array | None = None, nonlinearity: str = "tanh"
) -> tuple[Array, Array]:
    """Run one layer over the hidden states of the one below it.

    Parameters
    ----------
    inputs : (T, D) or (N, T, D)
    weights : ``Wx, Wh, b`` of each layer, the lowest first; from the second on ``Wx`` is (H, H)
    hidden_states_0 : (L, H) or (L, N, H), optional

    Returns
    -------
    total_hidden_states : (T, H) or (N, T, H), of the highest layer
    last_hidden_states : (L, H) or (L, N, H), of every layer
    """
    states, last = inputs, []
    for layer, (Wx, Wh, b) in enumerate(weights):
        start = None if hidden_states_0 is None else hidden_states_0[layer]
        states = rnn_layer(states, Wx, Wh, b, start, nonlinearity)
        last.append(states[..., -1, :])
    return states, np.stack(last)


def bidirectional_layer(
    inputs: Array, forward: Weights, backward: Weights, hidden_states_0: Array | None = None, nonlinearity: str = "tanh"
) -> Array:
    """Read a sequence from both ends: ``(..., T, D)`` to ``(..., T, 2·H)`` (Schuster and Paliwal, 1997).

    Parameters
    ----------
    forward, backward : ``Wx, Wh, b`` of each direction
    hidden_states_0 : (2, H) or (2, N, H), optional

    Returns
    -------
    Row ``t`` has the state that has seen inputs ``0..t``, then the one that has seen inputs ``T-1..t``.
    """
    starts = (None, None) if hidden_states_0 is None else hidden_states_0
    there = rnn_layer(inputs, *forward, starts[0], nonlinearity)
    back = rnn_layer(inputs[..., ::-1, :], *backward, starts[1], nonlinearity)
    return np.concatenate([there, back[..., ::-1, :]], axis=-1)


def masked_layer(
    inputs: Array,
    lengths: NDArray[np.integer[Any]],
    Wx: Array,
    Wh: Array,
    b: Array,
    hidden_state_0: Array | None = None,
    nonlinearity: str = "tanh",
) -> tuple[Array, Array]:
    """Run sequences of unequal lengths, padded to the longest, in one batch.

    Parameters
    ----------
    inputs : (N, T, D), of which sample ``n`` has ``lengths[n]`` timesteps; what follows is padding, and not looked at
    lengths : (N,), each from 1 to ``T``

    Returns
    -------
    total_hidden_states : (N, T, H), zeros where there is no input (as torch's packed sequences and ONNX have it)
    last_hidden_state : (N, H), each sample's own last one
    """
    states = rnn_layer(inputs, Wx, Wh, b, hidden_state_0, nonlinearity)
    there = np.arange(inputs.shape[1]) < lengths[:, None]
    last = states[np.arange(len(lengths)), lengths - 1]
    return np.where(there[..., None], states, 0), last


def output_layer(h: Array, Wy: Array, by: Array, activation: str) -> Array:
    """Read an output from hidden states: ``y = activation(Wy·h + by)``.

    Parameters
    ----------
    h : (..., H)
    Wy : (O, H)
    by : (O,)
    activation : {"sigmoid", "softmax", "linear"}
        ``sigmoid`` for two classes, ``softmax`` (over the last axis) for many; ``linear`` leaves the logits.

    Raises
    ------
    KeyError
        For any other activation.
    """
    return ACTIVATIONS[activation](h @ Wy.T + by)


def many_to_one(inputs: Array, Wx: Array, Wh: Array, b: Array, Wy: Array, by: Array, activation: str) -> Array:
    """Read one output from the last hidden state (sentiment, spam): ``(T, D)`` to ``(O,)``."""
    total_hidden_states = rnn_layer(inputs, Wx, Wh, b)
    return output_layer(total_hidden_states[..., -1, :], Wy, by, activation)


def many_to_many(inputs: Array, Wx: Array, Wh: Array, b: Array, Wy: Array, by: Array, activation: str) -> Array:
    """Read one output at every timestep (tagging, named entities): ``(T, D)`` to ``(T, O)``."""
    return output_layer(rnn_layer(inputs, Wx, Wh, b), Wy, by, activation)


def one_to_many(
    input_0: Array,
    timesteps: int,
    Wx: Array,
    Wh: Array,
    b: Array,
    Wy: Array,
    by: Array,
    activation: str,
    feed_back: bool = False,
) -> Array:
    """Unroll outputs from one input (captioning): ``(D,)`` to ``(T, O)``.

    Parameters
    ----------
    input_0 : (..., D)
        What the first timestep sees.
    timesteps : int
        How many outputs to make, at least 1.
    feed_back : bool
        Later timesteps see zeros; with ``feed_back`` they see the output before (then ``O`` must be ``D``).
    """
    return _unroll(zero_state(input_0[..., None, :], Wh), input_0, timesteps, Wx, Wh, b, Wy, by, activation, feed_back)


def encoder_decoder(
    inputs: Array,
    timesteps: int,
    Wx_encoder: Array,
    Wh_encoder: Array,
    b_encoder: Array,
    Wx_decoder: Array,
    Wh_decoder: Array,
    b_decoder: Array,
    Wy: Array,
    by: Array,
    activation: str,
) -> Array:
    """Read a whole sequence, then write another (translation): ``(T, D)`` to ``(timesteps, O)``.

    The decoder starts from the encoder's last hidden state. Its first input is zeros, as many as the output
    has (``Wx_decoder`` is ``(H, O)``); after that it reads its own output of the timestep before.
    """
    context = rnn_layer(inputs, Wx_encoder, Wh_encoder, b_encoder)[..., -1, :]
    start = np.zeros((*context.shape[:-1], Wx_decoder.shape[1]), dtype=context.dtype)
    return _unroll(context, start, timesteps, Wx_decoder, Wh_decoder, b_decoder, Wy, by, activation, True)


def zero_state(inputs: Array, Wh: Array) -> Array:
    """Make the initial hidden state, zeros: ``(H,)`` for ``(T, D)``, ``(N, H)`` for ``(N, T, D)``."""
    return np.zeros((*inputs.shape[:-2], Wh.shape[0]), dtype=inputs.dtype)


def sigmoid(a: Array) -> Array:
    """``1 / (1 + exp(-a))``, written so that no large ``a`` overflows."""
    small = np.exp(-np.abs(a))
    return np.where(a >= 0, 1 / (1 + small), small / (1 + small))


def softmax(a: Array) -> Array:
    """``exp(a_i) / sum_j exp(a_j)`` over the last axis, shifted by the largest so that none overflows."""
    powers: Array = np.exp(a - a.max(axis=-1, keepdims=True))
    total: Array = powers.sum(axis=-1, keepdims=True)
    return powers / total


def relu(a: Array) -> Array:
    """``max(a, 0)``."""
    return np.maximum(a, 0)


NONLINEARITIES: dict[str, Callable[[Array], Array]] = {"tanh": np.tanh, "relu": relu}
ACTIVATIONS: dict[str, Callable[[Array], Array]] = {"sigmoid": sigmoid, "softmax": softmax, "linear": lambda a: a}


def _unroll(
    hidden_state_t: Array,
    input_t: Array,
    timesteps: int,
    Wx: Array,
    Wh: Array,
    b: Array,
    Wy: Array,
    by: Array,
    activation: str,
    feed_back: bool,
) -> Array:
    outputs = []
    for _ in range(timesteps):
        hidden_state_t = rnn_cell(input_t, hidden_state_t, Wx, Wh, b)
        output_t = output_layer(hidden_state_t, Wy, by, activation)
        outputs.append(output_t)
        input_t = output_t if feed_back else np.zeros_like(input_t)
    return np.stack(outputs, axis=-2)
