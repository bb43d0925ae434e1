"""One matrix over [x, h], as some books write it."""
import numpy as np


def cell(input_t, hidden_state_t, Wx, Wh, b):
    W = np.concatenate([Wx, Wh], axis=1)
    xh = np.concatenate([input_t, hidden_state_t], axis=-1)
    return np.tanh(xh @ W.T + b)


def layer(inputs, Wx, Wh, b, hidden_state_0=None):
    lead = inputs.shape[:-2]
    h = np.zeros(lead + (len(b),)) if hidden_state_0 is None else np.array(hidden_state_0)
    hs = []
    for t in range(inputs.shape[-2]):
        h = cell(inputs[..., t, :], h, Wx, Wh, b)
        hs.append(h)
    return np.stack(hs, axis=-2)
