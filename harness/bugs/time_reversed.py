"""The sequence is run from its last input to its first.

What it does
    The first row is the state after the last input.
Why it is wrong
    Row t is the state after inputs 0 to t.
Why it hides
    Shapes are right, and each number is a possible one.
Example
    for input_t in inputs[::-1]:
Instead
    for input_t in inputs:
"""

from harness.bugs import patterns
from harness.bugs.framework import CARRYING, KnownBug, change

KOREAN = """\
시점을 마지막에서 처음으로 돈다.

하는 일
    첫 행이 마지막 입력 다음의 상태이다.
왜 틀렸나
    t번째 행은 입력 0부터 t까지를 본 상태이다.
왜 안 보이나
    모양이 맞고, 숫자도 하나하나 그럴듯하다.
"""


BUG = KnownBug(
    name="time-reversed",
    about=("stacking.rows-in-order", *CARRYING),
    message="{where} runs through the timesteps backwards",
    korean="{where}: 시점을 거꾸로 돕니다",
    changes=(change(sequence=lambda inputs: inputs[..., ::-1, :]),),
    find=patterns.forwards,
)
