"""Right ways to write the same RNN, for holding the bounds against rounding as it really happens."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Step = Callable[[Any, Any, Any, Any, Any], Any]


def dot(x: Any, h: Any, Wx: Any, Wh: Any, b: Any) -> Any:
    """np.dot, as in the lecture notes."""
    return np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)


def bias_first(x: Any, h: Any, Wx: Any, Wh: Any, b: Any) -> Any:
    """The bias first, then the state, then the input."""
    return np.tanh(b + (Wh @ h + Wx @ x))


def bias_in_halves(x: Any, h: Any, Wx: Any, Wh: Any, b: Any) -> Any:
    """The bias in two pieces."""
    third = b / x.dtype.type(3)
    return np.tanh((Wx @ x + third) + (Wh @ h + (b - third)))


def concatenated(x: Any, h: Any, Wx: Any, Wh: Any, b: Any) -> Any:
    """One matrix for input and state."""
    return np.tanh(np.hstack([Wx, Wh]) @ np.concatenate([x, h]) + b)


def einsum(x: Any, h: Any, Wx: Any, Wh: Any, b: Any) -> Any:
    """Index notation."""
    return np.tanh(np.einsum("hd,d->h", Wx, x) + np.einsum("hk,k->h", Wh, h) + b)


def backwards_sum(x: Any, h: Any, Wx: Any, Wh: Any, b: Any) -> Any:
    """One column after the other, from the last."""
    a = b.copy()
    for k in reversed(range(len(h))):
        a = a + Wh[:, k] * h[k]
    for j in reversed(range(len(x))):
        a = a + Wx[:, j] * x[j]
    return np.tanh(a)


def quotient_of_exponentials(x: Any, h: Any, Wx: Any, Wh: Any, b: Any) -> Any:
    """tanh as (e^a - e^-a) / (e^a + e^-a)."""
    a = Wx @ x + Wh @ h + b
    return (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a))


def one_exponential(x: Any, h: Any, Wx: Any, Wh: Any, b: Any) -> Any:
    """tanh as (1 - e^-2a) / (1 + e^-2a)."""
    e = np.exp(-2 * (Wx @ x + Wh @ h + b))
    return (1 - e) / (1 + e)


def by_sigmoid(x: Any, h: Any, Wx: Any, Wh: Any, b: Any) -> Any:
    """tanh as 2·sigmoid(2a) - 1."""
    return 2 / (1 + np.exp(-2 * (Wx @ x + Wh @ h + b))) - 1


def sinh_over_cosh(x: Any, h: Any, Wx: Any, Wh: Any, b: Any) -> Any:
    """tanh as sinh / cosh."""
    a = Wx @ x + Wh @ h + b
    return np.sinh(a) / np.cosh(a)


def python_floats(x: Any, h: Any, Wx: Any, Wh: Any, b: Any) -> Any:
    """Python's own floats, one number after the other."""
    return np.array(
        [
            math.tanh(sum(float(w) * float(v) for w, v in zip([*Wx[i], *Wh[i]], [*x, *h], strict=True)) + float(b[i]))
            for i in range(len(b))
        ],
        dtype=x.dtype,
    )


STEPS: list[Step] = [
    dot, bias_first, bias_in_halves, concatenated, einsum, backwards_sum, quotient_of_exponentials, one_exponential,
    by_sigmoid, sinh_over_cosh, python_floats,
]  # fmt: skip


def logistic(a: Any) -> Any:
    """The sigmoid by one exponential."""
    return 1 / (1 + np.exp(-a))


def by_tanh(a: Any) -> Any:
    """The sigmoid by tanh."""
    return (1 + np.tanh(a / 2)) / 2


def shifted(a: Any) -> Any:
    """The softmax, shifted by the largest."""
    powers = np.exp(a - a.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def by_logarithm(a: Any) -> Any:
    """The softmax by the logarithm of its sum."""
    largest = a.max(axis=-1, keepdims=True)
    total = largest + np.log(np.exp(a - largest).sum(axis=-1, keepdims=True))
    return np.exp(a - total)


#: Of each output activation two ways; the steps take them in turn.
OUTPUTS = ({"sigmoid": logistic, "softmax": shifted}, {"sigmoid": by_tanh, "softmax": by_logarithm})


def square(g: Any, h: Any, a: Any) -> Any:
    """The slope from the state: 1 - h²."""
    return g * (1 - h**2)


def factors(g: Any, h: Any, a: Any) -> Any:
    """The same as a product."""
    return g * ((1 - h) * (1 + h))


def difference(g: Any, h: Any, a: Any) -> Any:
    """The same multiplied out."""
    return g - g * h * h


def by_cosh(g: Any, h: Any, a: Any) -> Any:
    """The slope from the sum: 1 / cosh²."""
    return g / np.cosh(a) ** 2


def by_exponentials(g: Any, h: Any, a: Any) -> Any:
    """The slope from the sum: 4 / (e^a + e^-a)²."""
    return g * (4 / (np.exp(a) + np.exp(-a)) ** 2)


#: The steps take them in turn.
SLOPES = (square, factors, difference, by_cosh, by_exponentials)


class Written:
    """A whole hand-in in one style: it answers for every entry, in the precision of its arguments."""

    def __init__(self, number: int, *, relu: bool = False) -> None:
        self.number, self.relu = number, relu
        self.step = STEPS[number]
        self.slope = SLOPES[number % len(SLOPES)]
        self.outputs = OUTPUTS[number % len(OUTPUTS)]
        self.name = self.step.__name__

    def answer(self, question: str, a: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a question, given its arguments by name: each part of the answer by its word."""
        answer: dict[str, Any] = getattr(self, f"_{question}")(a)
        return answer

    def _cell(self, a: Mapping[str, Any]) -> dict[str, Any]:
        return {"output_t": self._each(self._step, a, a["input_t"], a["hidden_state_t"])}

    def _relu_cell(self, a: Mapping[str, Any]) -> dict[str, Any]:
        return self._with_relu()._cell(a)

    def _cell_with_output(self, a: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._cell(a)
        return {**answer, "output": self._read(answer["output_t"], a)}

    def _layer(self, a: Mapping[str, Any]) -> dict[str, Any]:
        states = self._states(a["inputs"], a, a.get("hidden_state_0"))
        cut = max(1, a["inputs"].shape[-2] // 2)
        return {
            "total_hidden_states": states,
            "last_hidden_state": states[..., -1, :],
            "later_hidden_states": states[..., cut:, :],
        }

    def _relu_layer(self, a: Mapping[str, Any]) -> dict[str, Any]:
        return self._with_relu()._layer(a)

    def _layer_with_output(self, a: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._layer(a)
        return {**answer, "outputs": self._read(answer["total_hidden_states"], a)}

    def _with_relu(self) -> "Written":
        """The same ways to write the sum; a relu is written in two."""
        return Written(self.number, relu=True)

    def _two_layers(self, a: Mapping[str, Any]) -> dict[str, Any]:
        starts = a.get("hidden_states_0", (None, None))
        lower = self._states(a["inputs"], _renamed(a, "_1"), starts[0])
        upper = self._states(lower, _renamed(a, "_2"), starts[1])
        return {"total_hidden_states": upper, "last_hidden_states": np.stack([lower[..., -1, :], upper[..., -1, :]])}

    def _two_layers_to_one(self, a: Mapping[str, Any]) -> dict[str, Any]:
        return {"output": self._read(self._two_layers(a)["total_hidden_states"][..., -1, :], a)}

    def _bidirectional_layer(self, a: Mapping[str, Any]) -> dict[str, Any]:
        starts = a.get("hidden_states_0", (None, None))
        there = self._states(a["inputs"], _renamed(a, "_forward"), starts[0])
        back = self._states(a["inputs"][..., ::-1, :], _renamed(a, "_backward"), starts[1])
        return {"total_hidden_states": np.concatenate([there, back[..., ::-1, :]], axis=-1)}

    def _masked_layer(self, a: Mapping[str, Any]) -> dict[str, Any]:
        padded, last = [], []
        starts = a.get("hidden_state_0", [None] * len(a["inputs"]))
        for x, length, start in zip(a["inputs"], a["lengths"], starts, strict=True):
            states = self._states(x[:length], a, start)
            padded.append(np.concatenate([states, np.zeros((len(x) - length, states.shape[1]), states.dtype)]))
            last.append(states[-1])
        return {"total_hidden_states": np.stack(padded), "last_hidden_state": np.stack(last)}

    def _cell_backward(self, a: Mapping[str, Any]) -> dict[str, Any]:
        x, h, upstream = a["input_t"], a["hidden_state_t"], a["doutput_t"]
        if x.ndim == 1:
            x, h, upstream = x[None], h[None], upstream[None]
        states = self._each(self._step, a, x, h)
        dx, dh, dWx, dWh, db = self._back(upstream, states, x, h, a)
        shaped = (dx[0], dh[0]) if a["input_t"].ndim == 1 else (dx, dh)
        return dict(zip(("dinput_t", "dhidden_state_t", "dWx", "dWh", "db"), (*shaped, dWx, dWh, db), strict=True))

    def _layer_backward(self, a: Mapping[str, Any]) -> dict[str, Any]:
        inputs, upstream, initial = a["inputs"], a["dtotal_hidden_states"], a.get("hidden_state_0")
        alone = inputs.ndim == 2
        if alone:
            inputs, upstream = inputs[None], upstream[None]
            initial = None if initial is None else initial[None]
        start = np.zeros((len(inputs), len(a["b"])), inputs.dtype) if initial is None else initial
        states = self._states(inputs, a, start)
        dh, dx, sums = np.zeros_like(start), np.zeros_like(inputs), [0, 0, 0]
        for t in range(inputs.shape[1] - 1, -1, -1):
            before = states[:, t - 1] if t else start
            dx[:, t], dh, *one = self._back(upstream[:, t] + dh, states[:, t], inputs[:, t], before, a)
            sums = [total + gradient for total, gradient in zip(sums, one, strict=True)]
        shaped = (dx[0], dh[0]) if alone else (dx, dh)
        return dict(zip(("dinputs", "dhidden_state_0", "dWx", "dWh", "db"), (*shaped, *sums), strict=True))

    def _back(self, upstream: Any, states: Any, x: Any, h: Any, a: Mapping[str, Any]) -> tuple[Any, ...]:
        """A step back over a batch, by one of the ways to write the slope."""
        da = self.slope(upstream, states, x @ a["Wx"].T + h @ a["Wh"].T + a["b"])
        return da @ a["Wx"], da @ a["Wh"], da.T @ x, np.einsum("nh,nk->hk", da, h), da.sum(axis=0)

    def _step(self, x: Any, h: Any, a: Mapping[str, Any]) -> Any:
        if self.relu:
            return np.maximum(a["Wx"] @ x + a["Wh"] @ h + a["b"], 0)
        return self.step(x, h, a["Wx"], a["Wh"], a["b"])

    def _each(self, step: Callable[..., Any], a: Mapping[str, Any], x: Any, h: Any) -> Any:
        """One sample, or each of a batch."""
        return (
            step(x, h, a) if x.ndim == 1 else np.stack([step(one, other, a) for one, other in zip(x, h, strict=True)])
        )

    def _states(self, inputs: Any, a: Mapping[str, Any], initial: Any = None) -> Any:
        if inputs.ndim == 3:
            starts = [None] * len(inputs) if initial is None else initial
            return np.stack([self._states(x, a, h) for x, h in zip(inputs, starts, strict=True)])
        h = np.zeros_like(a["b"]) if initial is None else initial
        states = []
        for x in inputs:
            h = self._step(x, h, a)
            states.append(h)
        return np.stack(states)

    def _read(self, h: Any, a: Mapping[str, Any]) -> Any:
        z = h @ a["Wy"].T + a["by"]
        return z if a["activation"] == "linear" else self.outputs[a["activation"]](z)

    def _output_layer(self, a: Mapping[str, Any]) -> dict[str, Any]:
        return {"output": self._read(a["h"], a)}

    def _many_to_many(self, a: Mapping[str, Any]) -> dict[str, Any]:
        return {"outputs": self._read(self._states(a["inputs"], a), a)}

    def _many_to_one(self, a: Mapping[str, Any]) -> dict[str, Any]:
        return {"output": self._read(self._states(a["inputs"], a)[-1], a)}

    def _one_to_many(self, a: Mapping[str, Any]) -> dict[str, Any]:
        return {"outputs": self._unrolled(np.zeros_like(a["b"]), a["input_0"], a, feed_back=False)}

    def _encoder_decoder(self, a: Mapping[str, Any]) -> dict[str, Any]:
        context = self._states(a["inputs"], _renamed(a, "_encoder"))[-1]
        start = np.zeros(a["Wx_decoder"].shape[1], dtype=context.dtype)
        return {"outputs": self._unrolled(context, start, _renamed(a, "_decoder"), feed_back=True)}

    def _unrolled(self, h: Any, x: Any, a: Mapping[str, Any], *, feed_back: bool) -> Any:
        outputs = []
        for _ in range(a["timesteps"]):
            h = self._step(x, h, a)
            outputs.append(self._read(h, a))
            x = outputs[-1] if feed_back else np.zeros_like(x)
        return np.stack(outputs)


def _renamed(a: Mapping[str, Any], suffix: str) -> dict[str, Any]:
    return {**a, "Wx": a[f"Wx{suffix}"], "Wh": a[f"Wh{suffix}"], "b": a[f"b{suffix}"]}


def run(step: Step, inputs: Any, Wx: Any, Wh: Any, b: Any, h: Any) -> Any:
    """Run a layer made of one of the steps."""
    states = []
    for x in inputs:
        h = step(x, h, Wx, Wh, b)
        states.append(h)
    return np.stack(states)
