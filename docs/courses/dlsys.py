"""The module."""

import numpy as np
from needle import init, ops

from .nn_basic import Module, Parameter


class RNNCell(Module):
    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh", device=None, dtype="float32"):
        super().__init__()
        self.hidden_size = hidden_size
        self.bias = bias
        self.nonlinearity = nonlinearity
        bound = np.sqrt(1 / hidden_size)
        options = {"low": -bound, "high": bound, "device": device, "dtype": dtype, "requires_grad": True}
        self.W_ih = Parameter(init.rand(input_size, hidden_size, **options))
        self.W_hh = Parameter(init.rand(hidden_size, hidden_size, **options))
        self.bias_ih = Parameter(init.rand(hidden_size, **options)) if bias else None
        self.bias_hh = Parameter(init.rand(hidden_size, **options)) if bias else None

    def forward(self, X, h=None):
        batch_size = X.shape[0]
        if h is None:
            h = init.zeros(batch_size, self.hidden_size, device=X.device, dtype=X.dtype)
        out = X @ self.W_ih + h @ self.W_hh
        if self.bias:
            bias = self.bias_ih + self.bias_hh
            out = out + bias.reshape((1, self.hidden_size)).broadcast_to(out.shape)
        return ops.tanh(out) if self.nonlinearity == "tanh" else ops.relu(out)


class RNN(Module):
    def __init__(
        self, input_size, hidden_size, num_layers=1, bias=True, nonlinearity="tanh", device=None, dtype="float32"
    ):
        super().__init__()
        self.num_layers = num_layers
        self.hidden_size = hidden_size
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        self.rnn_cells = [RNNCell(size, hidden_size, bias, nonlinearity, device, dtype) for size in sizes]

    def forward(self, X, h0=None):
        seq_len, batch_size, _ = X.shape
        if h0 is None:
            h = [init.zeros(batch_size, self.hidden_size, device=X.device, dtype=X.dtype)] * self.num_layers
        else:
            h = list(ops.split(h0, 0))
        outputs = []
        for x in ops.split(X, 0):
            for i, cell in enumerate(self.rnn_cells):
                h[i] = cell(x, h[i])
                x = h[i]
            outputs.append(x)
        return ops.stack(outputs, 0), ops.stack(h, 0)
