"""A function reads a global in the place of its arguments.

What it does
    A size or a weight comes from a variable that another cell made, and not from what was passed in.
Why it is wrong
    A function computes from what it is given; called with other sizes it is wrong.
Why it hides
    In the notebook of its author it is always right.
Example
    hidden_state_t = np.zeros(hidden_size)
Instead
    hidden_state_t = np.zeros(b.shape[0])
"""

import ast
from collections.abc import Iterator

from harness.bugs.framework import EVERYTHING, KnownBug, Sighting
from harness.bugs.source import Function, Source
from harness.model import Edit

KOREAN = """\
함수가 인수가 아니라 전역 변수를 읽는다.

하는 일
    크기나 가중치를 인수에서 얻지 않고, 노트북의 다른 셀이 만든 변수에서 얻는다.
왜 틀렸나
    함수는 받은 것으로 계산해야 한다. 다른 크기로 부르면 틀린다.
왜 안 보이나
    쓴 사람의 노트북에서는 언제나 맞다.
"""


#: What each size is, of an array that the function is given.
_SIZES = {"hidden_size": ("b", "shape[0]"), "timesteps": ("inputs", "shape[-2]"), "input_size": ("Wx", "shape[1]")}


def clue(source: Source) -> Iterator[Sighting]:
    """Find words of the assignment that a function reads and does not make, though it has them by another name."""
    for f in source.functions:
        if not isinstance(f.node, ast.FunctionDef):
            continue
        own = {node.arg for node in f.nodes if isinstance(node, ast.arg)}
        names = [node for node in f.nodes if isinstance(node, ast.Name)]
        own |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
        reads: dict[str, list[ast.Name]] = {}
        for node in names:
            if isinstance(node.ctx, ast.Load) and node.id not in own:
                reads.setdefault(node.id, []).append(node)
        for name, read in reads.items():
            instead = _instead(f, f.word(read[0]))
            if instead:
                edits: tuple[Edit, ...] = tuple(f.put(node, instead) for node in read)
                yield Sighting(f.place(read[0]), {"name": name}, edits, once=f"{f.node.name} {name}")


def _instead(f: Function, word: str | None) -> str | None:
    """What the function has in the place of a global."""
    assert isinstance(f.node, ast.FunctionDef)
    arguments = [one.arg for one in f.node.args.args]
    if word in _SIZES:
        array, axis = _SIZES[word]
        owner = next((name for name in arguments if f.source.word(name) == array), None)
        return f"{owner}.{axis}" if owner else None
    position = _ORDER.index(word) if word in _ORDER else None
    return arguments[position] if position is not None and position < len(arguments) else None


#: The order of a layer's arguments.
_ORDER = ("inputs", "Wx", "Wh", "b")


BUG = KnownBug(
    name="reads-globals",
    about=("conduct.any-size", *EVERYTHING),
    message="{line} reads `{name}`, which is no argument of the function: it works only beside the notebook that made"
    " it",
    korean="{line}: 함수의 인수가 아닌 `{name}`을(를) 읽습니다. 그 이름을 만든 노트북 안에서만 돌아갑니다",
    clue=clue,
    quiet=True,
)
