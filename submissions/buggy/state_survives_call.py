"""The hidden state outlives the call."""
import numpy as np


class RNN:
    def __init__(self, Wx, Wh, b):
        self.Wx, self.Wh, self.b = Wx, Wh, b
        self.h = np.zeros(b.shape)

    def forward(self, inputs, hidden_state_0=None):
        if hidden_state_0 is not None:  # finding: state-survives-call
            self.h = hidden_state_0
        states = []
        for t in range(inputs.shape[-2]):
            self.h = np.tanh(inputs[..., t, :] @ self.Wx.T + self.h @ self.Wh.T + self.b)
            states.append(self.h)
        return np.stack(states, axis=-2)
