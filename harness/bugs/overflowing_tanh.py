"""A tanh made of exponentials overflows.

What it does
    (e^z - e^-z) / (e^z + e^-z) is computed as it is written.
Why it is wrong
    Beyond 710 e^z is infinite, and infinite by infinite is NaN.
Why it hides
    For numbers of ordinary size it equals np.tanh.
Example
    (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))
Instead
    np.tanh(z)
"""

import ast
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from harness.bugs import patterns
from harness.bugs.framework import FORMULA, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code, Function
from harness.model import Extended

KOREAN = """\
지수 함수로 만든 tanh가 넘친다.

하는 일
    (e^z - e^-z) / (e^z + e^-z)를 그대로 계산한다.
왜 틀렸나
    z가 710을 넘으면 e^z가 무한대가 되고, 무한대를 무한대로 나누면 NaN이다.
왜 안 보이나
    보통 크기의 숫자에서는 np.tanh와 똑같다.
"""


def _by_both(z: Extended) -> Extended:
    with np.errstate(over="ignore", invalid="ignore"):
        up, down = _exp(z), _exp(-z)
        return (up - down) / (up + down)


def _by_double(z: Extended) -> Extended:
    with np.errstate(over="ignore", invalid="ignore"):
        return (_exp(2 * z) - 1) / (_exp(2 * z) + 1)


def _by_negative(z: Extended) -> Extended:
    with np.errstate(over="ignore", invalid="ignore"):
        return (1 - _exp(-2 * z)) / (1 + _exp(-2 * z))


def _exp(z: Extended) -> Extended:
    """In double precision, where a hand-in overflows; long double goes on much further."""
    small: NDArray[np.float64] = np.asarray(z, dtype=np.float64)
    return np.exp(small).astype(np.longdouble)


def find(code: Code) -> Iterator[Sighting]:
    """Put np.tanh in the place of a quotient of exponentials."""
    for f, division in patterns.quotients(code):
        if (z := _exponent(f)) is not None:
            yield sighting(f, division, f.put(division, f"np.tanh({z})"))


def _exponent(f: Function) -> str | None:
    """The ``z`` of the first exponential: without its sign, and without its factor 2."""
    for node in f.nodes:
        if isinstance(node, ast.Call) and patterns.called(node) == "exp" and node.args:
            return f.text(_bare(node.args[0]))
    return None


def _bare(exponent: ast.expr) -> ast.expr:
    match exponent:
        case ast.UnaryOp(op=ast.USub(), operand=z):
            return _bare(z)
        case ast.BinOp(op=ast.Mult(), left=ast.Constant() | ast.UnaryOp(operand=ast.Constant()), right=z):
            return _bare(z)
        case ast.BinOp(op=ast.Mult(), left=z, right=ast.Constant()):
            return _bare(z)
    return exponent


BUG = KnownBug(
    name="overflowing-tanh",
    about=("numerics.saturation", *FORMULA),
    message="{where} makes tanh of exponentials, which overflow for large sums and give NaN; np.tanh does not",
    korean="{where}: tanh를 지수 함수로 직접 계산해서, 합이 크면 넘쳐서 NaN이 됩니다. np.tanh는 그렇지 않습니다",
    changes=(
        change(activation=_by_both),
        change(activation=_by_double),
        change(activation=_by_negative),
    ),
    find=find,
)
