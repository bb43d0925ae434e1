import numpy as np


def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    return np.tanh(np.dot(input_t, Wx) + np.dot(hidden_state_t, Wh) + b)  # finding: other-convention


def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    hidden_state_t = np.zeros(inputs.shape[:-2] + b.shape)
    if hidden_state_0 is not None:
        hidden_state_t = hidden_state_0
    total_hidden_states = []
    for t in range(inputs.shape[-2]):
        output_t = rnn_cell(inputs[..., t, :], hidden_state_t, Wx, Wh, b)
        total_hidden_states.append(output_t)
        hidden_state_t = output_t
    return np.stack(total_hidden_states, axis=-2)
