"""States are rounded to four digits.

What it does
    np.round(..., 4) is applied to each state.
Why it is wrong
    Rounding inside the recurrence feeds its error back into every later state.
Why it hides
    Printed with four digits, rounded and exact numbers look the same.
Example
    return np.round(np.tanh(...), 4)
Instead
    return np.tanh(...)
"""

import ast
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from harness.bugs import patterns
from harness.bugs.framework import FORMULA, Change, KnownBug, Sighting
from harness.bugs.patterns import sighting
from harness.bugs.source import Code
from harness.model import Extended

KOREAN = """\
상태를 반올림한다.

하는 일
    상태마다 np.round(..., 4)를 쓴다.
왜 틀렸나
    순환 안에서 반올림하면 그 오차가 뒤의 모든 상태로 흘러간다.
왜 안 보이나
    네 자리만 출력하면 반올림한 숫자와 정확한 숫자가 같아 보인다.
"""


def _each_state(digits: int) -> Change:
    return Change(lambda right: replace(right, finish=lambda h, b: np.round(h, digits)), {"digits": str(digits)})


def _the_result(digits: int) -> Change:
    def rounded(rows: list[Extended], start: Extended) -> Extended:
        states: Extended = np.stack(rows, axis=-2)
        return states.round(digits)

    return Change(lambda right: replace(right, stacked=rounded), {"digits": str(digits)})


#: With six digits and more the result passes for one of single precision.
_DIGITS = range(1, 6)
_EACH_STATE = tuple(_each_state(digits) for digits in _DIGITS)
_THE_RESULT = tuple(_the_result(digits) for digits in _DIGITS)


def find(code: Code) -> Iterator[Sighting]:
    """Leave the rounding out."""
    for f, call in patterns.calls(code, "round", "around", "round_"):
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if owner is not None and not (isinstance(owner, ast.Name) and owner.id in ("np", "numpy")):
            yield sighting(f, call, *patterns.without(f, call, owner))
        elif call.args:
            yield sighting(f, call, *patterns.without(f, call, call.args[0]))


BUG = KnownBug(
    name="rounded",
    about=FORMULA,
    message="{where} rounds its states to {digits} digits",
    korean="{where}: 상태를 소수점 아래 {digits}자리로 반올림합니다",
    changes=(
        *_EACH_STATE,
        *_THE_RESULT,
    ),
    find=find,
)
