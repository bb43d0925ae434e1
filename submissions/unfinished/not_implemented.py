import numpy as np


class RNN:
    def __init__(self, input_size, hidden_size):
        self.Wx = np.zeros((hidden_size, input_size))
        self.Wh = np.zeros((hidden_size, hidden_size))
        self.b = np.zeros(hidden_size)

    def forward(self, inputs, hidden_state_0=None):
        raise NotImplementedError("write me")
