"""A right RNN in parts, each of which a known bug may replace: that is a twin, and twins of two bugs compose.

Arguments are canonical and come by name, in long double; leading axes, if any, are a batch. With nothing replaced
every answer is that of `reference.rnn`, and the tests hold it to that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from harness.model import Extended
from reference import rnn

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Moment:
    """One timestep of a run: the sum before its tanh, and the state after it."""

    total: Extended
    state: Extended


def _read_output(parts: "Parts", states: Extended, Wy: Extended, by: Extended, name: str) -> Extended:
    return parts.output_activation(parts, name, states @ Wy.T + by)


def _activate_output(parts: "Parts", name: str, z: Extended) -> Extended:
    return parts.softmax(z) if name == "softmax" else rnn.sigmoid(z)


def _run_right(parts: "Parts", inputs: Extended, start: Extended, weights: "Weights") -> Extended:
    return parts.run_once(inputs, start, weights)


Weights = tuple[Extended, Extended, Extended]


@dataclass(frozen=True)
class Parts:
    """The parts of an RNN.

    Attributes
    ----------
    weights : what is taken for Wx, Wh and b
    bias : how the bias enters the sum
    input_term, state_term : of a weight and a vector
    total : of both terms and the bias
    activation : of the sum
    finish : of a new state and b, what the cell returns
    start : of zeros, and the initial state that was given or None
    sequence : of the inputs, in which order they are run
    time_axis : of the inputs' number of axes, over which of them the steps go
    carried : of the moments so far, from which state the next step starts
    renewed : of the state before and the new one, what the layer goes on with
    stored : of the moments so far, which row it keeps
    stacked : of rows and start, what the layer returns
    run : runs the layer over all samples
    softmax, output_activation : of the output layer
    read_out : of the stacked states, what many-to-one reads from
    fed : of the next input as it should be, and the output, the next input of a decoder
    fed_state : of a new state and the output read from it, from which state the next step starts
    """

    weights: Callable[[Weights], Weights] = lambda weights: weights
    bias: Callable[[Extended], Extended] = lambda b: b
    input_term: Callable[[Extended, Extended], Extended] = lambda W, x: x @ W.T
    state_term: Callable[[Extended, Extended], Extended] = lambda W, h: h @ W.T
    total: Callable[[Extended, Extended, Extended], Extended] = lambda x, h, b: x + h + b
    activation: Callable[[Extended], Extended] = np.tanh
    finish: Callable[[Extended, Extended], Extended] = lambda h, b: h
    start: Callable[[Extended, Extended | None], Extended] = lambda zeros, given: zeros if given is None else given
    sequence: Callable[[Extended], Extended] = lambda inputs: inputs
    time_axis: Callable[[int], int] = lambda axes: axes - 2
    carried: Callable[[list[Moment]], Extended] = lambda moments: moments[-1].state
    renewed: Callable[[Extended, Extended], Extended] = lambda before, new: new
    stored: Callable[[list[Moment]], Extended] = lambda moments: moments[-1].state
    stacked: Callable[[list[Extended], Extended], Extended] = lambda rows, start: np.stack(rows, axis=-2)
    run: Callable[["Parts", Extended, Extended, Weights], Extended] = _run_right
    softmax: Callable[[Extended], Extended] = rnn.softmax
    output_activation: Callable[["Parts", str, Extended], Extended] = _activate_output
    read_out: Callable[[Extended], Extended] = lambda states: states[..., -1, :]
    fed: Callable[[Extended, Extended, Extended], Extended] = lambda right, output, before: right
    fed_state: Callable[[Extended, Extended], Extended] = lambda state, output: state

    def answer(self, entry: str, a: Arguments) -> Extended:
        """Answer for an entry, as `reference.rnn` does where nothing is replaced.

        Raises
        ------
        ValueError
            Where shapes do not fit, as NumPy raises it.
        """
        answer: Callable[[Arguments], Extended] = getattr(self, f"_{entry}")
        return answer(a)

    def changed(self) -> frozenset[str]:
        """The names of the parts that are not right."""
        return frozenset(one.name for one in fields(self) if getattr(self, one.name) is not getattr(RIGHT, one.name))

    def step(self, x: Extended, h: Extended, weights: Weights) -> Moment:
        """Take one step."""
        Wx, Wh, b = self.weights(weights)
        total = self.total(self.input_term(Wx, x), self.state_term(Wh, h), self.bias(b))
        return Moment(total, self.finish(self.activation(total), b))

    def run_once(self, inputs: Extended, start: Extended, weights: Weights) -> Extended:
        """Run the steps over the time axis, from one start."""
        moments, rows = [Moment(start, start)], []
        for x in np.moveaxis(self.sequence(inputs), self.time_axis(inputs.ndim), 0):
            before = self.carried(moments)
            moment = self.step(x, before, weights)
            moments.append(Moment(moment.total, self.renewed(before, moment.state)))
            rows.append(self.stored(moments))
        return self.stacked(rows, start)

    def _cell(self, a: Arguments) -> Extended:
        return self.step(a["input_t"], a["hidden_state_t"], (a["Wx"], a["Wh"], a["b"])).state

    def _layer(self, a: Arguments) -> Extended:
        return self._states(a["inputs"], (a["Wx"], a["Wh"], a["b"]), a.get("hidden_state_0"))

    def _states(self, inputs: Extended, weights: Weights, given: Extended | None = None) -> Extended:
        start = self.start(rnn.zero_state(inputs, weights[1]), given)
        return self.run(self, inputs, start, weights)

    def _output_layer(self, a: Arguments) -> Extended:
        return _read_output(self, a["h"], a["Wy"], a["by"], a["activation"])

    def _many_to_one(self, a: Arguments) -> Extended:
        states = self._states(a["inputs"], (a["Wx"], a["Wh"], a["b"]))
        return _read_output(self, self.read_out(states), a["Wy"], a["by"], a["activation"])

    def _many_to_many(self, a: Arguments) -> Extended:
        states = self._states(a["inputs"], (a["Wx"], a["Wh"], a["b"]))
        return _read_output(self, states, a["Wy"], a["by"], a["activation"])

    def _one_to_many(self, a: Arguments) -> Extended:
        state = np.zeros(a["Wh"].shape[0], dtype=np.longdouble)
        return self._unroll(state, a["input_0"], (a["Wx"], a["Wh"], a["b"]), a, feed_back=False)

    def _encoder_decoder(self, a: Arguments) -> Extended:
        states = self._states(a["inputs"], (a["Wx_encoder"], a["Wh_encoder"], a["b_encoder"]))
        start = np.zeros(a["Wx_decoder"].shape[1], dtype=np.longdouble)
        weights = a["Wx_decoder"], a["Wh_decoder"], a["b_decoder"]
        return self._unroll(self.read_out(states), start, weights, a, feed_back=True)

    def _unroll(self, state: Extended, x: Extended, weights: Weights, a: Arguments, *, feed_back: bool) -> Extended:
        moments, outputs = [Moment(state, state)], []
        for _ in range(a["timesteps"]):
            before = self.carried(moments)
            moment = self.step(x, before, weights)
            new = self.renewed(before, moment.state)
            output = _read_output(self, new, a["Wy"], a["by"], a["activation"])
            outputs.append(output)
            moments.append(Moment(moment.total, self.fed_state(new, output)))
            x = self.fed(output if feed_back else np.zeros_like(x), output, x)
        return np.stack(outputs, axis=-2)


RIGHT = Parts()
#: The parts that only what is built on the layer has.
OUTPUT_PARTS = frozenset({"softmax", "output_activation", "read_out", "fed", "fed_state"})
