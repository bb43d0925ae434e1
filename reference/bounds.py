r"""How far a correct floating-point implementation may stray from the reference: a proved bound.

The model
---------
``u`` is the unit roundoff of the precision at work (2⁻⁵³ in double, 2⁻²⁴ in single) and ``γ_n = n·u/(1 − n·u)``.

1. ``+ − · /`` and conversions round to nearest: each result is off by a factor ``1 + δ``, ``|δ| ≤ u`` (IEEE 754;
   Higham, *Accuracy and Stability of Numerical Algorithms*, §2.2).
2. ``exp``, ``log``, ``tanh``, ``sinh``, ``cosh`` are within 4 ulp, a relative error of at most ``8u``. That is the
   loosest that NumPy allows its vectorised kernels; glibc stays under 2 ulp.
3. Inputs and weights may be rounded to the working precision first, and every state may be stored once more.

One step
--------
Let the computed state before be within ``e`` of the true ``h``, the computed input within ``e_x`` of ``x``. The
pre-activation ``a = Wx·x + Wh·h + b`` is a sum of ``D + H`` products and a bias in one piece or two. In any order
of summation a term passes through at most ``n = D + H + 5`` roundings: 2 when its factors are converted, 1 in the
product, at most ``D + H + 1`` additions, 1 spare for a bias that was split. Hence (Higham, §3.1) the computed
pre-activation is within

    d = γ_n·(|Wx|·(|x| + e_x) + |Wh|·(|h| + e) + |b|) + |Wx|·e_x + |Wh|·e + 2u·|a| + n·η

of ``a``. ``2u·|a|`` is for an argument that is scaled on its way into ``exp``; ``η``, the smallest normal number,
is for underflow. The mean value theorem carries ``d`` through tanh, whose slope is ``1 − tanh²`` and largest where
``|a|`` is smallest, and what is left is the error of the tanh itself, ``K·u``:

    e' = d·(1 − tanh²(max(|a| − d, 0))) + K·u

Why K = 18. With ``s = tanh(a)``, to first order in ``u`` and with one ``u`` for storing the result:

    np.tanh                          8·|s| + 1                      ≤  9
    sinh / cosh                      (8 + 8 + 1)·|s| + 1            ≤ 18
    (eᵃ − e⁻ᵃ) / (eᵃ + e⁻ᵃ)          8·(1 − s²) + 3·|s| + 1         ≤  9.3
    (1 − e⁻²ᵃ) / (1 + e⁻²ᵃ)          4·(1 − s²) + 3·|s| + 1         ≤  5.6
    2·sigmoid(2a) − 1, 1 − 2/(e²ᵃ+1) 4·(1 − s²) + 2·(1 + |s|) + |s| + 1 ≤ 7.6

The quotients follow from the derivative of ``(1 − r)/(1 + r)`` at ``r = e⁻²ᵃ``, for ``2r/(1 + r)² = (1 − s²)/2``.
In the row of ``sinh / cosh``, which alone touches 18, the error is relative to a tanh that the bound elsewhere
treats as 1; `SLACK` holds the terms in ``u²``. The term is absolute on purpose: tanh by exponentials is accurate
to a few ``u``, not relatively, and it is right.

A relu has slope 0 or 1 and rounds nothing; with one ``u`` for storing the result, ``e' = d + u·|relu(a)|``.

A layer above another one has the states below for its inputs, with their errors for ``e_x``. The two directions of a
bidirectional layer share nothing, and padding that is masked is exactly zero.

The output layer
----------------
The logits are a step without an activation, ``n = H + 5``. The sigmoid has slope ``σ(1 − σ)``, largest where
``|a|`` is smallest, and every usual way of writing it (``1/(1 + e⁻ᵃ)``, ``eᵃ/(1 + eᵃ)``, by tanh) stays within
``K·u``. For the softmax, logits off by ``d_i`` change ``y_i`` by a factor within
``exp(±(d_i + max_j d_j))``; a shift by any constant up to ``max|a|``, or a log-sum-exp, adds at most
``u·(3·max|a| + 10·log O)`` to each ``d_i``; exponentials, sum, quotient and storing are ``O + 19`` roundings:

    |ŷ_i − y_i| ≤ y_i·(exp(d_i + max_j d_j)·(1 + γ_{O+19}) − 1) + η
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference import rnn
from reference.rnn import Array

DOUBLE = 2.0**-53
SINGLE = 2.0**-24
#: What the reference itself works in. Where long double is double (Windows, some ARM) the sum still holds.
EXTENDED = float(np.finfo(np.longdouble).eps) / 2

#: The error of a tanh or a sigmoid, in units of ``u``; proved above.
ACTIVATION_ERROR = 18.0
#: For the terms in ``u²``, for rounding in this file, and for |h| read off the reference instead of the truth.
SLACK = 1.0 + 2.0**-20

#: Below it a result is no longer accurate relatively.
SMALLEST_NORMAL = {
    DOUBLE: float(np.finfo(np.float64).tiny),
    SINGLE: float(np.finfo(np.float32).tiny),
}


@dataclass(frozen=True)
class Enclosure:
    """What the reference says, and how far from it a right answer may be.

    Attributes
    ----------
    value : longdouble array
    error : longdouble array of the same shape, not negative
    """

    value: Array
    error: Array

    def __getitem__(self, index: Any) -> "Enclosure":
        return Enclosure(self.value[index], self.error[index])


def exact(array: Array) -> Enclosure:
    """Enclose numbers that are given, not computed."""
    value = np.asarray(array, dtype=np.longdouble)
    return Enclosure(value, np.zeros_like(value))


def rnn_cell(
    input_t: Enclosure,
    hidden_state_t: Enclosure,
    Wx: Array,
    Wh: Array,
    b: Array,
    u: float,
    nonlinearity: str = "tanh",
) -> Enclosure:
    """Enclose one step, given enclosures ``(..., D)`` and ``(..., H)`` of its input and of the state before."""
    terms = [(Wx, input_t), (Wh, hidden_state_t)]
    a = input_t.value @ Wx.T + hidden_state_t.value @ Wh.T + b
    d = _affine_error(terms, b, a, u)
    value = rnn.rnn_cell(input_t.value, hidden_state_t.value, Wx, Wh, b, nonlinearity)
    return Enclosure(value, _NONLINEARITY_BOUNDS[nonlinearity](a, d, value, u))


def rnn_layer(
    inputs: Enclosure,
    Wx: Array,
    Wh: Array,
    b: Array,
    hidden_state_0: Array | None = None,
    *,
    u: float,
    nonlinearity: str = "tanh",
) -> Enclosure:
    """Enclose all hidden states of a layer: ``(..., T, D)`` to ``(..., T, H)``."""
    state = exact(rnn.zero_state(inputs.value, Wh) if hidden_state_0 is None else hidden_state_0)
    states = []
    for t in range(inputs.value.shape[-2]):
        state = rnn_cell(inputs[..., t, :], state, Wx, Wh, b, u, nonlinearity)
        states.append(state)
    return stack(states)


def stacked_layers(
    inputs: Enclosure,
    weights: list[rnn.Weights],
    hidden_states_0: Array | None = None,
    *,
    u: float,
    nonlinearity: str = "tanh",
) -> tuple[Enclosure, Enclosure]:
    """Enclose the states of the highest of several layers, and the last states of all of them."""
    states, last = inputs, []
    for layer, one in enumerate(weights):
        start = None if hidden_states_0 is None else hidden_states_0[layer]
        states = rnn_layer(states, *one, start, u=u, nonlinearity=nonlinearity)
        last.append(states[..., -1, :])
    return states, Enclosure(np.stack([one.value for one in last]), np.stack([one.error for one in last]))


def bidirectional_layer(
    inputs: Enclosure,
    forward: rnn.Weights,
    backward: rnn.Weights,
    hidden_states_0: Array | None = None,
    *,
    u: float,
    nonlinearity: str = "tanh",
) -> Enclosure:
    """Enclose both directions: ``(..., T, D)`` to ``(..., T, 2·H)``."""
    starts = (None, None) if hidden_states_0 is None else hidden_states_0
    there = rnn_layer(inputs, *forward, starts[0], u=u, nonlinearity=nonlinearity)
    back = rnn_layer(inputs[..., ::-1, :], *backward, starts[1], u=u, nonlinearity=nonlinearity)[..., ::-1, :]
    return Enclosure(
        np.concatenate([there.value, back.value], axis=-1), np.concatenate([there.error, back.error], axis=-1)
    )


def masked_layer(
    inputs: Enclosure,
    lengths: Any,
    Wx: Array,
    Wh: Array,
    b: Array,
    hidden_state_0: Array | None = None,
    *,
    u: float,
    nonlinearity: str = "tanh",
) -> tuple[Enclosure, Enclosure]:
    """Enclose the states of padded sequences, and each sample's last."""
    states = rnn_layer(inputs, Wx, Wh, b, hidden_state_0, u=u, nonlinearity=nonlinearity)
    there = (np.arange(inputs.value.shape[1]) < lengths[:, None])[..., None]
    masked = Enclosure(np.where(there, states.value, 0), np.where(there, states.error, 0))
    return masked, states[np.arange(len(lengths)), lengths - 1]


def output_layer(h: Enclosure, Wy: Array, by: Array, activation: str, u: float) -> Enclosure:
    """Enclose ``activation(Wy·h + by)``: ``(..., H)`` to ``(..., O)``."""
    a = h.value @ Wy.T + by
    d = _affine_error([(Wy, h)], by, a, u)
    value = rnn.ACTIVATIONS[activation](a)
    return Enclosure(value, _ACTIVATION_BOUNDS[activation](a, d, value, u))


def unroll(
    state: Enclosure,
    input_t: Enclosure,
    timesteps: int,
    weights: tuple[Array, Array, Array],
    output: tuple[Array, Array, str],
    feed_back: bool,
    u: float,
) -> Enclosure:
    """Enclose outputs unrolled from one input, followed by zeros or by the outputs themselves."""
    outputs = []
    for _ in range(timesteps):
        state = rnn_cell(input_t, state, *weights, u)
        output_t = output_layer(state, *output, u)
        outputs.append(output_t)
        input_t = output_t if feed_back else exact(np.zeros_like(input_t.value))
    return stack(outputs)


def allowed(at_work: Enclosure, reference: Enclosure) -> Array:
    """Add the reference's own error to what the precision at work is allowed.

    Parameters
    ----------
    at_work : the enclosure for the student's precision
    reference : the same, for `EXTENDED`
    """
    return (at_work.error + reference.error) * SLACK


def _affine_error(terms: list[tuple[Array, Enclosure]], bias: Array, a: Array, u: float) -> Array:
    n = sum(weights.shape[1] for weights, _ in terms) + 5
    size = np.abs(bias).astype(np.longdouble)
    carried = np.zeros_like(a)
    for weights, argument in terms:
        size = size + (np.abs(argument.value) + argument.error) @ np.abs(weights).T
        carried = carried + argument.error @ np.abs(weights).T
    error: Array = gamma(n, u) * size + carried + 2 * u * np.abs(a) + n * SMALLEST_NORMAL.get(u, 0.0)
    return error


def _tanh_error(a: Array, d: Array, value: Array, u: float) -> Array:
    error: Array = d * (1 - np.tanh(np.maximum(np.abs(a) - d, 0)) ** 2) + ACTIVATION_ERROR * u
    return error


def _relu_error(a: Array, d: Array, value: Array, u: float) -> Array:
    return d + u * value


def _linear_error(a: Array, d: Array, value: Array, u: float) -> Array:
    return d + u * np.abs(value)


def _sigmoid_error(a: Array, d: Array, value: Array, u: float) -> Array:
    nearest = rnn.sigmoid(np.maximum(np.abs(a) - d, 0))
    error: Array = d * nearest * (1 - nearest) + ACTIVATION_ERROR * u
    return error


def _softmax_error(a: Array, d: Array, value: Array, u: float) -> Array:
    outputs = a.shape[-1]
    d = d + u * (3 * np.abs(a).max() + 10 * np.log(outputs))
    factor = np.exp(d + d.max(axis=-1, keepdims=True)) * (1 + gamma(outputs + 19, u))
    error: Array = value * (factor - 1) + SMALLEST_NORMAL.get(u, 0.0)
    return error


_NONLINEARITY_BOUNDS = {"tanh": _tanh_error, "relu": _relu_error}
_ACTIVATION_BOUNDS = {"sigmoid": _sigmoid_error, "softmax": _softmax_error, "linear": _linear_error}


def gamma(n: int, u: float) -> float:
    """What ``n`` roundings may add up to, relatively (Higham, §3.1)."""
    return n * u / (1 - n * u)


def stack(enclosures: list[Enclosure]) -> Enclosure:
    """Stack enclosures of single timesteps over time."""
    return Enclosure(
        np.stack([one.value for one in enclosures], axis=-2), np.stack([one.error for one in enclosures], axis=-2)
    )
