"""The new state is assigned to a misspelt name, so the hidden state is never carried.

What it does
    ``hiden_state_t = output_t`` makes a new variable; ``hidden_state_t`` keeps its first value for ever.
Why it is wrong
    Each step must start from the state of the step before.
Why it hides
    Python makes variables by assigning to them, so nothing complains, and the numbers look alive: they change with
    the input.
Example
    hiden_state_t = output_t
Instead
    hidden_state_t = output_t
"""

import ast
import difflib
from collections import Counter

from harness.bugs import state_not_carried
from harness.bugs.framework import CARRYING, KnownBug, Sighting
from harness.bugs.source import Source
from harness.model import Place
from harness.trees import walk

KOREAN = """\
새 상태가 철자가 틀린 이름에 대입되어, 다음 시점으로 넘어가지 않는다.

하는 일
    ``hiden_state_t = output_t``는 새 변수를 만든다. ``hidden_state_t``는 언제까지나 처음 값이다.
왜 틀렸나
    각 시점은 바로 앞 시점의 상태에서 시작해야 한다.
왜 안 보이나
    파이썬은 대입으로 변수를 만들므로 아무 불평이 없고, 숫자는 입력에 따라 달라진다.
"""


#: How alike two names must be (`difflib` ratio): hiden_state_t and hidden_state_t have 0.96, h and b have 0.
_ALIKE = 0.8


def clue(source: Source) -> list[Sighting]:
    """Find a name that a loop assigns and nothing reads, like one that the loop reads and does not assign."""
    sightings = []
    unread = {node.id for _, node in source.stores} - source.read.keys()
    for cell, loop in source.of(ast.For, ast.While) if unread else ():
        reads, assigned = _names_of(loop)
        carried = sorted(reads - set(assigned))
        for name, node in assigned.items():
            if name not in unread or not isinstance(node, ast.Assign):
                continue
            meant = _most_alike(name, carried)
            if meant:
                place = Place(node.lineno, cell)
                line = source.line(place)
                mended = source.line_edit(place, line.replace(name, meant, 1))
                sightings.append(Sighting(place, {"name": name, "meant": meant}, mended))
    return sightings


def _names_of(loop: ast.For | ast.While) -> tuple[set[str], dict[str, ast.stmt]]:
    """The names whose value a loop reads, and those that it assigns with the statement that does.

    ``states`` of ``states.append(h)`` is a place to put things, not a value that is carried.
    """
    reads: Counter[str] = Counter()
    assigned: dict[str, ast.stmt] = {}
    for node in walk(loop):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            reads[node.id] += 1
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            reads[node.value.id] -= 1
        elif isinstance(node, ast.Assign | ast.AugAssign | ast.For):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for part in walk(target):
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                        assigned.setdefault(part.id, node)
    return {name for name, count in reads.items() if count > 0}, assigned


def _most_alike(name: str, candidates: list[str]) -> str | None:
    """The candidate that the name is a misspelling of: very alike, and not told apart by a number or a suffix."""
    alike = [
        (difflib.SequenceMatcher(None, name, one).ratio(), one)
        for one in candidates
        if min(len(name), len(one)) >= 3 and _digits(name) == _digits(one)
    ]
    best = max(alike, default=(0.0, ""))
    return best[1] if best[0] >= _ALIKE else None


def _digits(name: str) -> str:
    return "".join(ch for ch in name if ch.isdigit())


BUG = KnownBug(
    name="misspelled-hidden-state",
    about=CARRYING,
    message="the hidden state is never carried: {line} assigns `{name}`, which nothing reads; `{meant}` was meant",
    korean="은닉 상태를 다음 시점으로 넘기지 않습니다. {line}: 아무도 읽지 않는 `{name}`에 대입합니다."
    " `{meant}`의 오타입니다",
    clue=clue,
    changes=state_not_carried.BUG.changes,
    cause_of="state-not-carried",
)
