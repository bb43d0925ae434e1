"""The states are stored as integers."""
import numpy as np

def rnn_forward(x, Wx, Wh, b, h0=None):
    """Forward pass over all timesteps."""
    T = x.shape[-2]
    prev_h = np.zeros(x.shape[:-2] + (Wh.shape[0],)) if h0 is None else h0
    h = np.zeros(x.shape[:-1] + (Wh.shape[0],), dtype=int)  # finding: integer-truncation
    for t in range(T):
        prev_h = rnn_step_forward(x[..., t, :], prev_h, Wx, Wh, b)
        h[..., t, :] = prev_h
    return h

def rnn_step_forward(x, prev_h, Wx, Wh, b):
    a = x @ Wx.T + prev_h @ Wh.T + b
    next_h = np.tanh(a)
    return next_h
