import numpy as np


def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    return np.tanh(Wx @ input_t + Wh @ hidden_state_t + b)


def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    return total_hidden_states
