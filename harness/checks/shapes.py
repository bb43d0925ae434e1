"""Shape conventions: what comes back, and what the hand-in makes itself, has the axes that were agreed."""

from collections.abc import Mapping

import numpy as np

from harness.checks.framework import PASSED, Answers, ScriptAnswers, Verdict, check
from harness.compare import not_an_array
from harness.convention import canonical_axes
from harness.model import NotAnArray, Outcome, ReplyKind, Value
from harness.words import Words, say


@check("shapes.cell-output", asks=("cell.plain", "cell.one-unit", "cell.wide", "cell.square"))
def cell_output(answers: Answers) -> Verdict:
    """the cell returns one hidden state, of shape (hidden_size,)"""
    return answers.all_shaped()


@check(
    "shapes.layer-output",
    asks=("layer.plain", "layer.square", "layer.one-timestep", "layer.one-unit", "layer.no-recurrence"),
)
def layer_output(answers: Answers) -> Verdict:
    """the layer returns one row for each timestep, (timesteps, hidden_size)"""
    return answers.all_shaped()


@layer_output.on_script
def _(answers: ScriptAnswers) -> Verdict:
    if failure := answers.first_failure():
        return failure
    for reply in answers.replies:
        found = answers.arrays(reply, "total_hidden_states", "inputs", "b")
        if isinstance(found, Verdict):
            return found
        states, inputs, b = found
        expected = (inputs.shape[0], b.shape[0]) if inputs.ndim and b.ndim else ()
        if states.shape != expected:
            name = "total_hidden_states"
            message = say("{name} has shape {got}, but should have {want}", name=name, got=states.shape, want=expected)
            return Verdict(Outcome.FAILED, message)
    return PASSED


@check("shapes.own-weights", weights=True)
def own_weights(answers: Answers) -> Verdict:
    """the weights that the hand-in makes itself have the agreed shapes: Wx (H, D), Wh (H, H), b (H,)"""
    reply = answers.own_weights
    if reply is None:
        return Verdict(Outcome.NOT_APPLICABLE, say("the hand-in makes no weights itself"))
    if reply.kind is not ReplyKind.RETURNED:
        return Verdict(Outcome.RAISED, say("making the weights raised {what}", what=reply.message))
    made = [word for word in answers.assignment.weights if word in reply.named]
    if not made:
        return Verdict(Outcome.NOT_APPLICABLE, say("the hand-in makes no weights itself"))
    for word in made:
        sizes = reply.named.get(f"sizes_of_{word}")
        if isinstance(sizes, NotAnArray) or sizes is None or sizes.shape != (2,):
            continue
        if problem := weight_problem(
            word, reply.named[word], int(sizes[0]), int(sizes[1]), answers.assignment.convention
        ):
            return Verdict(Outcome.FAILED, problem)
    return PASSED


@own_weights.on_script
def _(answers: ScriptAnswers) -> Verdict:
    seen = False
    for reply in answers.replies:
        inputs, b = reply.named.get("inputs"), reply.named.get("b")
        sizes = _sizes(reply.named, inputs, b)
        for word in answers.assignment.weights:
            if word in reply.named and sizes:
                seen = True
                if problem := weight_problem(word, reply.named[word], *sizes, answers.assignment.convention):
                    return Verdict(Outcome.FAILED, problem)
    if seen:
        return PASSED
    return answers.first_failure() or Verdict(Outcome.FAILED, say("the script makes no weights before its loop"))


def _sizes(named: Mapping[str, Value], inputs: Value | None, b: Value | None) -> tuple[int, int] | None:
    """``(D, H)`` of a script run: what its own size variables say, else what its inputs and bias have."""
    sizes = named.get("sizes")
    if isinstance(sizes, np.ndarray) and sizes.shape == (2,) and (sizes > 0).all():
        return int(sizes[0]), int(sizes[1])
    if isinstance(inputs, np.ndarray) and isinstance(b, np.ndarray) and inputs.ndim == 2 and b.ndim == 1:
        return inputs.shape[1], b.shape[0]
    return None


def weight_problem(word: str, value: Value, D: int, H: int, convention: Mapping[str, str]) -> Words | None:
    """Say how a weight's shape departs from the convention, or None."""
    length = {"D": D, "H": H, "H_before": H, "1": 1}
    axes = (convention.get(word) or " ".join(canonical_axes(word))).split()
    expected = tuple(length[axis] for axis in axes)
    if isinstance(value, NotAnArray):
        return not_an_array(word, value, expected)
    if value.shape == expected:
        return None
    names = {"D": "input_size", "H": "hidden_size", "H_before": "hidden_size", "1": "1"}
    words = ", ".join(names[axis] for axis in axes) + ("," if len(axes) == 1 else "")
    return say(
        "{name} has shape {got}, but should have {want}, that is ({sizes})",
        name=word,
        got=value.shape,
        want=expected,
        sizes=words,
    )
