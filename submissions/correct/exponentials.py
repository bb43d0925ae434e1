"""tanh by exponentials, written so that it does not overflow, and a bias in two halves."""
import numpy as np


def my_tanh(a):
    e = np.exp(-2 * np.abs(a))
    return np.sign(a) * (1 - e) / (1 + e)


def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    from_input = (Wx * input_t).sum(axis=1) + b / 2
    from_state = (Wh * hidden_state_t).sum(axis=1) + b / 2
    return my_tanh(from_input + from_state)


def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    if np.ndim(inputs) == 3:
        n = len(inputs)
        return np.array([rnn_layer(inputs[i], Wx, Wh, b, None if hidden_state_0 is None else hidden_state_0[i]) for i in range(n)])
    state = np.zeros(np.shape(Wh)[0])
    if hidden_state_0 is not None:
        state = state + hidden_state_0
    rows = ()
    for row in inputs:
        state = rnn_cell(row, state, Wx, Wh, b)
        rows = rows + (state,)
    return np.vstack(rows)
