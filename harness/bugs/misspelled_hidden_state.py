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
from harness.bugs.framework import KnownBug, Sighting, Source
from harness.model import Place

#: How alike two names must be (`difflib` ratio): hiden_state_t and hidden_state_t have 0.96, h and b have 0.
_ALIKE = 0.8


def clue(source: Source) -> list[Sighting]:
    """Find a name that a loop assigns and nothing reads, like one that the loop reads and does not assign."""
    read_anywhere = Counter(
        node.id for _, node in source.walk() if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )
    sightings = []
    for cell, loop in source.walk():
        if not isinstance(loop, ast.For | ast.While):
            continue
        reads, assigned = _names_of(loop)
        carried = sorted(reads - set(assigned))
        for name, node in assigned.items():
            if read_anywhere[name] or not isinstance(node, ast.Assign):
                continue
            meant = _most_alike(name, carried)
            if meant:
                place = Place(node.lineno, cell)
                line = source.line(place)
                sightings.append(Sighting(place, {"name": name, "meant": meant}, line.replace(name, meant, 1)))
    return sightings


def _names_of(loop: ast.For | ast.While) -> tuple[set[str], dict[str, ast.stmt]]:
    """The names whose value a loop reads, and those that it assigns with the statement that does.

    ``states`` of ``states.append(h)`` is a place to put things, not a value that is carried.
    """
    reads: Counter[str] = Counter()
    assigned: dict[str, ast.stmt] = {}
    for node in ast.walk(loop):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            reads[node.id] += 1
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            reads[node.value.id] -= 1
        elif isinstance(node, ast.Assign | ast.AugAssign | ast.For):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for part in ast.walk(target):
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
    about="stacking.state-is-carried",
    message="the hidden state is never carried: {line} assigns `{name}`, which nothing reads; `{meant}` was meant",
    clue=clue,
    twins=state_not_carried.BUG.twins,
    cause_of="state-not-carried",
)
