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


class Written:
    """A whole hand-in in one style: it answers for every entry, in the precision of its arguments."""

    def __init__(self, number: int) -> None:
        self.step = STEPS[number]
        self.outputs = OUTPUTS[number % len(OUTPUTS)]
        self.name = self.step.__name__

    def answer(self, entry: str, a: Mapping[str, Any]) -> Any:
        """Answer for an entry, given its arguments by name."""
        return getattr(self, f"_{entry}")(a)

    def _cell(self, a: Mapping[str, Any]) -> Any:
        return self.step(a["input_t"], a["hidden_state_t"], a["Wx"], a["Wh"], a["b"])

    def _layer(self, a: Mapping[str, Any]) -> Any:
        inputs, initial = a["inputs"], a.get("hidden_state_0")
        if inputs.ndim == 3:
            starts = [None] * len(inputs) if initial is None else initial
            return np.stack(
                [self._layer({**a, "inputs": x, "hidden_state_0": h}) for x, h in zip(inputs, starts, strict=True)]
            )
        start = np.zeros_like(a["b"]) if initial is None else initial
        return run(self.step, inputs, a["Wx"], a["Wh"], a["b"], start)

    def _output_layer(self, a: Mapping[str, Any]) -> Any:
        return self.outputs[a["activation"]](a["h"] @ a["Wy"].T + a["by"])

    def _many_to_many(self, a: Mapping[str, Any]) -> Any:
        return self._output_layer({**a, "h": self._layer(a)})

    def _many_to_one(self, a: Mapping[str, Any]) -> Any:
        return self._output_layer({**a, "h": self._layer(a)[-1]})

    def _one_to_many(self, a: Mapping[str, Any]) -> Any:
        return self._unrolled(np.zeros_like(a["b"]), a["input_0"], a, feed_back=False)

    def _encoder_decoder(self, a: Mapping[str, Any]) -> Any:
        encoder = {"Wx": a["Wx_encoder"], "Wh": a["Wh_encoder"], "b": a["b_encoder"]}
        decoder = {"Wx": a["Wx_decoder"], "Wh": a["Wh_decoder"], "b": a["b_decoder"]}
        context = self._layer({"inputs": a["inputs"], **encoder})[-1]
        start = np.zeros(a["Wx_decoder"].shape[1], dtype=context.dtype)
        return self._unrolled(context, start, {**a, **decoder}, feed_back=True)

    def _unrolled(self, h: Any, x: Any, a: Mapping[str, Any], *, feed_back: bool) -> Any:
        outputs = []
        for _ in range(a["timesteps"]):
            h = self.step(x, h, a["Wx"], a["Wh"], a["b"])
            outputs.append(self._output_layer({**a, "h": h}))
            x = outputs[-1] if feed_back else np.zeros_like(x)
        return np.stack(outputs)


def run(step: Step, inputs: Any, Wx: Any, Wh: Any, b: Any, h: Any) -> Any:
    """Run a layer made of one of the steps."""
    states = []
    for x in inputs:
        h = step(x, h, Wx, Wh, b)
        states.append(h)
    return np.stack(states)
