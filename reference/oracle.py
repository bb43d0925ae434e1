"""The same questions, asked of PyTorch in float64: a second opinion that shares no code with `rnn`.

Torch is imported when the first question is asked, not before: it costs over a second, and the grader keeps what
the oracle said (see `harness.bank`).
"""

import importlib.metadata
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

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
    import torch

    layer = torch.nn.RNN(Wx.shape[1], Wx.shape[0], batch_first=batch_first, dtype=torch.float64, device=device)
    weights = {"weight_ih_l0": Wx, "weight_hh_l0": Wh, "bias_ih_l0": b / 3, "bias_hh_l0": b - b / 3}
    layer.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in weights.items()})
    batched = inputs.ndim == 3
    sequence = torch.from_numpy(np.array(inputs)).to(device)
    if batched and not batch_first:
        sequence = sequence.transpose(0, 1)
    state = None if hidden_state_0 is None else torch.from_numpy(np.array(hidden_state_0)).to(device)[None]
    with torch.no_grad():
        states, _ = layer(sequence, state)
    if batched and not batch_first:
        states = states.transpose(0, 1)
    return _to_numpy(states)


def rnn_cell(
    input_t: Doubles, hidden_state_t: Doubles, Wx: Doubles, Wh: Doubles, b: Doubles, *, device: str = "cpu"
) -> Doubles:
    """Ask `torch.nn.RNN` for one step: ``(D,)`` and ``(H,)`` to ``(H,)``."""
    output_t: Doubles = rnn_layer(input_t[None], Wx, Wh, b, hidden_state_t, device=device)[0]
    return output_t


def output_layer(h: Doubles, Wy: Doubles, by: Doubles, activation: str, *, device: str = "cpu") -> Doubles:
    """Ask `torch.nn.functional.linear` and torch's sigmoid or softmax: ``(..., H)`` to ``(..., O)``."""
    import torch

    on_device = [torch.from_numpy(np.array(array)).to(device) for array in (h, Wy, by)]
    logits = torch.nn.functional.linear(*on_device)
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


def _to_numpy(tensor: "torch.Tensor") -> Doubles:
    array: Doubles = tensor.detach().cpu().numpy()
    return array
