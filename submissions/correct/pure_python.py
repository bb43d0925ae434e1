"""No NumPy at all: lists of floats, and math.tanh."""
import math


def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    output_t = []
    for i in range(len(b)):
        total = b[i]
        for j in range(len(input_t)):
            total += Wx[i][j] * input_t[j]
        for k in range(len(hidden_state_t)):
            total += Wh[i][k] * hidden_state_t[k]
        output_t.append(math.tanh(total))
    return output_t


def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    if len(inputs[0].shape) == 2:
        states = [None for _ in inputs] if hidden_state_0 is None else hidden_state_0
        return [rnn_layer(sample, Wx, Wh, b, state) for sample, state in zip(inputs, states)]
    hidden_state = [0.0] * len(b) if hidden_state_0 is None else list(hidden_state_0)
    total = []
    for x in inputs:
        hidden_state = rnn_cell(x, hidden_state, Wx, Wh, b)
        total.append(hidden_state)
    return total
