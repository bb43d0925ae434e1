"""Forward pass of a character-level RNN, with column vectors."""

import numpy as np


def rnn_step(x, hprev, Wxh, Whh, bh):
    return np.tanh(np.dot(Wxh, x) + np.dot(Whh, hprev) + bh)


def rnn_forward(xs, hprev, Wxh, Whh, bh):
    hs = {}
    hs[-1] = np.copy(hprev)
    for t in range(len(xs)):
        hs[t] = rnn_step(xs[t], hs[t - 1], Wxh, Whh, bh)
    return hs
