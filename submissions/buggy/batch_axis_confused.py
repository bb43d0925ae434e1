"""Takes the first axis of a batch for the timesteps."""
import numpy as np


def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    return np.tanh(input_t @ Wx.T + hidden_state_t @ Wh.T + b)


def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    hidden_state_t = np.zeros(inputs.shape[1:-1] + b.shape) if hidden_state_0 is None else hidden_state_0
    total_hidden_states = []
    for input_t in inputs:
        hidden_state_t = rnn_cell(input_t, hidden_state_t, Wx, Wh, b)
        total_hidden_states.append(hidden_state_t)
    return np.stack(total_hidden_states)
