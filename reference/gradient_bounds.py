r"""How far a correct backward pass may stray: the argument of `bounds`, carried back through time.

The slope
---------
Let the student's state be within ``e`` of ``h = tanh(a)``, as `bounds` has it. The slope ``s = 1 − h²`` is computed
from that state, or from the pre-activation; either way it is within

    E_s = 2·(|h| + e)·e + K_s·u

of the truth. The first term is the mean value theorem: for ``1 − h²`` at once, and for a slope taken from a
pre-activation within ``d`` because its derivative is ``2·|h|·s`` and ``e ≥ d·s`` all over that interval. The second
is the rounding, with one ``u`` for storing the result:

    1 − h·h                     h² + s + 1               ≤  2
    (1 − h)·(1 + h)             3·s + 1                  ≤  4
    1 / cosh(a)²                (2·8 + 1 + 1)·s + 1      ≤ 19
    4 / (eᵃ + e⁻ᵃ)²             (2·(8 + 1) + 2)·s + 1    ≤ 21

``g − g·h·h`` for ``g·s`` rounds ``3·|g|`` and is within the same.

Products and sums
-----------------
With the upstream gradient within ``E_g``, ``δ = g·s`` is within ``|g|·E_s + E_g·(|s| + E_s)`` and three roundings (two
factors stored, one product). A product of matrices over ``k`` terms, in any order, passes each term through at most
``n = k + 5`` roundings: 2 when its factors are converted, 1 in the product, ``k − 1`` additions, 1 for an average over
the batch, 2 spare:

    |fl(A·B) − A·B| ≤ γ_n·(|A| + E_A)·(|B| + E_B) + E_A·(|B| + E_B) + |A|·E_B + n·η

For the input and the state before, ``k = H``. For the weights ``k = N·T``, whatever is summed first. What a state owes
to later rows is added to its own upstream gradient with two roundings more.
"""

from dataclasses import dataclass

import numpy as np

from reference import bounds, gradients, rnn
from reference.bounds import SMALLEST_NORMAL, Enclosure, exact, gamma, stack
from reference.rnn import Array

#: The rounding of the slope of a tanh, in units of ``u``; proved above.
SLOPE_ERROR = 21.0


@dataclass(frozen=True)
class Enclosures:
    """What a backward pass gives, enclosed; see `gradients.Gradients`."""

    inputs: Enclosure
    state: Enclosure
    Wx: Enclosure
    Wh: Enclosure
    b: Enclosure


def rnn_cell(
    input_t: Array, hidden_state_t: Array, Wx: Array, Wh: Array, b: Array, doutput_t: Array, u: float
) -> Enclosures:
    """Enclose the gradients of one step."""
    state = exact(hidden_state_t)
    output_t = bounds.rnn_cell(exact(input_t), state, Wx, Wh, b, u)
    da = _through_tanh(exact(doutput_t), output_t, u)
    errors = (_times(da, Wx, u), _times(da, Wh, u), _outer(da, exact(input_t), u), _outer(da, state, u), _total(da, u))
    return _around(gradients.rnn_cell(input_t, hidden_state_t, Wx, Wh, b, doutput_t), errors)


def rnn_layer(
    inputs: Array,
    Wx: Array,
    Wh: Array,
    b: Array,
    dtotal_hidden_states: Array,
    hidden_state_0: Array | None = None,
    *,
    u: float,
) -> Enclosures:
    """Enclose the gradients of a layer, back through time."""
    start = exact(rnn.zero_state(inputs, Wh) if hidden_state_0 is None else hidden_state_0)
    states = bounds.rnn_layer(exact(inputs), Wx, Wh, b, start.value, u=u)
    timesteps = range(inputs.shape[-2])
    later = Enclosure(np.zeros_like(start.value), np.zeros_like(start.value))
    slopes: list[Enclosure] = []
    for t in reversed(timesteps):
        total = _plus(exact(dtotal_hidden_states[..., t, :]), later, u)
        slopes.insert(0, _through_tanh(total, states[..., t, :], u))
        later = _times(slopes[0], Wh, u)
    da = stack(slopes)
    before = stack([start, *(states[..., t, :] for t in timesteps[:-1])])
    errors = (_times(da, Wx, u), later, _outer(da, exact(inputs), u), _outer(da, before, u), _total(da, u))
    return _around(gradients.rnn_layer(inputs, Wx, Wh, b, dtotal_hidden_states, start.value), errors)


def _around(right: gradients.Gradients, errors: tuple[Enclosure, ...]) -> Enclosures:
    """Put the errors around what the reference says, which is what was enclosed up to the order of summation."""
    values = (right.inputs, right.state, right.Wx, right.Wh, right.b)
    return Enclosures(*(Enclosure(value, one.error) for value, one in zip(values, errors, strict=True)))


def _through_tanh(gradient: Enclosure, state: Enclosure, u: float) -> Enclosure:
    slope = 1 - state.value**2
    slope_error = 2 * (np.abs(state.value) + state.error) * state.error + SLOPE_ERROR * u
    size = np.abs(gradient.value)
    error = size * slope_error + gradient.error * (slope + slope_error)
    rounding = 3 * u * (size + gradient.error) * (slope + slope_error)
    return Enclosure(gradient.value * slope, error + rounding + 3 * SMALLEST_NORMAL.get(u, 0.0))


def _plus(one: Enclosure, other: Enclosure, u: float) -> Enclosure:
    value = one.value + other.value
    error = one.error + other.error
    return Enclosure(value, error + 2 * u * (np.abs(value) + error))


def _times(left: Enclosure, W: Array, u: float) -> Enclosure:
    """Multiply ``(..., K)`` by weights ``(K, M)``."""
    n = W.shape[0] + 5
    size = (np.abs(left.value) + left.error) @ np.abs(W)
    error = gamma(n, u) * size + left.error @ np.abs(W) + n * SMALLEST_NORMAL.get(u, 0.0)
    return Enclosure(left.value @ W, error)


def _outer(da: Enclosure, factor: Enclosure, u: float) -> Enclosure:
    """Sum the outer products over batch and timesteps: ``(..., H)`` and ``(..., K)`` to ``(H, K)``."""
    left, left_error = _flat(da.value), _flat(da.error)
    right, right_error = _flat(factor.value), _flat(factor.error)
    n = len(left) + 5
    whole = np.abs(right) + right_error
    size = (np.abs(left) + left_error).T @ whole
    carried = left_error.T @ whole + np.abs(left).T @ right_error
    return Enclosure(left.T @ right, gamma(n, u) * size + carried + n * SMALLEST_NORMAL.get(u, 0.0))


def _total(da: Enclosure, u: float) -> Enclosure:
    """Sum over batch and timesteps: ``(..., H)`` to ``(H,)``."""
    value, error = _flat(da.value), _flat(da.error)
    n = len(value) + 5
    rounding = gamma(n, u) * (np.abs(value) + error).sum(axis=0) + n * SMALLEST_NORMAL.get(u, 0.0)
    return Enclosure(value.sum(axis=0), error.sum(axis=0) + rounding)


def _flat(array: Array) -> Array:
    return array.reshape(-1, array.shape[-1])
