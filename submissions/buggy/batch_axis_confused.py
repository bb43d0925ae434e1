"""The axis of the batch is taken for the axis of time."""
import numpy as np


def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    return np.tanh(np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b)


def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    hidden_state_t = np.zeros(b.shape) if hidden_state_0 is None else hidden_state_0
    total_hidden_states = []
    for input_t in inputs:  # finding: batch-axis-confused
        hidden_state_t = rnn_cell(input_t, hidden_state_t, Wx, Wh, b)
        total_hidden_states.append(hidden_state_t)
    return np.stack(total_hidden_states, axis=0)
