"""A right cell and layer among what is missing, broken, slow or fails."""
import numpy as np
import matplotlib.pyplot as plt
import seaborn as sns
from rnn_utils import *
from numba import njit


class LSTM:
    def __init(self, n):
        self.gates = [n for _ in range(4)
        self.state = None

    def forward(self, x)
        return x


@njit
def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    return np.tanh(Wx @ input_t + Wh @ hidden_state_t + b)


def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    """Runs the cell.

def this is not code, but the text of a docstring
    """
    if inputs.ndim == 3:
        return np.stack([rnn_layer(x, Wx, Wh, b, None if hidden_state_0 is None else hidden_state_0[i]) for i, x in enumerate(inputs)])
    h = np.zeros(len(b)) if hidden_state_0 is None else hidden_state_0
    states = []
    for x in inputs:
        h = rnn_cell(x, h, Wx, Wh, b)
        states.append(h)
    return np.array(states)


plt.plot(rnn_layer(np.ones((3, 2)), np.ones((4, 2)), np.ones((4, 4)), np.ones(4)))
answer = input("Train now? ")
while True:
    answer = train_forever(answer)
