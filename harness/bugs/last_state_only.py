"""Only the last state is returned.

What it does
    The result is (hidden_size,).
Why it is wrong
    The layer is asked for the states of all timesteps.
Why it hides
    For many-to-one models the last state is all that is read.
Example
    return hidden_state_t
Instead
    return np.stack(total_hidden_states, axis=0)
"""

import ast
from collections.abc import Iterator

from harness.bugs import patterns
from harness.bugs.framework import ROWS, KnownBug, Sighting, change
from harness.bugs.patterns import sighting
from harness.bugs.source import Code, Function

KOREAN = """\
마지막 상태만 돌려준다.

하는 일
    결과가 (hidden_size,)이다.
왜 틀렸나
    층은 모든 시점의 상태를 내야 한다.
왜 안 보이나
    다 대 일 모델은 마지막 상태만 읽는다.
"""


def find(code: Code) -> Iterator[Sighting]:
    """Return the list or the array that the loop fills, or make one."""
    for f, statement, value in patterns.returns(code):
        for name in _filled(f):
            yield sighting(f, statement, f.put(value, name))
        for step in patterns.steps(Code(code.source, (f,))):
            if step.target is not None:
                yield sighting(
                    f,
                    statement,
                    f.line_before(step.loop, "total_hidden_states = []"),
                    f.line_after(step.statement, f"total_hidden_states.append({f.text(step.target)})"),
                    f.put(value, "np.stack(total_hidden_states, axis=-2)"),
                )


def _filled(f: Function) -> list[str]:
    """What the loops of a function append to, stacked, and the arrays whose rows they fill."""
    found = []
    for node in f.nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append")):
                found.append(f"np.stack({name}, axis=-2)")
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))]):
                found.append(name)
            case ast.AugAssign(target=ast.Name(id=name), value=ast.List()):
                found.append(f"np.stack({name}, axis=-2)")
    return list(dict.fromkeys(found))


BUG = KnownBug(
    name="last-state-only",
    about=ROWS,
    message="{where} returns only the last hidden state; the states of all timesteps are asked for",
    korean="{where}: 마지막 은닉 상태만 돌려줍니다. 모든 시점의 상태가 필요합니다",
    changes=(change(stacked=lambda rows, start: rows[-1]),),
    find=find,
)
