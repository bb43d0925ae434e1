"""The samples of a batch run into each other."""
import numpy as np


def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    return np.tanh(Wx @ input_t + Wh @ hidden_state_t + b)


def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    if inputs.ndim == 2:
        return rnn_layer(inputs[None], Wx, Wh, b, hidden_state_0)[0]
    hidden_state_t = np.zeros(b.shape)
    batch = []
    for n in range(len(inputs)):  # finding: batch-mixed
        if hidden_state_0 is not None:
            hidden_state_t = hidden_state_0 if hidden_state_0.ndim == 1 else hidden_state_0[n]
        total_hidden_states = []
        for input_t in inputs[n]:
            hidden_state_t = rnn_cell(input_t, hidden_state_t, Wx, Wh, b)
            total_hidden_states.append(hidden_state_t)
        batch.append(np.stack(total_hidden_states))
    return np.stack(batch)
