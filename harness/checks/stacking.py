"""Timestep stacking: one row for each input, in order, each computed from the one before it."""

from functools import partial

import numpy as np

from harness.checks.framework import PASSED, Answers, ScriptAnswers, Verdict, check
from harness.checks.numerics import initial_state, residual
from harness.compare import Comparison, Expectation, compare
from harness.convention import time_axis
from harness.model import Case, NotAnArray, Outcome, Value
from harness.words import say


@check("stacking.first-row", asks=("layer.one-timestep", "layer.plain", "layer.square"))
def first_row(answers: Answers) -> Verdict:
    """the first row is the state after the first input, from an initial state of zeros"""
    return answers.judge_each(partial(answers.once, _compare_first_row))


@first_row.on_script
def _(answers: ScriptAnswers) -> Verdict:
    return residual(answers, first=0, last=1)


@check("stacking.rows-in-order", asks=("layer.no-recurrence",))
def rows_in_order(answers: Answers) -> Verdict:
    """row t belongs to input t"""
    return answers.all_within()


@check(
    "stacking.state-is-carried",
    asks=("layer.by-hand", "layer.impulse", "layer.one-unit", "layer.plain", "layer.square", "layer.drawn-[0-9]*"),
)
def state_is_carried(answers: Answers) -> Verdict:
    """each hidden state is computed from the one before it"""
    return answers.all_within()


@state_is_carried.on_script
def _(answers: ScriptAnswers) -> Verdict:
    if failure := answers.first_failure():
        return failure
    if not any(_shows_carrying(reply.named.get("Wh"), reply.named.get("inputs")) for reply in answers.replies):
        message = say(
            "the script's own Wh is zero, or it has one timestep, so nothing shows whether the state is carried"
        )
        return Verdict(Outcome.NOT_APPLICABLE, message)
    return residual(answers, first=1, last=None)


def _shows_carrying(Wh: Value | None, inputs: Value | None) -> bool:
    if not isinstance(Wh, np.ndarray) or not isinstance(inputs, np.ndarray):
        return True  # the residual says what is wrong with them
    return bool(np.any(Wh != 0)) and inputs.shape[:1] > (1,)


@check(
    "stacking.initial-state",
    asks=(
        "layer.by-hand-initial-state",
        "layer.initial-state-one-step",
        "layer.initial-state-square",
        "layer.initial-state",
        "layer.drawn-with-hidden-state-0-*",
    ),
)
def initial(answers: Answers) -> Verdict:
    """an initial state that is given is where the first step starts"""
    return answers.judge_each(partial(answers.once, _compare_first_row))


def _compare_first_row(answers: Answers, case: Case, value: Value) -> Comparison:
    """Compare the first row alone: what becomes of it later is the subject of other checks."""
    axis = time_axis(case, answers.assignment)
    if isinstance(value, NotAnArray) or value.shape != case.expected.shape or axis is None:
        return answers.compare(case, value)
    right, allowed, single = (one.take([0], axis) for one in (case.expected, case.allowed, case.allowed_single))
    return compare(value.take([0], axis), Expectation(case.part, right, allowed, single, axis))


@initial.on_script
def _(answers: ScriptAnswers) -> Verdict:
    """Where a script starts from, as it stands: zeros, in the shape of one state."""
    if failure := answers.first_failure():
        return failure
    reply = answers.replies[0]
    b = answers.arrays(reply, "b")
    if isinstance(b, Verdict):
        return b
    state = initial_state(answers, reply, b[0])
    if isinstance(state, Verdict):
        return state
    return Verdict(Outcome.FAILED, say("hidden_state_t does not start as zeros")) if np.any(state != 0) else PASSED


@check("stacking.long-sequence", asks=("layer.long",))
def long_sequence(answers: Answers) -> Verdict:
    """in a sequence of 200 steps with expanding weights, every step follows from the step before"""
    return answers.all_within()
