"""The cases: problems with what is expected of them, and how close is close enough.

All numbers are multiples of 1/64, so that they are exact in single precision too. Recurrent weights are
contractive, except in the one case that is judged step by step. Sizes are all distinct, so that a transpose does
not fit, and then again all equal, where a wrong one fits by luck.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np

from harness.convention import canonical_axes
from harness.errors import GraderFault
from harness.model import Argument, Assignment, Case, Doubles, Entry, Extended
from harness.questions import QUESTIONS, named_arguments
from harness.templates import parts_of
from reference import bounds
from reference.bounds import DOUBLE, EXTENDED, SINGLE, Enclosure

#: A case whose bound in double precision is wider than this tells too little, and is not made.
CERTIFIED = 1e-11


def make_cases(name: str, entry: Entry, arguments: tuple[Argument, ...], *, stepwise: bool = False) -> list[Case]:
    """Ask the reference, and certify that its bounds are tight: a case for each part of the answer that an entry gives.

    Raises
    ------
    GraderFault
        When a bound is wider than `CERTIFIED` and the case is not to be judged step by step.
    """
    question = QUESTIONS[entry.question]
    named = named_arguments(entry.parameters, arguments, np.longdouble)
    enclosures = [question.enclose(named, EXTENDED)]
    enclosures += [] if stepwise else [question.enclose(named, DOUBLE), question.enclose(named, SINGLE)]
    wanted = parts_of(entry) or (question.result,)
    cases = []
    for part, *told in zip(question.parts, *enclosures, strict=True):
        if part not in wanted or not told[0].value.size:
            continue
        full = name if part == question.result else f"{name}:{part}"
        if stepwise and part != "total_hidden_states":
            continue  # only the states themselves follow from one another
        if stepwise:
            nothing = told[0].value * np.nan
            cases.append(Case(full, entry.name, entry.question, part, arguments, told[0].value, nothing, nothing, True))
            continue
        case = Case(full, entry.name, entry.question, part, arguments, *_expectation(told[0], told[1], told[2]))
        if not float(case.allowed.max()) < CERTIFIED:
            raise GraderFault(f"case {full} is not certified: its bound is {float(case.allowed.max()):.1e}")
        cases.append(case)
    return cases


def make_case(name: str, entry: Entry, arguments: tuple[Argument, ...], part: str = "") -> Case:
    """The case of one problem about one part, by default the first that the entry gives; see `make_cases`.

    Raises
    ------
    GraderFault
        Also when the problem has no such part: a sequence of one timestep has no second half.
    """
    for case in make_cases(name, entry, arguments):
        if part in ("", case.part):
            return case
    raise GraderFault(f"case {name} has no {part or 'answer'}")


def expect_step_by_step(
    inputs: Doubles, weights: tuple[Doubles, Doubles, Doubles], initial: Doubles, states: Doubles
) -> tuple[Extended, Extended, Extended]:
    """What each state should be, given the states before it as they are: the one-step residual's other half.

    Parameters
    ----------
    inputs : (T, D) or (N, T, D)
    weights : ``Wx, Wh, b``
    initial : (H,) or (N, H)
    states : (T, H) or (N, T, H), the student's own

    Returns
    -------
    expected, allowed, allowed_single : each of the shape of `states`
    """
    Wx, Wh, b = (np.asarray(weight, dtype=np.longdouble) for weight in weights)
    before = bounds.exact(np.concatenate([initial[..., None, :], states[..., :-1, :]], axis=-2))
    step = partial(bounds.rnn_cell, bounds.exact(inputs), before, Wx, Wh, b)
    return _expectation(step(EXTENDED), step(DOUBLE), step(SINGLE))


def named_cases(assignment: Assignment) -> dict[str, Case]:
    """Make every named case for the entries of an assignment, in canonical layout."""
    cases: dict[str, Case] = {}
    for entry in assignment.entries:
        for name, arguments in problems(entry, assignment):
            made = make_cases(f"{entry.name}.{name}", entry, arguments, stepwise=name == "long")
            cases |= {case.name: case for case in made}
    return cases


def problems(entry: Entry, assignment: Assignment) -> Iterator[tuple[str, tuple[Argument, ...]]]:
    """The named problems of an entry that the assignment can ask."""
    for name, arguments in QUESTIONS[entry.question].cases():
        fitting = fitted(arguments, entry, assignment)
        if fitting is not None:
            yield name, fitting


def fitted(arguments: tuple[Argument, ...], entry: Entry, assignment: Assignment) -> tuple[Argument, ...] | None:
    """Make a problem one of an assignment: with the batch axis that it always has, with zeros for what it has not.

    Returns
    -------
    None where there is no such problem: a batch where there are none, an initial state where none can be given
    """
    axes = [canonical_axes(word) for word in entry.parameters]
    batched = any("N" in of and np.ndim(one) == len(of) for one, of in zip(arguments, axes, strict=False))
    if (batched and assignment.batch == "never") or len(arguments) > len(entry.parameters):
        return None
    fitting: list[Argument] = []
    for word, value, of in zip(entry.parameters, arguments, axes, strict=False):
        if isinstance(value, np.ndarray):
            value = value * 0 if word in assignment.zero else value
            if assignment.batch == "always" and not batched and "N" in of:
                value = np.expand_dims(value, of.index("N"))
        fitting.append(value)
    return tuple(fitting)


def _expectation(extended: Enclosure, double: Enclosure, single: Enclosure) -> tuple[Extended, Extended, Extended]:
    return extended.value, bounds.allowed(double, extended), bounds.allowed(single, extended)
