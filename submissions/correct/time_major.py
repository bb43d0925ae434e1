"""Turns the batch to (T, N, D), works there, and turns it back."""
import numpy as np

unused = [0, 1, 2]


def rnn_step(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(b + Wh.dot(prev_h.T).T + Wx.dot(x.T).T)
    return next_h


def rnn_forward(x, Wx, Wh, b, h0=None):
    batched = len(x.shape) == 3
    xt = np.transpose(x, (1, 0, 2)) if batched else x
    h = h0 if h0 is not None else (np.zeros((x.shape[0], Wh.shape[0])) if batched else np.zeros(Wh.shape[0]))
    hidden_states = [rnn_step(xt[0], h, Wx, Wh, b)]
    for x_t in xt[1:]:
        hidden_states += [rnn_step(x_t, hidden_states[-1], Wx, Wh, b)]
    hidden_states = np.array(hidden_states)
    return np.transpose(hidden_states, (1, 0, 2)) if batched else hidden_states
