"""Run a script that has no function at all, like the notes' own listing, and read its variables where they count.

The script is run as it stands and with other sizes put into its own assignments (``timesteps = 10``). Then inputs
and weights that it makes from nothing but sizes are replaced, once they have the right shape, by telling ones: what
``np.random.random`` draws saturates, and ``np.zeros`` hides a term. Everything is read back just before its
recurrence, the stacked states just after, so that a later cell may rebind every name. Of several attempts the last
one that is complete counts.
"""

import ast
import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.trees import walk
from harness.worker import execution
from harness.worker.objects import Names
from harness.worker.salvage import Statement

_BEFORE = ("inputs", "hidden_state_t", "Wx", "Wh", "b")
_SIZES = ("timesteps", "input_size", "hidden_size")


@dataclass
class ScriptRun:
    """What one run of a script left behind.

    Attributes
    ----------
    variables : by the assignment's word
    overridden : which sizes could be put in
    failure : of the recurrence or of the stacking; None when both ran
    """

    variables: dict[str, Any]
    overridden: tuple[str, ...]
    failure: execution.Failure | None = None


#: Seeds of the runs whose initial state is replaced too: only then does the first row show the recurrent term.
STARTED_ELSEWHERE = (4, 5)


def flatten_main(statements: list[Statement]) -> list[Statement]:
    """Take the body of ``if __name__ == "__main__":`` for statements of the script."""
    flat: list[Statement] = []
    for statement in statements:
        node = statement.node
        if isinstance(node, ast.If) and "__name__" in ast.dump(node.test):
            flat += [Statement(inner, statement.cell) for inner in node.body]
        else:
            flat.append(statement)
    return flat


def recurrence(statements: list[Statement], names: Names, cell: str = "") -> int | None:
    """Find the loop that is the RNN: the last with tanh and both weights, else the last with tanh or both.

    Parameters
    ----------
    cell : a function of the hand-in whose call counts as the tanh
    """
    best: tuple[int, int] | None = None
    for index, statement in enumerate(statements):
        if not isinstance(statement.node, ast.For | ast.While):
            continue
        used = {part.id for part in walk(statement.node) if isinstance(part, ast.Name)}
        weighs = {"Wx", "Wh"} <= {names.word(name) for name in used}
        bends = "tanh" in ast.dump(statement.node) or cell in used
        rank = 2 * bends + weighs
        if rank and (best is None or rank >= best[0]):
            best = (rank, index)
    return None if best is None else best[1]


def run_script(statements: list[Statement], loop: int, names: Names, sizes: Mapping[str, int], seed: int) -> ScriptRun:
    """Run the script once.

    Parameters
    ----------
    statements, loop : the script, flattened, and where `recurrence` finds its loop
    sizes : values for ``timesteps``, ``input_size``, ``hidden_size``; empty to run it as it stands
    seed : for whatever it draws
    """
    overridden: list[str] = []
    statements = [_with_sizes(one, names, sizes, overridden) if i < loop else one for i, one in enumerate(statements)]
    result = _next_store(statements, loop, names)
    last = loop if result is None else result
    variables: dict[str, Any] = {}

    def before(statement: Statement, namespace: dict[str, Any]) -> None:
        if statement is statements[loop]:
            variables.update(_snapshot(namespace, names, _BEFORE))
            variables.update(_own_sizes(namespace, names))

    def after(statement: Statement, namespace: dict[str, Any]) -> None:
        if sizes:
            _put_in_arrays(statement, namespace, names, sizes, seed)
        if statement is statements[loop] or statement is statements[last]:
            variables.update(_snapshot(namespace, names, ("total_hidden_states",)))

    namespace = execution.new_namespace()
    execution.seed_everything(seed)
    execution.run(statements[: last + 1], namespace, before=before, after=after)
    failed = [one for one in namespace.failures if _within(one, statements[loop]) or _within(one, statements[last])]
    return ScriptRun(variables, tuple(overridden), failed[0] if failed else None)


def _within(failure: execution.Failure, statement: Statement) -> bool:
    end = statement.node.end_lineno or statement.line
    return failure.cell == statement.cell and statement.line <= failure.line <= end


def _next_store(statements: list[Statement], loop: int, names: Names) -> int | None:
    """The first statement after the loop that assigns the result."""
    for index in range(loop + 1, len(statements)):
        node = statements[index].node
        stores = [part for part in walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
        if any(names.word(part.id) == "total_hidden_states" for part in stores):
            return index
    return None


def _snapshot(namespace: Mapping[str, Any], names: Names, words: tuple[str, ...]) -> dict[str, Any]:
    """Copy variables; where two names stand for one word, the one that the assignment names first."""
    taken: dict[str, Any] = {}
    for word in words:
        for name in names.get(word, ()):
            if name in namespace:
                value = namespace[name]
                taken[word] = copy.deepcopy(value) if isinstance(value, np.ndarray | list) else value
                break
    return taken


def _own_sizes(namespace: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """``input_size`` and ``hidden_size`` as the script has them, if it has both."""
    found = _snapshot(namespace, names, ("input_size", "hidden_size"))
    values = [found.get("input_size"), found.get("hidden_size")]
    return {"sizes": np.array(values)} if all(type(value) is int for value in values) else {}


def _put_in_arrays(
    statement: Statement, namespace: dict[str, Any], names: Names, sizes: Mapping[str, int], seed: int
) -> None:
    """Replace ``Wx = np.random.random((hidden_size, input_size))`` by numbers that tell more.

    Only an array that is made from nothing but sizes is replaced, so that nothing else can be the same array, and
    only one of the right shape, so that a wrong shape stays wrong.
    """
    node = statement.node
    if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
        return
    name = node.targets[0].id
    word = names.word(name)
    T, D, H = (sizes[one] for one in _SIZES)
    shapes: dict[str | None, tuple[int, ...]] = {"inputs": (T, D), "Wx": (H, D), "Wh": (H, H), "b": (H,)}
    if seed in STARTED_ELSEWHERE:
        shapes["hidden_state_t"] = (H,)
    value = namespace.get(name)
    if (
        word is None
        or word not in shapes
        or not isinstance(value, np.ndarray)
        or value.shape != shapes[word]
        or value.dtype.kind != "f"
    ):
        return
    used = {part.id for part in walk(node.value) if isinstance(part, ast.Name)}
    if any(isinstance(namespace.get(one), np.ndarray | list) for one in used):
        return
    generator = np.random.Generator(np.random.PCG64([seed, *map(ord, word)]))
    numbers = generator.integers(8, 64, size=value.shape) * generator.choice([-1, 1], size=value.shape) / 64.0
    namespace[name] = (numbers / H if word == "Wh" else numbers).astype(value.dtype)


def _with_sizes(statement: Statement, names: Names, sizes: Mapping[str, int], overridden: list[str]) -> Statement:
    """Put sizes into ``timesteps = 10`` and ``T, D, H = 10, 4, 8``; only a plain number is replaced."""
    node = statement.node
    if not sizes or not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return statement
    value = _sized(node.targets[0], node.value, names, sizes, overridden)
    if value is node.value:
        return statement
    changed = copy.copy(node)
    changed.value = value
    return Statement(changed, statement.cell)


def _sized(
    target: ast.expr, value: ast.expr, names: Names, sizes: Mapping[str, int], overridden: list[str]
) -> ast.expr:
    """The value, or a copy of it with sizes in it."""
    match target, value:
        case ast.Name(id=name), ast.Constant(value=number) if type(number) is int:
            word = names.word(name)
            if word in _SIZES and word in sizes:
                overridden.append(word)
                constant = copy.copy(value)
                constant.value = sizes[word]
                return constant
        case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
            parts = [_sized(one, other, names, sizes, overridden) for one, other in zip(targets, values, strict=True)]
            if any(part is not one for part, one in zip(parts, values, strict=True)):
                changed = copy.copy(value)
                changed.elts = parts
                return changed
    return value
