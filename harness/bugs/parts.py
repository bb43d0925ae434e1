"""A right RNN in parts, each of which a known bug may replace: that is a twin, and twins of two bugs compose.

Arguments are canonical and come by name, in long double; leading axes, if any, are a batch. With nothing replaced
every answer is that of `reference.rnn`, and the tests hold it to that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
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
    if name == "linear":
        return z
    return parts.softmax(z) if name == "softmax" else rnn.sigmoid(z)


def _run_right(parts: "Parts", inputs: Extended, start: Extended, weights: "Weights") -> Extended:
    return parts.run_once(inputs, start, weights)


Weights = tuple[Extended, Extended, Extended]


def _weights(a: Arguments, suffix: str = "") -> Weights:
    return a[f"Wx{suffix}"], a[f"Wh{suffix}"], a[f"b{suffix}"]


@dataclass(frozen=True)
class Back:
    """What one step of a backward pass gives: for the input, for the state before, for Wx, Wh and b."""

    input: Extended
    state: Extended
    weights: Weights


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
    slope : of the tanh, of a state
    to_state : of the gradient of a sum and Wh, what goes back to the state before
    from_later : of a row's own gradient and what later rows owe to it, what goes back through its step
    summed : of the gradients of a weight, the last timestep's first
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
    slope: Callable[[Extended], Extended] = lambda h: 1 - h**2
    to_state: Callable[[Extended, Extended], Extended] = lambda da, Wh: da @ Wh
    from_later: Callable[[Extended, Extended], Extended] = lambda own, later: own + later
    summed: Callable[[list[Extended]], Extended] = lambda gradients: np.sum(gradients, axis=0)

    def answer(self, question: str, a: Arguments) -> dict[str, Extended]:
        """Answer a question, as `reference` does where nothing is replaced: each part of the answer by its word.

        Raises
        ------
        ValueError
            Where shapes do not fit, as NumPy raises it.
        """
        answer: Callable[[Arguments], dict[str, Extended]] = getattr(self, f"_{question}")
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

    def _cell(self, a: Arguments) -> dict[str, Extended]:
        return {"output_t": self.step(a["input_t"], a["hidden_state_t"], _weights(a)).state}

    def _relu_cell(self, a: Arguments) -> dict[str, Extended]:
        return self._with_relu()._cell(a)

    def _cell_with_output(self, a: Arguments) -> dict[str, Extended]:
        answer = self._cell(a)
        return answer | {"output": _read_output(self, answer["output_t"], a["Wy"], a["by"], a["activation"])}

    def _layer(self, a: Arguments) -> dict[str, Extended]:
        given = a["inputs"], _weights(a), a.get("hidden_state_0")
        rows = self._in_rows()._states(*given)
        cut = max(1, a["inputs"].shape[-2] // 2)
        return {
            "total_hidden_states": rows if self.stacked is RIGHT.stacked else self._states(*given),
            "last_hidden_state": rows[..., -1, :],
            "later_hidden_states": rows[..., cut:, :],
        }

    def _relu_layer(self, a: Arguments) -> dict[str, Extended]:
        return self._with_relu()._layer(a)

    def _layer_with_output(self, a: Arguments) -> dict[str, Extended]:
        rows = self._in_rows()._layer(a)["total_hidden_states"]
        return self._layer(a) | {"outputs": _read_output(self, rows, a["Wy"], a["by"], a["activation"])}

    def _with_relu(self) -> "Parts":
        """A right nonlinearity is a relu here; a wrong one stays what it is."""
        return replace(self, activation=rnn.relu) if self.activation is RIGHT.activation else self

    def _in_rows(self) -> "Parts":
        """The same, but for how states are put together in the end: what is read from each is read on the way."""
        return self if self.stacked is RIGHT.stacked else replace(self, stacked=RIGHT.stacked)

    def _two_layers(self, a: Arguments) -> dict[str, Extended]:
        starts, rows = a.get("hidden_states_0", (None, None)), self._in_rows()
        lower = rows._states(a["inputs"], _weights(a, "_1"), starts[0])
        upper = rows._states(lower, _weights(a, "_2"), starts[1])
        return {
            "total_hidden_states": upper if rows is self else self._states(lower, _weights(a, "_2"), starts[1]),
            "last_hidden_states": np.stack([lower[..., -1, :], upper[..., -1, :]]),
        }

    def _two_layers_to_one(self, a: Arguments) -> dict[str, Extended]:
        states = self._in_rows()._two_layers(a)["total_hidden_states"]
        return {"output": _read_output(self, self.read_out(states), a["Wy"], a["by"], a["activation"])}

    def _bidirectional_layer(self, a: Arguments) -> dict[str, Extended]:
        starts = a.get("hidden_states_0", (None, None))
        there = self._states(a["inputs"], _weights(a, "_forward"), starts[0])
        back = self._states(a["inputs"][..., ::-1, :], _weights(a, "_backward"), starts[1])
        return {"total_hidden_states": np.concatenate([there, back[..., ::-1, :]], axis=-1)}

    def _masked_layer(self, a: Arguments) -> dict[str, Extended]:
        states = self._states(a["inputs"], _weights(a), a.get("hidden_state_0"))
        there = np.arange(states.shape[1]) < a["lengths"][:, None]
        last = states[np.arange(len(states)), a["lengths"] - 1]
        return {"total_hidden_states": np.where(there[..., None], states, 0), "last_hidden_state": last}

    def _states(self, inputs: Extended, weights: Weights, given: Extended | None = None) -> Extended:
        start = self.start(rnn.zero_state(inputs, weights[1]), given)
        return self.run(self, inputs, start, weights)

    def _output_layer(self, a: Arguments) -> dict[str, Extended]:
        return {"output": _read_output(self, a["h"], a["Wy"], a["by"], a["activation"])}

    def _many_to_one(self, a: Arguments) -> dict[str, Extended]:
        states = self.read_out(self._states(a["inputs"], _weights(a)))
        return {"output": _read_output(self, states, a["Wy"], a["by"], a["activation"])}

    def _many_to_many(self, a: Arguments) -> dict[str, Extended]:
        states = self._states(a["inputs"], _weights(a))
        return {"outputs": _read_output(self, states, a["Wy"], a["by"], a["activation"])}

    def _one_to_many(self, a: Arguments) -> dict[str, Extended]:
        state = np.zeros(a["Wh"].shape[0], dtype=np.longdouble)
        return {"outputs": self._unroll(state, a["input_0"], _weights(a), a, feed_back=False)}

    def _encoder_decoder(self, a: Arguments) -> dict[str, Extended]:
        states = self._states(a["inputs"], _weights(a, "_encoder"))
        start = np.zeros(a["Wx_decoder"].shape[1], dtype=np.longdouble)
        outputs = self._unroll(self.read_out(states), start, _weights(a, "_decoder"), a, feed_back=True)
        return {"outputs": outputs}

    def _cell_backward(self, a: Arguments) -> dict[str, Extended]:
        state = self._cell(a)["output_t"]
        back = self.back(a["doutput_t"], state, a["input_t"], a["hidden_state_t"], _weights(a))
        return {
            "dinput_t": back.input,
            "dhidden_state_t": back.state,
            "dWx": back.weights[0],
            "dWh": back.weights[1],
            "db": back.weights[2],
        }

    def _layer_backward(self, a: Arguments) -> dict[str, Extended]:
        inputs, upstream, weights = a["inputs"], a["dtotal_hidden_states"], _weights(a)
        start = self.start(rnn.zero_state(inputs, weights[1]), a.get("hidden_state_0"))
        states = self.run(self, inputs, start, weights)
        before = np.concatenate([start[..., None, :], states[..., :-1, :]], axis=-2)
        later = np.zeros_like(start)
        steps: list[Back] = []
        for t in reversed(range(inputs.shape[-2])):
            total = self.from_later(upstream[..., t, :], later)
            steps.append(self.back(total, states[..., t, :], inputs[..., t, :], before[..., t, :], weights))
            later = steps[-1].state
        Wx, Wh, b = (self.summed([step.weights[i] for step in steps]) for i in range(3))
        dinputs = np.stack([step.input for step in reversed(steps)], axis=-2)
        return {"dinputs": dinputs, "dhidden_state_0": later, "dWx": Wx, "dWh": Wh, "db": b}

    def back(self, gradient: Extended, state: Extended, x: Extended, before: Extended, weights: Weights) -> "Back":
        """Take a gradient back through one step."""
        Wx, Wh, _ = weights
        da = gradient * self.slope(state)
        flat = da.reshape(-1, da.shape[-1])
        of_weights = (
            flat.T @ x.reshape(-1, x.shape[-1]),
            flat.T @ before.reshape(-1, before.shape[-1]),
            flat.sum(axis=0),
        )
        return Back(da @ Wx, self.to_state(da, Wh), of_weights)

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
#: The parts that only a backward pass has.
BACKWARD_PARTS = frozenset({"slope", "to_state", "from_later", "summed"})
