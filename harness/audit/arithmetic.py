"""The same RNNs once more, in decimal arithmetic of sixty digits, without NumPy: independent of the reference.

Lists of `decimal.Decimal` in, lists out; exp is the decimal module's own, correctly rounded.
"""

from collections.abc import Mapping
from decimal import Context, Decimal, localcontext
from typing import Any

Vector = list[Decimal]
Matrix = list[Vector]
DIGITS = 60
#: Beyond it tanh is 1 to more digits than there are.
_SATURATED = Decimal(80)


def answer(entry: str, a: Mapping[str, Any]) -> Any:
    """Answer for an entry, given its arguments by name, as arrays of doubles, counts and names."""
    with localcontext(Context(prec=DIGITS)):
        exact = {name: _exact(value) for name, value in a.items()}
        if entry == "cell":
            return _cell(exact["input_t"], exact["hidden_state_t"], exact)
        if entry == "layer":
            return _layers(exact["inputs"], exact, exact.get("hidden_state_0"))
        if entry == "output_layer":
            return _outputs(exact["h"], exact)
        return _MODELS[entry](exact)


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


def _cell(x: Vector, h: Vector, a: Mapping[str, Any]) -> Vector:
    return [_tanh(_dot(wx, x) + _dot(wh, h) + b) for wx, wh, b in zip(a["Wx"], a["Wh"], a["b"], strict=True)]


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


def _output(h: Vector, a: Mapping[str, Any]) -> Vector:
    sums = [_dot(row, h) + b for row, b in zip(a["Wy"], a["by"], strict=True)]
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


_MODELS = {
    "many_to_one": lambda a: _output(_layer(a["inputs"], a)[-1], a),
    "many_to_many": lambda a: [_output(h, a) for h in _layer(a["inputs"], a)],
    "one_to_many": lambda a: _unroll([Decimal(0)] * len(a["b"]), a["input_0"], a, feed_back=False),
    "encoder_decoder": _encoder_decoder,
}
