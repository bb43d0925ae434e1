"""The loop runs one step too few: the last timestep is left out, or the first."""
import numpy as np


def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    return np.tanh(np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b)


def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    timesteps = inputs.shape[-2]
    hidden_state_t = np.zeros(inputs.shape[:-2] + b.shape)
    if hidden_state_0 is not None:
        hidden_state_t = hidden_state_0
    total_hidden_states = np.zeros(inputs.shape[:-1] + b.shape)
    for t in range(timesteps - 1):  # finding: step-left-out
        hidden_state_t = rnn_cell(inputs[..., t, :], hidden_state_t, Wx, Wh, b)
        total_hidden_states[..., t, :] = hidden_state_t
    return total_hidden_states
