"""Conduct: calling twice gives the same, and what was passed in is left as it was."""

import numpy as np

from harness.checks.framework import PASSED, Answers, Ask, ScriptAnswers, Verdict, check, placed
from harness.model import NotAnArray, Outcome, ReplyKind
from harness.words import say


@check("conduct.same-call-twice", asks=(Ask("layer.plain", times=2), Ask("cell.plain", times=2)))
def same_call_twice(answers: Answers) -> Verdict:
    """the same call gives the same answer again"""
    for case, reply in answers.pairs:
        if reply.kind is ReplyKind.ABSENT:
            continue
        if reply.kind is not ReplyKind.RETURNED:
            return answers.not_returned(case, reply)
        first, second = reply.values
        if isinstance(first, NotAnArray) or isinstance(second, NotAnArray):
            return Verdict(Outcome.FAILED, say("{name} is no array of numbers", name=case.part))
        if first.shape != second.shape or not np.array_equal(first, second, equal_nan=True):
            shapes = say("{first}, then {second}", first=first.shape, second=second.shape)
            how = shapes if first.shape != second.shape else say("with other numbers")
            name = case.part
            message = say("{name} comes back different the second time: {how}", name=name, how=how)
            return Verdict(Outcome.FAILED, message, {"case": case.name, "call": answers.call_in_words(case)})
    return PASSED


@check("conduct.arguments-unchanged", asks=(Ask("layer.initial-state", echo=True), Ask("cell.plain", echo=True)))
def arguments_unchanged(answers: Answers) -> Verdict:
    """inputs, weights and initial state are as they were before the call"""
    return unchanged(answers)


def unchanged(answers: Answers) -> Verdict:
    """Pass if every argument came back as it was given."""
    seen = False
    for case, reply in answers.pairs:
        if reply.kind is ReplyKind.ABSENT:
            continue
        if reply.kind is not ReplyKind.RETURNED:
            return answers.not_returned(case, reply)
        given = [(word, value) for word, value in case.given.items() if isinstance(value, np.ndarray)]
        for (word, before), after in zip(given, reply.arguments_after, strict=False):
            seen = True
            if isinstance(after, NotAnArray) or not np.array_equal(before, after):
                message = say("{name} is changed by the call", name=word)
                return Verdict(Outcome.FAILED, message, {"case": case.name, "call": answers.call_in_words(case)})
    return PASSED if seen else Verdict(Outcome.NOT_APPLICABLE, say("an object is given its weights, not passed them"))


@check("conduct.any-size", asks=("cell.one-unit", "cell.wide", "layer.one-unit", "layer.one-timestep", "layer.drawn-*"))
def any_size(answers: Answers) -> Verdict:
    """it works for any timesteps, input_size and hidden_size"""
    there = tuple(pair for pair in answers.pairs if pair[1].kind is not ReplyKind.ABSENT)
    return Answers(there, answers.loaded, answers.assignment).all_shaped()


@any_size.on_script
def _(answers: ScriptAnswers) -> Verdict:
    as_it_stands, *others = answers.all_replies
    if as_it_stands.kind is not ReplyKind.RETURNED:
        return answers.first_failure() or PASSED
    for reply in others:
        if reply.kind is not ReplyKind.RETURNED:
            what = placed(reply)
            message = say("the script runs with its own sizes only; with others put in it raised {what}", what=what)
            return Verdict(Outcome.FAILED, message)
    overridden = [reply.named.get("overridden") for reply in others]
    if not any(isinstance(one, np.ndarray) and one.any() for one in overridden):
        return Verdict(Outcome.NOT_APPLICABLE, say("the script has no sizes that could be changed"))
    return PASSED
