import numpy as np


def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    """One step of the RNN."""
    # TODO: your code here
    pass


def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    """All steps of the RNN."""
    # TODO: your code here
    pass
