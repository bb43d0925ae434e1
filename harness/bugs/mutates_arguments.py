"""What was passed in is changed by the call.

What it does
    An argument is written to in place, with ``+=`` or ``[...] =``.
Why it is wrong
    Arguments belong to the caller, who will use them again.
Why it hides
    The result is right; what goes wrong is whatever comes next.
Example
    hidden_state_t = hidden_state_0
    hidden_state_t += output_t
Instead
    hidden_state_t = hidden_state_0.copy()
"""

import ast
from collections.abc import Iterator

import numpy as np

from harness.bugs.framework import Evidence, KnownBug, Shown, Sighting
from harness.bugs.patterns import sighting
from harness.bugs.source import Code, Function
from harness.model import NotAnArray

KOREAN = """\
받은 인수를 바꿔 버린다.

하는 일
    받은 배열에 `+=`나 `[...] =`로 제자리에서 쓴다.
왜 틀렸나
    인수는 부른 쪽의 것이다. 다음 호출은 바뀐 배열을 보게 된다.
왜 안 보이나
    결과는 맞다. 틀리는 것은 그다음에 쓰는 쪽이다.
"""


def sign(seen: Evidence) -> Shown | None:
    """An argument came back different from what it was."""
    for key, reply in seen.replies.items():
        name, _, rest = key.partition("|")
        case = seen.bank.cases.get(name)
        if case is None or not rest.endswith("True"):
            continue
        given = [(word, value) for word, value in case.given.items() if isinstance(value, np.ndarray)]
        for (word, before), after in zip(given, reply.arguments_after, strict=False):
            if isinstance(after, NotAnArray) or not np.array_equal(before, after):
                return Shown({"name": word})
    return None


def find(code: Code) -> Iterator[Sighting]:
    """Copy what is written to, or write somewhere else."""
    for f in code.functions:
        aliases = _aliases(f)
        for node in f.nodes:
            match node:
                case ast.AugAssign(target=ast.Name(id=name) as target, op=op, value=value) if name in aliases:
                    written = ast.unparse(ast.BinOp(ast.Name("_left_"), op, ast.Name("_right_")))
                    written = written.replace("_left_", f.text(target)).replace("_right_", f"({f.text(value)})")
                    yield sighting(f, node, f.put(node, f"{f.text(target)} = {written}"))
                case (
                    ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))])
                    | ast.AugAssign(target=ast.Subscript(value=ast.Name(id=name)))
                ) if name in aliases:
                    made = aliases[name]
                    if made is not None:
                        yield sighting(f, node, f.after(made, ".copy()"))
                    elif isinstance(f.node, ast.FunctionDef):
                        yield sighting(f, node, f.line_before(f.first, f"{name} = np.array({name})"))


def _aliases(f: Function) -> dict[str, ast.expr | None]:
    """The parameters, and the names that are assigned one of them as it is, with that expression."""
    found: dict[str, ast.expr | None] = dict.fromkeys(f.words)
    for node in f.nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            for part in ast.walk(node.value):
                if isinstance(part, ast.Name) and part.id in f.words and _is_value_of(node.value, part):
                    found[node.targets[0].id] = part
    return found


def _is_value_of(value: ast.expr, part: ast.Name) -> bool:
    """Tell whether an expression is the name itself, or one branch of a conditional."""
    return value is part or (isinstance(value, ast.IfExp) and part in (value.body, value.orelse))


BUG = KnownBug(
    name="mutates-arguments",
    about=("conduct.arguments-unchanged",),
    message="{where} changes {name}, which it was given",
    korean="{where}: 받은 인수 {name}을(를) 바꿔 버립니다",
    find=find,
    sign=sign,
)
