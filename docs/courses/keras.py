import numpy as np


def simple_rnn_cell(inputs, states, kernel, recurrent_kernel, bias):
    return np.tanh(inputs @ kernel + states @ recurrent_kernel + bias)


def simple_rnn(inputs, kernel, recurrent_kernel, bias, initial_state=None, return_sequences=False):
    batch, timesteps, _ = inputs.shape
    units = kernel.shape[1]
    state = np.zeros((batch, units)) if initial_state is None else initial_state
    outputs = np.empty((batch, timesteps, units))
    for t in range(timesteps):
        state = simple_rnn_cell(inputs[:, t], state, kernel, recurrent_kernel, bias)
        outputs[:, t] = state
    return outputs if return_sequences else outputs[:, -1]
