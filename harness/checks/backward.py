"""The backward pass: gradients of the cell, and of the layer through time, for an upstream gradient that is random."""

from harness.checks.conduct import unchanged
from harness.checks.framework import Answers, Ask, Verdict, check


def _parts(pattern: str, *parts: str) -> tuple[str, ...]:
    return tuple(f"{pattern}:{part}" for part in parts)


@check("backward.cell-input", asks=("cell_backward.*",))
def cell_input(answers: Answers) -> Verdict:
    """one step back, the input gets dx = da·Wx, with da = dh·(1 − h²)"""
    return answers.all_within()


@check("backward.cell-state", asks=("cell_backward.*:dhidden_state_t",))
def cell_state(answers: Answers) -> Verdict:
    """one step back, the state before gets dh = da·Wh"""
    return answers.all_within()


@check("backward.cell-weights", asks=_parts("cell_backward.*", "dWx", "dWh", "db"))
def cell_weights(answers: Answers) -> Verdict:
    """one step back, each weight gets its gradient over the whole batch"""
    return answers.all_within()


@check("backward.layer-inputs", asks=("layer_backward.*",))
def layer_inputs(answers: Answers) -> Verdict:
    """each input gets what every row from its own on owes to it"""
    return answers.all_within()


@check(
    "backward.through-time",
    asks=(
        "layer_backward.only-last-row",
        "layer_backward.only-last-row:dhidden_state_0",
        "layer_backward.by-hand",
        "layer_backward.by-hand:dhidden_state_0",
    ),
)
def through_time(answers: Answers) -> Verdict:
    """a gradient of the last row alone goes back to the first input and the initial state"""
    return answers.all_within()


@check("backward.layer-initial-state", asks=("layer_backward.*:dhidden_state_0",))
def layer_initial_state(answers: Answers) -> Verdict:
    """the initial state gets what is left when the first step is undone"""
    return answers.all_within()


@check("backward.layer-weights", asks=_parts("layer_backward.*", "dWx", "dWh", "db"))
def layer_weights(answers: Answers) -> Verdict:
    """each weight gets the sum of its gradients over all timesteps and samples"""
    return answers.all_within()


@check(
    "backward.arguments-unchanged",
    asks=(Ask("layer_backward.plain", echo=True), Ask("cell_backward.plain", echo=True)),
)
def arguments_unchanged(answers: Answers) -> Verdict:
    """the upstream gradient and everything else that is given is as it was before the call"""
    return unchanged(answers)
