import numpy as np


class RNNCell:
    def __init__(self, input_size, hidden_size):
        self.Wx = np.random.randn(hidden_size, input_size) * 0.01
        self.Wh = np.random.randn(hidden_size, hidden_size) * 0.01
        self.b = np.zeros(hidden_size)

    def forward(self, x, h):
        return np.tanh(x @ self.Wx.T + h @ self.Wh.T + self.b)


class RNN:
    def __init__(self, Wx, Wh, b):
        self.Wx, self.Wh, self.b = Wx, Wh, b
        self.cell = RNNCell(Wx.shape[1], Wx.shape[0])
        self.cell.Wx, self.cell.Wh, self.cell.b = Wx, Wh, b

    def forward(self, xs, h0=None):
        h = np.zeros(xs.shape[:-2] + (self.Wh.shape[0],)) if h0 is None else h0
        out = []
        for t in range(xs.shape[-2]):
            h = self.cell.forward(xs[..., t, :], h)
            out.append(h)
        return np.stack(out, axis=-2)
