#!/usr/bin/env python3
"""RNN cell and forward propagation"""

import numpy as np


class RNNCell:
    """A cell of a simple RNN"""

    def __init__(self, i, h, o):
        """i: inputs, h: hidden state, o: outputs"""
        self.Wh = np.random.normal(size=(i + h, h))
        self.Wy = np.random.normal(size=(h, o))
        self.bh = np.zeros((1, h))
        self.by = np.zeros((1, o))

    def forward(self, h_prev, x_t):
        """One time step"""
        concat = np.concatenate((h_prev, x_t), axis=1)
        h_next = np.tanh(np.matmul(concat, self.Wh) + self.bh)
        z = np.matmul(h_next, self.Wy) + self.by
        y = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)
        return h_next, y


def rnn(rnn_cell, X, h_0):
    """Forward propagation over all time steps"""
    t, m, i = X.shape
    h = h_0.shape[1]
    o = rnn_cell.by.shape[1]
    H = np.zeros((t + 1, m, h))
    Y = np.zeros((t, m, o))
    H[0] = h_0
    for step in range(t):
        H[step + 1], Y[step] = rnn_cell.forward(H[step], X[step])
    return H, Y
