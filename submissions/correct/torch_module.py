import torch
from torch import nn


class HandmadeRNN(nn.Module):
    def __init__(self, input_size: int, hidden_size: int):
        super().__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size, hidden_size)
        self.h2h = nn.Linear(hidden_size, hidden_size, bias=False)

    def forward(self, inputs: torch.Tensor, hidden: torch.Tensor = None):
        if hidden is None:
            hidden = torch.zeros(*inputs.shape[:-2], self.hidden_size, dtype=inputs.dtype)
        outputs = []
        for t in range(inputs.shape[-2]):
            hidden = torch.tanh(self.i2h(inputs[..., t, :]) + self.h2h(hidden))
            outputs.append(hidden)
        return torch.stack(outputs, dim=-2), hidden
