"""The exponentials of the softmax overflow."""
import numpy as np


def sigmoid(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))


def softmax(z):
    e = np.exp(z)  # finding: overflowing-softmax
    return e / np.sum(e, axis=-1, keepdims=True)


def rnn_cell(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx.T + h @ Wh.T + b)


def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    h = np.zeros(inputs.shape[:-2] + b.shape) if hidden_state_0 is None else hidden_state_0
    states = []
    for x in np.moveaxis(inputs, -2, 0):
        h = rnn_cell(x, h, Wx, Wh, b)
        states.append(h)
    return np.stack(states, axis=-2)


def output_layer(h, Wy, by, activation):
    z = h @ Wy.T + by
    if activation == "sigmoid":
        return sigmoid(z)
    return softmax(z)


def many_to_one(inputs, Wx, Wh, b, Wy, by, activation):
    return output_layer(rnn_layer(inputs, Wx, Wh, b)[-1], Wy, by, activation)


def many_to_many(inputs, Wx, Wh, b, Wy, by, activation):
    return output_layer(rnn_layer(inputs, Wx, Wh, b), Wy, by, activation)


def one_to_many(input_0, timesteps, Wx, Wh, b, Wy, by, activation):
    x, h, outputs = input_0, np.zeros(b.shape), []
    for _ in range(timesteps):
        h = rnn_cell(x, h, Wx, Wh, b)
        y = output_layer(h, Wy, by, activation)
        outputs.append(y)
        x = np.zeros_like(x)
    return np.stack(outputs)


def encoder_decoder(inputs, timesteps, Wxe, Whe, be, Wxd, Whd, bd, Wy, by, activation):
    h = rnn_layer(inputs, Wxe, Whe, be)[-1]
    y = np.zeros(Wxd.shape[1])
    outputs = []
    for _ in range(timesteps):
        h = rnn_cell(y, h, Wxd, Whd, bd)
        y = output_layer(h, Wy, by, activation)
        outputs.append(y)
    return np.stack(outputs)
