import numpy as np


class RNN:
    def __init__(self, input_size, hidden_size):
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.Wx = np.random.random((hidden_size, input_size))
        self.Wh = np.random.random((self.hidden_size, self.input_size))  # finding: wh-shape
        self.b = np.random.random(hidden_size)

    def step(self, x, h):
        return np.tanh(x @ self.Wx.T + h @ self.Wh.T + self.b)

    def forward(self, inputs, h=None):
        h = np.zeros(inputs.shape[:-2] + self.b.shape) if h is None else h
        states = []
        for t in range(inputs.shape[-2]):
            h = self.step(inputs[..., t, :], h)
            states.append(h)
        return np.stack(states, axis=-2)
