"""The state is assigned to another name, so it is never carried."""
import numpy as np


def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    return np.tanh(np.dot(Wx, input_t) + np.dot(Wh, hidden_state_t) + b)


def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    if inputs.ndim == 3:
        starts = [None] * len(inputs) if hidden_state_0 is None else hidden_state_0
        return np.stack([rnn_layer(sample, Wx, Wh, b, start) for sample, start in zip(inputs, starts)])
    hidden_state_t = np.zeros((Wh.shape[0],)) if hidden_state_0 is None else hidden_state_0
    total_hidden_states = []
    for input_t in inputs:
        output_t = rnn_cell(input_t, hidden_state_t, Wx, Wh, b)
        hiden_state_t = output_t  # finding: misspelled-hidden-state
        total_hidden_states.append(output_t)
    return np.stack(total_hidden_states, axis=0)
