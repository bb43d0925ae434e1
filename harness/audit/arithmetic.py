"""The same RNNs once more, in decimal arithmetic of sixty digits, without NumPy: independent of the reference.

Lists of `decimal.Decimal` in, lists out; exp is the decimal module's own, correctly rounded.
"""

from collections.abc import Callable, Mapping
from decimal import Context, Decimal, localcontext
from typing import Any

Vector = list[Decimal]
Matrix = list[Vector]
DIGITS = 60
#: Beyond it tanh is 1 to more digits than there are.
_SATURATED = Decimal(80)


def answer(question: str, a: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a question, given its arguments by name, as arrays of doubles, counts and names: each part by its word."""
    with localcontext(Context(prec=DIGITS)):
        return _ANSWERS[question]({name: _exact(value) for name, value in a.items()})


def _exact(value: Any) -> Any:
    if isinstance(value, int | str):
        return value
    if isinstance(value, float):
        return Decimal(value)
    return [_exact(one) for one in value.tolist()] if hasattr(value, "tolist") else [_exact(one) for one in value]


def _dot(row: Vector, vector: Vector) -> Decimal:
    return sum((w * v for w, v in zip(row, vector, strict=True)), Decimal(0))


def _tanh(a: Decimal) -> Decimal:
    if abs(a) > _SATURATED:
        return Decimal(1).copy_sign(a)
    power = (2 * a).exp()
    return (power - 1) / (power + 1)


def _relu(a: Decimal) -> Decimal:
    return max(a, Decimal(0))


def _sums(x: Vector, h: Vector, a: Mapping[str, Any]) -> Vector:
    return [_dot(wx, x) + _dot(wh, h) + b for wx, wh, b in zip(a["Wx"], a["Wh"], a["b"], strict=True)]


def _cell(x: Any, h: Any, a: Mapping[str, Any]) -> Any:
    """One state, or each of a batch."""
    if isinstance(x[0], list):
        return [_cell(one, other, a) for one, other in zip(x, h, strict=True)]
    return [a.get("nonlinearity", _tanh)(one) for one in _sums(x, h, a)]


def _layer(inputs: Matrix, a: Mapping[str, Any], initial: Vector | None = None) -> Matrix:
    h = [Decimal(0)] * len(a["b"]) if initial is None else initial
    states = []
    for x in inputs:
        h = _cell(x, h, a)
        states.append(h)
    return states


def _layers(inputs: Any, a: Mapping[str, Any], initial: Any) -> Any:
    """One sequence, or a batch of them."""
    if not isinstance(inputs[0][0], list):
        return _layer(inputs, a, initial)
    starts = [None] * len(inputs) if initial is None else initial
    return [_layer(sequence, a, start) for sequence, start in zip(inputs, starts, strict=True)]


def _of_each(states: Any, take: Callable[[Matrix], Any]) -> Any:
    """Take something of one sequence of states, or of each of a batch."""
    return [take(one) for one in states] if isinstance(states[0][0], list) else take(states)


def _ask_layer(a: Mapping[str, Any]) -> dict[str, Any]:
    states = _layers(a["inputs"], a, a.get("hidden_state_0"))
    return {
        "total_hidden_states": states,
        "last_hidden_state": _of_each(states, lambda one: one[-1]),
        "later_hidden_states": _of_each(states, lambda one: one[max(1, len(one) // 2) :]),
    }


def _ask_cell(a: Mapping[str, Any]) -> dict[str, Any]:
    return {"output_t": _cell(a["input_t"], a["hidden_state_t"], a)}


def _two_layers(a: Mapping[str, Any]) -> dict[str, Any]:
    starts = a.get("hidden_states_0", (None, None))
    lower = _layers(a["inputs"], _renamed(a, "_1"), starts[0])
    upper = _layers(lower, _renamed(a, "_2"), starts[1])
    last = [_of_each(states, lambda one: one[-1]) for states in (lower, upper)]
    return {"total_hidden_states": upper, "last_hidden_states": last}


def _bidirectional(a: Mapping[str, Any]) -> dict[str, Any]:
    def turned(sequences: Any) -> Any:
        return _of_each(sequences, lambda one: one[::-1])

    starts = a.get("hidden_states_0", (None, None))
    there = _layers(a["inputs"], _renamed(a, "_forward"), starts[0])
    back = turned(_layers(turned(a["inputs"]), _renamed(a, "_backward"), starts[1]))
    if isinstance(there[0][0], list):
        both = [[[*h, *k] for h, k in zip(*pair, strict=True)] for pair in zip(there, back, strict=True)]
    else:
        both = [[*h, *k] for h, k in zip(there, back, strict=True)]
    return {"total_hidden_states": both}


def _masked(a: Mapping[str, Any]) -> dict[str, Any]:
    padded, last = [], []
    starts = a.get("hidden_state_0") or [None] * len(a["inputs"])
    for sequence, length, start in zip(a["inputs"], a["lengths"], starts, strict=True):
        states = _layer(sequence[: int(length)], a, start)
        padded.append(states + [[Decimal(0)] * len(a["b"])] * (len(sequence) - int(length)))
        last.append(states[-1])
    return {"total_hidden_states": padded, "last_hidden_state": last}


def _back(g: Vector, x: Vector, h: Vector, a: Mapping[str, Any]) -> tuple[Vector, Vector, Vector]:
    """The gradients of a sum, of the input and of the state before, for one sample."""
    slopes = [1 - _tanh(one) ** 2 for one in _sums(x, h, a)]
    da = [one * slope for one, slope in zip(g, slopes, strict=True)]
    columns = [[row[j] for row in a["Wx"]] for j in range(len(x))], [[row[j] for row in a["Wh"]] for j in range(len(h))]
    return da, [_dot(column, da) for column in columns[0]], [_dot(column, da) for column in columns[1]]


def _weights_of(steps: list[tuple[Vector, Vector, Vector]], a: Mapping[str, Any]) -> dict[str, Any]:
    """Sum over all that was taken back: gradients of the sums, with the inputs and the states that met them."""
    H, D = range(len(a["b"])), range(len(a["Wx"][0]))
    return {
        "dWx": [[sum((da[i] * x[j] for da, x, _ in steps), Decimal(0)) for j in D] for i in H],
        "dWh": [[sum((da[i] * h[j] for da, _, h in steps), Decimal(0)) for j in H] for i in H],
        "db": [sum((da[i] for da, _, _ in steps), Decimal(0)) for i in H],
    }


def _cell_backward(a: Mapping[str, Any]) -> dict[str, Any]:
    x, h, g = a["input_t"], a["hidden_state_t"], a["doutput_t"]
    alone = not isinstance(x[0], list)
    samples = [(x, h, g)] if alone else list(zip(x, h, g, strict=True))
    steps, dx, dh = [], [], []
    for one, before, upstream in samples:
        da, to_x, to_h = _back(upstream, one, before, a)
        steps.append((da, one, before))
        dx.append(to_x)
        dh.append(to_h)
    shaped = {"dinput_t": dx[0], "dhidden_state_t": dh[0]} if alone else {"dinput_t": dx, "dhidden_state_t": dh}
    return {**shaped, **_weights_of(steps, a)}


def _layer_backward(a: Mapping[str, Any]) -> dict[str, Any]:
    inputs, upstream, initial = a["inputs"], a["dtotal_hidden_states"], a.get("hidden_state_0")
    alone = not isinstance(inputs[0][0], list)
    if alone:
        inputs, upstream, initial = [inputs], [upstream], [initial]
    steps: list[tuple[Vector, Vector, Vector]] = []
    dinputs, dstart = [], []
    for xs, gs, start in zip(inputs, upstream, initial or [None] * len(inputs), strict=True):
        states = [start or [Decimal(0)] * len(a["b"]), *_layer(xs, a, start)]
        later, dxs = [Decimal(0)] * len(a["b"]), list[Vector]()
        for t in reversed(range(len(xs))):
            total = [one + other for one, other in zip(gs[t], later, strict=True)]
            da, dx, later = _back(total, xs[t], states[t], a)
            steps.append((da, xs[t], states[t]))
            dxs.insert(0, dx)
        dinputs.append(dxs)
        dstart.append(later)
    shaped = (dinputs[0], dstart[0]) if alone else (dinputs, dstart)
    return {"dinputs": shaped[0], "dhidden_state_0": shaped[1], **_weights_of(steps, a)}


def _output(h: Vector, a: Mapping[str, Any]) -> Vector:
    sums = [_dot(row, h) + b for row, b in zip(a["Wy"], a["by"], strict=True)]
    if a["activation"] == "linear":
        return sums
    if a["activation"] == "sigmoid":
        return [1 / (1 + (-one).exp()) for one in sums]
    powers = [(one - max(sums)).exp() for one in sums]
    return [power / sum(powers) for power in powers]


def _outputs(h: Any, a: Mapping[str, Any]) -> Any:
    return [_outputs(one, a) for one in h] if isinstance(h[0], list) else _output(h, a)


def _unroll(h: Vector, x: Vector, a: Mapping[str, Any], *, feed_back: bool) -> Matrix:
    outputs: Matrix = []
    for _ in range(a["timesteps"]):
        h = _cell(x, h, a)
        outputs.append(_output(h, a))
        x = outputs[-1] if feed_back else [Decimal(0)] * len(x)
    return outputs


def _renamed(a: Mapping[str, Any], suffix: str) -> dict[str, Any]:
    return {**a, "Wx": a[f"Wx{suffix}"], "Wh": a[f"Wh{suffix}"], "b": a[f"b{suffix}"]}


def _encoder_decoder(a: Mapping[str, Any]) -> Matrix:
    context = _layer(a["inputs"], _renamed(a, "_encoder"))[-1]
    start = [Decimal(0)] * len(a["Wx_decoder"][0])
    return _unroll(context, start, _renamed(a, "_decoder"), feed_back=True)


def _with_output(answer: dict[str, Any], of: str, name: str, a: Mapping[str, Any]) -> dict[str, Any]:
    return {**answer, name: _outputs(answer[of], a)}


def _to_one(a: Mapping[str, Any]) -> dict[str, Any]:
    states = _two_layers(a)["total_hidden_states"]
    return {"output": _outputs(_of_each(states, lambda one: one[-1]), a)}


_ANSWERS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "cell": _ask_cell,
    "relu_cell": lambda a: _ask_cell({**a, "nonlinearity": _relu}),
    "cell_with_output": lambda a: _with_output(_ask_cell(a), "output_t", "output", a),
    "layer": _ask_layer,
    "relu_layer": lambda a: _ask_layer({**a, "nonlinearity": _relu}),
    "layer_with_output": lambda a: _with_output(_ask_layer(a), "total_hidden_states", "outputs", a),
    "two_layers": _two_layers,
    "two_layers_to_one": _to_one,
    "bidirectional_layer": _bidirectional,
    "masked_layer": _masked,
    "cell_backward": _cell_backward,
    "layer_backward": _layer_backward,
    "output_layer": lambda a: {"output": _outputs(a["h"], a)},
    "many_to_one": lambda a: {"output": _output(_layer(a["inputs"], a)[-1], a)},
    "many_to_many": lambda a: {"outputs": [_output(h, a) for h in _layer(a["inputs"], a)]},
    "one_to_many": lambda a: {"outputs": _unroll([Decimal(0)] * len(a["b"]), a["input_0"], a, feed_back=False)},
    "encoder_decoder": lambda a: {"outputs": _encoder_decoder(a)},
}
