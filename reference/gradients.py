"""Backward through the cell and through time, one equation a line; see `rnn` for the forward pass and the words.

``dX`` is the gradient of some scalar loss with respect to ``X``, and has its shape. What the loss says of the result,
``doutput_t`` or ``dtotal_hidden_states``, is given. Gradients of weights are summed over batch and timesteps.
"""

from dataclasses import dataclass

import numpy as np

from reference import rnn
from reference.rnn import Array


@dataclass(frozen=True)
class Gradients:
    """What a backward pass gives.

    Attributes
    ----------
    inputs : of the input or inputs, ``(..., D)``
    state : of the hidden state that the pass started from, ``(..., H)``
    Wx, Wh, b : of the weights
    """

    inputs: Array
    state: Array
    Wx: Array
    Wh: Array
    b: Array


def rnn_cell(input_t: Array, hidden_state_t: Array, Wx: Array, Wh: Array, b: Array, doutput_t: Array) -> Gradients:
    """Take a gradient back through one step.

    Parameters
    ----------
    input_t, hidden_state_t : (..., D), (..., H), as the step had them
    Wx, Wh, b : (H, D), (H, H), (H,)
    doutput_t : (..., H)
    """
    output_t = rnn.rnn_cell(input_t, hidden_state_t, Wx, Wh, b)
    da = doutput_t * (1 - output_t**2)  # tanh'(a) = 1 − tanh²(a)
    return Gradients(
        inputs=da @ Wx,
        state=da @ Wh,
        Wx=_outer(da, input_t),
        Wh=_outer(da, hidden_state_t),
        b=_flat(da).sum(axis=0),
    )


def rnn_layer(
    inputs: Array,
    Wx: Array,
    Wh: Array,
    b: Array,
    dtotal_hidden_states: Array,
    hidden_state_0: Array | None = None,
) -> Gradients:
    """Take gradients back through time (Rumelhart, Hinton and Williams, 1986; Werbos, 1990).

    Parameters
    ----------
    inputs : (T, D) or (N, T, D)
    Wx, Wh, b : (H, D), (H, H), (H,)
    dtotal_hidden_states : (T, H) or (N, T, H)
        Of every row of the result; what later rows owe to a state is added to it here.
    hidden_state_0 : (H,) or (N, H), optional
    """
    start = rnn.zero_state(inputs, Wh) if hidden_state_0 is None else hidden_state_0
    states = rnn.rnn_layer(inputs, Wx, Wh, b, start)
    before = np.concatenate([start[..., None, :], states[..., :-1, :]], axis=-2)
    dstate = np.zeros_like(start)
    steps = []
    for t in reversed(range(inputs.shape[-2])):
        total = dtotal_hidden_states[..., t, :] + dstate  # from the row itself, and from all after it
        step = rnn_cell(inputs[..., t, :], before[..., t, :], Wx, Wh, b, total)
        dstate = step.state
        steps.append(step)
    return Gradients(
        inputs=np.stack([step.inputs for step in reversed(steps)], axis=-2),
        state=dstate,
        Wx=np.sum([step.Wx for step in steps], axis=0),
        Wh=np.sum([step.Wh for step in steps], axis=0),
        b=np.sum([step.b for step in steps], axis=0),
    )


def _outer(da: Array, factor: Array) -> Array:
    """Sum the outer products of a batch: ``(..., H)`` and ``(..., K)`` to ``(H, K)``."""
    return _flat(da).T @ _flat(factor)


def _flat(array: Array) -> Array:
    return array.reshape(-1, array.shape[-1])
