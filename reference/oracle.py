"""The same questions, asked of PyTorch in float64: a second opinion that shares no code with `rnn`.

Torch is imported when the first question is asked, not before: it costs over a second, and the grader keeps what
the oracle said (see `harness.bank`).
"""

import importlib.metadata
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

Doubles = NDArray[np.float64]


class OracleUnavailable(Exception):
    """Torch is missing, or the device that was asked for is."""


def torch_version() -> str:
    """Tell the installed version of torch without importing it.

    Raises
    ------
    OracleUnavailable
        When torch is not installed.
    """
    try:
        return importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        raise OracleUnavailable("torch is not installed; install it with: pip install torch") from None


def resolve_device(asked: str) -> str:
    """Turn ``auto``, ``cpu`` or ``cuda`` into the device to use.

    ``auto`` takes the GPU if torch sees one. Torch is not imported where the answer is plain without it: a CPU
    build, or no NVIDIA device file.

    Raises
    ------
    OracleUnavailable
        When ``cuda`` is asked for and there is none.
    """
    version = torch_version()
    if asked == "cpu":
        return "cpu"
    possible = "+cpu" not in version and (Path("/dev/nvidiactl").exists() or not Path("/dev").exists())
    if possible:
        import torch

        possible = torch.cuda.is_available()
    if asked == "cuda" and not possible:
        raise OracleUnavailable(f"no CUDA device is available to torch {version}; use --device cpu or --device auto")
    return "cuda" if possible else "cpu"


def rnn_layer(
    inputs: Doubles,
    Wx: Doubles,
    Wh: Doubles,
    b: Doubles,
    hidden_state_0: Doubles | None = None,
    *,
    device: str = "cpu",
    batch_first: bool = True,
    nonlinearity: str = "tanh",
) -> Doubles:
    """Ask `torch.nn.RNN` for all hidden states.

    Parameters
    ----------
    inputs : (T, D) or (N, T, D)
    Wx, Wh, b : (H, D), (H, H), (H,)
        The bias is split over torch's two, ``b_ih = b/3`` and ``b_hh = b − b/3``, so that both are in use.
    hidden_state_0 : (H,) or (N, H), optional
    device : ``cpu`` or ``cuda``
    batch_first : which of torch's two layouts to go through; the answer must not depend on it.

    Returns
    -------
    (T, H) or (N, T, H)
    """
    weights = {"": (Wx, Wh, b)}
    initial = None if hidden_state_0 is None else hidden_state_0[None]
    return _run(inputs, weights, initial, device=device, batch_first=batch_first, nonlinearity=nonlinearity)[0]


def stacked_layers(
    inputs: Doubles,
    weights: list[tuple[Doubles, Doubles, Doubles]],
    hidden_states_0: Doubles | None = None,
    *,
    device: str = "cpu",
    nonlinearity: str = "tanh",
) -> tuple[Doubles, Doubles]:
    """Ask a `torch.nn.RNN` of several layers for the states of the highest, and the last states of all."""
    by_name = {str(layer): one for layer, one in enumerate(weights)}
    return _run(inputs, by_name, hidden_states_0, device=device, nonlinearity=nonlinearity)


def bidirectional_layer(
    inputs: Doubles,
    forward: tuple[Doubles, Doubles, Doubles],
    backward: tuple[Doubles, Doubles, Doubles],
    hidden_states_0: Doubles | None = None,
    *,
    device: str = "cpu",
    nonlinearity: str = "tanh",
) -> Doubles:
    """Ask a bidirectional `torch.nn.RNN`: ``(..., T, D)`` to ``(..., T, 2·H)``."""
    weights = {"": forward, "_reverse": backward}
    return _run(inputs, weights, hidden_states_0, device=device, nonlinearity=nonlinearity)[0]


def masked_layer(
    inputs: Doubles,
    lengths: NDArray[np.integer[Any]],
    Wx: Doubles,
    Wh: Doubles,
    b: Doubles,
    hidden_state_0: Doubles | None = None,
    *,
    device: str = "cpu",
    nonlinearity: str = "tanh",
) -> tuple[Doubles, Doubles]:
    """Ask `torch.nn.RNN` about a packed sequence: all states, padded with zeros, and each sample's last."""
    import torch
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    layer = _module({"": (Wx, Wh, b)}, device, True, nonlinearity)
    sequence = torch.from_numpy(np.array(inputs)).to(device)
    packed = pack_padded_sequence(sequence, torch.from_numpy(lengths), batch_first=True, enforce_sorted=False)
    state = None if hidden_state_0 is None else torch.from_numpy(np.array(hidden_state_0)).to(device)[None]
    with torch.no_grad():
        states, last = layer(packed, state)
    padded, _ = pad_packed_sequence(states, batch_first=True, total_length=inputs.shape[1])
    return _to_numpy(padded), _to_numpy(last[0])


def rnn_cell_backward(
    input_t: Doubles,
    hidden_state_t: Doubles,
    Wx: Doubles,
    Wh: Doubles,
    b: Doubles,
    doutput_t: Doubles,
    *,
    device: str = "cpu",
) -> tuple[Doubles, ...]:
    """Ask torch's autograd for the gradients of one step, by `torch.nn.RNNCell`: input, state, Wx, Wh, b."""
    import torch

    cell = torch.nn.RNNCell(Wx.shape[1], Wx.shape[0], dtype=torch.float64, device=device)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in _parameters("_l0", Wx, Wh, b).items()})
    x, h = (torch.from_numpy(np.array(one)).to(device).requires_grad_() for one in (input_t, hidden_state_t))
    cell(x, h).backward(torch.from_numpy(np.array(doutput_t)).to(device))
    return tuple(_gradient(one) for one in (x, h, cell.weight_ih, cell.weight_hh, cell.bias_hh))


def rnn_layer_backward(
    inputs: Doubles,
    Wx: Doubles,
    Wh: Doubles,
    b: Doubles,
    dtotal_hidden_states: Doubles,
    hidden_state_0: Doubles | None = None,
    *,
    device: str = "cpu",
) -> tuple[Doubles, ...]:
    """Ask torch's autograd for the gradients of `torch.nn.RNN`: inputs, initial state, Wx, Wh, b."""
    import torch

    layer = _module({"": (Wx, Wh, b)}, device, True, "tanh")
    start = np.zeros((*inputs.shape[:-2], Wh.shape[0])) if hidden_state_0 is None else hidden_state_0
    sequence, state = (torch.from_numpy(np.array(one)).to(device).requires_grad_() for one in (inputs, start))
    states, _ = layer(sequence, state[None])
    states.backward(torch.from_numpy(np.array(dtotal_hidden_states)).to(device))
    weights = dict(layer.named_parameters())
    gradients = [weights[name] for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0")]
    return tuple(_gradient(one) for one in (sequence, state, *gradients))


def rnn_cell(
    input_t: Doubles,
    hidden_state_t: Doubles,
    Wx: Doubles,
    Wh: Doubles,
    b: Doubles,
    *,
    device: str = "cpu",
    nonlinearity: str = "tanh",
) -> Doubles:
    """Ask `torch.nn.RNN` for one step: ``(..., D)`` and ``(..., H)`` to ``(..., H)``."""
    inputs = input_t[..., None, :]
    output_t: Doubles = rnn_layer(inputs, Wx, Wh, b, hidden_state_t, device=device, nonlinearity=nonlinearity)[
        ..., 0, :
    ]
    return output_t


def output_layer(h: Doubles, Wy: Doubles, by: Doubles, activation: str, *, device: str = "cpu") -> Doubles:
    """Ask `torch.nn.functional.linear` and torch's sigmoid or softmax: ``(..., H)`` to ``(..., O)``."""
    import torch

    on_device = [torch.from_numpy(np.array(array)).to(device) for array in (h, Wy, by)]
    logits = torch.nn.functional.linear(*on_device)
    if activation == "linear":
        return _to_numpy(logits)
    return _to_numpy(torch.sigmoid(logits) if activation == "sigmoid" else torch.softmax(logits, dim=-1))


def unroll(
    hidden_state: Doubles,
    input_t: Doubles,
    timesteps: int,
    weights: tuple[Doubles, Doubles, Doubles],
    output: tuple[Doubles, Doubles, str],
    feed_back: bool,
    *,
    device: str = "cpu",
) -> Doubles:
    """Unroll outputs from one input, one call of torch for each step: to ``(timesteps, O)``."""
    outputs: list[Doubles] = []
    for _ in range(timesteps):
        hidden_state = rnn_cell(input_t, hidden_state, *weights, device=device)
        output_t = output_layer(hidden_state, *output, device=device)
        outputs.append(output_t)
        input_t = output_t if feed_back else np.zeros_like(input_t)
    return np.stack(outputs, axis=-2)


Layers = Mapping[str, tuple[Doubles, Doubles, Doubles]]


def _run(
    inputs: Doubles,
    weights: Layers,
    hidden_states_0: Doubles | None,
    *,
    device: str,
    batch_first: bool = True,
    nonlinearity: str = "tanh",
) -> tuple[Doubles, Doubles]:
    """All states of the highest layer, and the last states of each: ``(..., T, H)`` and ``(L, ..., H)``."""
    import torch

    layer = _module(weights, device, batch_first, nonlinearity)
    time_first = inputs.ndim == 3 and not batch_first
    sequence = torch.from_numpy(np.array(inputs)).to(device)
    state = None if hidden_states_0 is None else torch.from_numpy(np.array(hidden_states_0)).to(device)
    with torch.no_grad():
        states, last = layer(sequence.transpose(0, 1) if time_first else sequence, state)
    return _to_numpy(states.transpose(0, 1) if time_first else states), _to_numpy(last)


def _module(weights: Layers, device: str, batch_first: bool, nonlinearity: str) -> "torch.nn.RNN":
    """Build the module; names are ``""``, ``_reverse`` for the other direction, or the numbers of layers."""
    import torch

    Wx = next(iter(weights.values()))[0]
    layer = torch.nn.RNN(
        Wx.shape[1],
        Wx.shape[0],
        num_layers=1 if "" in weights else len(weights),
        nonlinearity=nonlinearity,
        bidirectional="_reverse" in weights,
        batch_first=batch_first,
        dtype=torch.float64,
        device=device,
    )
    state: dict[str, torch.Tensor] = {}
    for name, one in weights.items():
        state |= _parameters(f"_l{name}" if name.isdigit() else f"_l0{name}", *one)
    layer.load_state_dict(state)
    return layer


def _parameters(suffix: str, Wx: Doubles, Wh: Doubles, b: Doubles) -> "dict[str, torch.Tensor]":
    import torch

    weights = {"weight_ih": Wx, "weight_hh": Wh, "bias_ih": b / 3, "bias_hh": b - b / 3}
    return {f"{name}{suffix}": torch.from_numpy(np.array(value)) for name, value in weights.items()}


def _gradient(tensor: "torch.Tensor") -> Doubles:
    assert tensor.grad is not None
    return _to_numpy(tensor.grad)


def _to_numpy(tensor: "torch.Tensor") -> Doubles:
    array: Doubles = tensor.detach().cpu().numpy()
    return array
