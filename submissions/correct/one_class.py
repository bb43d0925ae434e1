import numpy as np


class VanillaRNN:
    """A layer that keeps its parameters in a dict, and knows no cell of its own."""

    def __init__(self, input_dim, hidden_dim, seed=0):
        rng = np.random.default_rng(seed)
        self.params = {
            "W_xh": rng.normal(size=(hidden_dim, input_dim)),
            "W_hh": rng.normal(size=(hidden_dim, hidden_dim)),
            "b_h": np.zeros(hidden_dim),
        }

    def __call__(self, inputs, hidden_state=None):
        p = self.params
        hidden_size = p["W_hh"].shape[0]
        if hidden_state is None:
            hidden_state = np.zeros((*inputs.shape[:-2], hidden_size))
        total_hidden_states = np.zeros((*inputs.shape[:-1], hidden_size))
        for t in range(inputs.shape[-2]):
            hidden_state = np.tanh(inputs[..., t, :] @ p["W_xh"].T + hidden_state @ p["W_hh"].T + p["b_h"])
            total_hidden_states[..., t, :] = hidden_state
        return total_hidden_states
