"""The cell's formula, ``h_t = tanh(Wx·x_t + Wh·h_{t-1} + b)``: each term alone, all together, and at the extremes."""

import numpy as np

from harness.cases import expect_step_by_step
from harness.checks.framework import PASSED, Answers, ScriptAnswers, Verdict, check
from harness.compare import Expectation, compare, shape_problem
from harness.model import Doubles, Outcome, Reply
from harness.words import say


@check("numerics.input-term", asks=("cell.only-input", "cell.square-only-input"))
def input_term(answers: Answers) -> Verdict:
    """the input enters the new state through Wx"""
    return answers.all_within()


@check("numerics.recurrent-term", asks=("cell.only-state", "cell.square-only-state"))
def recurrent_term(answers: Answers) -> Verdict:
    """the state before enters the new state through Wh"""
    return answers.all_within()


@check("numerics.bias-term", asks=("cell.only-bias",))
def bias_term(answers: Answers) -> Verdict:
    """the bias is added once, inside the tanh"""
    return answers.all_within()


@check(
    "numerics.cell",
    asks=("cell.by-hand", "cell.plain", "cell.one-unit", "cell.wide", "cell.square", "cell.tiny", "cell.drawn-*"),
)
def cell(answers: Answers) -> Verdict:
    """one step is tanh(Wx·x + Wh·h + b), exact up to rounding"""
    return answers.all_within()


@cell.on_script
def _(answers: ScriptAnswers) -> Verdict:
    return residual(answers, first=0, last=1)


@check("numerics.saturation", asks=("cell.saturated", "cell.overflowing"))
def saturation(answers: Answers) -> Verdict:
    """large sums give a state near 1 or -1, and neither overflow nor NaN"""
    return answers.all_within()


def residual(answers: ScriptAnswers, first: int, last: int | None) -> Verdict:
    """Judge rows of a script by one reference step from its own row before, with its own weights."""
    if failure := answers.first_failure():
        return failure
    for reply in answers.replies:
        found = answers.arrays(reply, "inputs", "Wx", "Wh", "b", "total_hidden_states")
        if isinstance(found, Verdict):
            return found
        inputs, Wx, Wh, b, states = found
        initial = initial_state(answers, reply, b)
        if isinstance(initial, Verdict):
            return initial
        if b.ndim != 1 or Wx.shape != (b.size, *inputs.shape[1:]) or Wh.shape != (b.size, b.size) or inputs.ndim != 2:
            shapes = f"inputs {inputs.shape}, Wx {Wx.shape}, Wh {Wh.shape}, b {b.shape}"
            return Verdict(Outcome.FAILED, say("inputs and weights do not fit together: {shapes}", shapes=shapes))
        if problem := shape_problem(states, (len(inputs), b.size), "total_hidden_states"):
            return Verdict(Outcome.FAILED, problem)
        if not np.isfinite(states).all():
            return Verdict(Outcome.FAILED, say("total_hidden_states has numbers that are not finite"))
        expected = expect_step_by_step(inputs, (Wx, Wh, b), initial, states)
        rows = slice(first, last)
        comparison = compare(
            states[rows],
            Expectation("total_hidden_states", expected[0][rows], expected[1][rows], expected[2][rows], time_axis=0),
        )
        if comparison.problem:
            problem = comparison.problem
            if first:
                problem = say("counted from row {first}, {what}", first=first, what=problem)
            return Verdict(Outcome.FAILED, problem, comparison.counterexample)
    return PASSED


def initial_state(answers: ScriptAnswers, reply: Reply, b: Doubles) -> Doubles | Verdict:
    """The script's own initial state; zeros where it has none."""
    if "hidden_state_t" not in reply.named:
        return np.zeros(b.shape)
    found = answers.arrays(reply, "hidden_state_t")
    if isinstance(found, Verdict):
        return found
    if found[0].shape != b.shape:
        message = say(
            "{name} has shape {got}, but should have {want}", name="hidden_state_t", got=found[0].shape, want=b.shape
        )
        return Verdict(Outcome.FAILED, message)
    initial: Doubles = found[0]
    return initial
