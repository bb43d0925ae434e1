import numpy as np


def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    a = np.matmul(input_t, Wx.T) + np.matmul(hidden_state_t, Wh.T) + b
    return np.tanh(a.astype(np.float32))


def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    inputs, Wx, Wh, b = (np.asarray(a, dtype=np.float32) for a in (inputs, Wx, Wh, b))
    shape = inputs.shape[:-2] + (Wh.shape[0],)
    h = np.zeros(shape, dtype=np.float32) if hidden_state_0 is None else hidden_state_0.astype(np.float32)
    out = np.zeros(inputs.shape[:-1] + (Wh.shape[0],), dtype=np.float32)
    for t in range(inputs.shape[-2]):
        h = rnn_cell(inputs[..., t, :], h, Wx, Wh, b)
        out[..., t, :] = h
    return out
