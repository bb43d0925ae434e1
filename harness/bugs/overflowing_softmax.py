"""The exponentials of the softmax overflow.

What it does
    exp is taken without subtracting the largest sum first.
Why it is wrong
    Beyond 710 exp is infinite, and infinite by infinite is NaN. Less the largest, the result is the same.
Why it hides
    For sums of ordinary size nothing differs.
Example
    np.exp(z) / np.sum(np.exp(z), axis=-1, keepdims=True)
Instead
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    e / np.sum(e, axis=-1, keepdims=True)
"""

import ast
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from harness.bugs import patterns
from harness.bugs.framework import KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code
from harness.model import Extended

KOREAN = """\
softmax의 지수 함수가 넘친다.

하는 일
    가장 큰 값을 빼지 않고 exp를 계산한다.
왜 틀렸나
    합이 710을 넘으면 exp가 무한대가 되고, 무한대를 무한대로 나누면 NaN이다. 가장 큰 값을 빼도 결과는 같다.
왜 안 보이나
    보통 크기의 숫자에서는 똑같다.
"""


def _unshifted(z: Extended) -> Extended:
    """In double precision, where a hand-in overflows; long double goes on much further."""
    small: NDArray[np.float64] = np.asarray(z, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        powers = np.exp(small)
        shares: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return shares.astype(np.longdouble)


def find(code: Code) -> Iterator[Sighting]:
    """Subtract the largest in every exponential of a function; those of a sigmoid have a minus."""
    for f in code.functions:
        exponentials = [call for _, call in patterns.calls(Code(code.source, (f,)), "exp") if call.args]
        plain = [call for call in exponentials if not isinstance(call.args[0], ast.UnaryOp)]
        edits = [f.after(call.args[0], f" - np.max({f.text(call.args[0])}, axis=-1, keepdims=True)") for call in plain]
        if edits:
            yield sighting(f, plain[0], *edits)


BUG = KnownBug(
    name="overflowing-softmax",
    about=("output.large-values",),
    message="{where} takes exponentials of large sums, which overflow and give NaN; subtract the largest first",
    korean="{where}: 큰 합의 지수를 그대로 계산해서 넘치고 NaN이 됩니다. 먼저 가장 큰 값을 빼야 합니다",
    changes=(change(softmax=_unshifted),),
    find=find,
)
