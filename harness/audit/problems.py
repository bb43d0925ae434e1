"""Problems for a trial: of every small size, with contractive recurrent weights."""

import numpy as np

from harness.model import Argument
from harness.numbers import contractive, small
from harness.questions import QUESTIONS
from harness.shrinking import axes_of


def redrawn(question: str, seed: int) -> tuple[Argument, ...]:
    """Draw the arguments of a question, every other time with all of them; a batch only where there must be one."""
    rng = np.random.Generator(np.random.PCG64(seed))
    sizes = {axis: int(rng.integers(1, 7)) for axis in "TDHO"} | {"L": 2, "N": 3}
    asked = QUESTIONS[question]
    given = asked.parameters if seed % 2 else asked.parameters[: asked.required]
    batched = "lengths" in asked.parameters
    arguments: list[Argument] = []
    for number, word in enumerate(given):
        if word == "timesteps":
            arguments.append(sizes["T"])
        elif word == "activation":
            arguments.append(_activation(question, seed))
        elif word == "lengths":
            arguments.append(rng.integers(1, sizes["T"] + 1, size=sizes["N"]))  # type: ignore[arg-type]
        elif word.startswith("Wh"):
            arguments.append(contractive(sizes["H"], 1000 * seed + number))
        else:
            shape = tuple(sizes[axis] for axis in axes_of(word) if axis != "N" or batched)
            arguments.append(small(shape, 1000 * seed + number, largest=2.0))
    return tuple(arguments)


def _activation(question: str, seed: int) -> str:
    """One of those that the question's own cases have."""
    at = QUESTIONS[question].parameters.index("activation")
    asked = dict.fromkeys(str(arguments[at]) for _, arguments in QUESTIONS[question].cases())
    return tuple(asked)[seed // 2 % len(asked)]
