"""What to look for in the source of an RNN: products with weights, sums of them, activations, loops, results."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from harness.bugs.framework import Sighting
from harness.bugs.source import Code, Function, Node
from harness.edits import replaced
from harness.model import Edit, Place

_PRODUCTS = {"dot", "matmul", "inner", "multiply", "einsum", "tensordot"}
_WEIGHTS = ("Wx", "Wh", "Wy")
_BENDS = {"tanh", "sigmoid", "relu", "expit", "logistic", "maximum", "clip"}
Loop = ast.For | ast.While


def sighting(f: Function, node: Node, *edits: Edit, **details: str) -> Sighting:
    """A sighting at a node."""
    return Sighting(f.place(node), details, edits)


@dataclass(frozen=True)
class Product:
    """A weight times a vector.

    Attributes
    ----------
    word : which weight
    weight : as it is written, with its transpose
    vector : the other operand
    """

    f: Function
    node: ast.expr
    word: str
    weight: ast.expr
    vector: ast.expr


def products(code: Code) -> Iterator[Product]:
    """Find the products with weights, however they are written."""
    for f in code.functions:
        for node in f.nodes:
            operands: list[ast.expr] = []
            match node:
                case ast.BinOp(op=ast.MatMult() | ast.Mult(), left=left, right=right):
                    operands = [left, right]
                case ast.Call(func=ast.Attribute(value=owner, attr=name), args=args) if name in _PRODUCTS:
                    vectors = [one for one in args if not isinstance(one, ast.Constant)]
                    operands = vectors if len(vectors) == 2 else [owner, *vectors]
                case ast.Call(func=ast.Name(id=name), args=args) if name in _PRODUCTS:
                    operands = [one for one in args if not isinstance(one, ast.Constant)]
            if len(operands) == 2:
                for weight, vector in (operands, operands[::-1]):
                    word = f.word(weight)
                    if word in _WEIGHTS and isinstance(node, ast.expr):
                        yield Product(f, node, word, weight, vector)
                        break


def terms(code: Code) -> Iterator[tuple[Function, ast.expr]]:
    """Find the sums that products stand in, the whole of each; a product alone counts."""
    seen = set()
    for product in products(code):
        if product.word == "Wy":
            continue
        node: ast.expr = product.node
        while isinstance(above := product.f.parents.get(node), ast.BinOp):
            if not isinstance(above.op, ast.Add | ast.Sub | ast.Mult):
                break
            node = above
        if node not in seen:
            seen.add(node)
            yield product.f, node
    for f, call in activations(code):
        argument = call.args[-1]
        if argument not in seen:
            seen.add(argument)
            yield f, argument


def activations(code: Code) -> Iterator[tuple[Function, ast.Call]]:
    """Find calls that bend a sum, whatever they are called."""
    for f in code.functions:
        for node in f.nodes:
            if isinstance(node, ast.Call) and node.args and called(node) in _BENDS:
                yield f, node


def calls(code: Code, *names: str) -> Iterator[tuple[Function, ast.Call]]:
    """Find calls by the last part of their name."""
    for f in code.functions:
        for node in f.nodes:
            if isinstance(node, ast.Call) and called(node) in names:
                yield f, node


def called(call: ast.Call) -> str:
    """The last part of what is called: ``tanh`` of ``np.tanh``."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def is_tanh(node: ast.AST) -> bool:
    """Tell whether it is a call of tanh."""
    return isinstance(node, ast.Call) and bool(node.args) and called(node) == "tanh"


def loops(code: Code) -> Iterator[tuple[Function, Loop]]:
    """Find loops."""
    for f in code.functions:
        for node in f.nodes:
            if isinstance(node, ast.For | ast.While):
                yield f, node


def returns(code: Code) -> Iterator[tuple[Function, ast.Return, ast.expr]]:
    """Find what functions return."""
    for f in code.functions:
        for node in f.nodes:
            if isinstance(node, ast.Return) and node.value is not None:
                yield f, node, node.value


def results(code: Code) -> Iterator[tuple[Function, ast.expr]]:
    """Find the expressions that make the result: what is returned, and what a script stacks at its top."""
    for f, _, value in returns(code):
        yield f, value
    for f in code.functions:
        for node in f.nodes:
            if isinstance(node, ast.Assign) and any(f.word(one) == "total_hidden_states" for one in node.targets):
                yield f, node.value


@dataclass(frozen=True)
class Step:
    """The statement of a loop that makes the new state.

    Attributes
    ----------
    made : the expression for the new state
    target : what it is assigned to; None where it is used on the spot
    reads : the names of states that it starts from
    """

    f: Function
    loop: Loop
    statement: ast.stmt
    made: ast.expr
    target: ast.expr | None
    reads: tuple[ast.expr, ...]


def steps(code: Code) -> Iterator[Step]:
    """Find, in each loop, the statements that make the new state: by a formula, or by calling the cell."""
    cells = {f.node.name for f in code.functions if isinstance(f.node, ast.FunctionDef) and f.entry == "cell"}
    cells |= {"rnn_cell", "cell", "rnn_step", "step", "step_forward", "rnn_step_forward", "rnn_cell_forward"}
    for f, loop in loops(code):
        for statement in ast.walk(loop):
            if not isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr):
                continue
            made = next((part for part in ast.walk(statement.value) if _makes_state(part, cells)), None)
            if made is None or not isinstance(made, ast.expr):
                continue
            target: ast.expr | None = None
            if isinstance(statement, ast.AugAssign):
                target = statement.target
            elif isinstance(statement, ast.Assign):
                target = statement.targets[-1]
            yield Step(f, loop, statement, made, target, _states_read(f, made))


def _makes_state(node: ast.AST, cells: set[str]) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = called(node)
    return name in _BENDS or name in cells or (name in ("forward", "__call__") and len(node.args) >= 2)


def _states_read(f: Function, made: ast.expr) -> tuple[ast.expr, ...]:
    """What the new state is computed from: the factor of Wh, or the cell's second argument."""
    found = [
        product.vector
        for product in products(Code(f.source, (f,)))
        if product.word == "Wh" and any(product.node is part for part in ast.walk(made))
    ]
    if isinstance(made, ast.Call) and not found and called(made) not in _BENDS and len(made.args) >= 2:
        found = [made.args[1]]
    return tuple(found)


def first_name(node: ast.AST) -> str | None:
    """The variable at the bottom of an expression: ``h`` of ``h``, ``h.T`` and ``h[t]``."""
    match node:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return f"self.{name}"
        case ast.Attribute(value=inner) | ast.Subscript(value=inner):
            return first_name(inner)
    return node.id if isinstance(node, ast.Name) else None


def assigned_in(loop: ast.AST) -> set[str]:
    """The variables that a loop assigns, its own among them."""
    found = set()
    for node in ast.walk(loop):
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            name = first_name(node)
            found |= {name} if name else set()
    return found


def keyword(call: ast.Call, name: str) -> ast.keyword | None:
    """A keyword argument of a call."""
    return next((one for one in call.keywords if one.arg == name), None)


def without(f: Function, node: ast.expr, kept: ast.expr) -> list[Edit]:
    """Cut away what an expression has around one of its parts, and leave the part's own text to other edits."""
    whole, part = f.put(node, ""), f.put(kept, "")
    front = Edit(whole.place, whole.column, part.place.line, part.column, "")
    return [front, Edit(Place(part.end_line, f.cell), part.end_column, whole.end_line, whole.end_column, "")]


def like(product: Product, weight: str, vector: str) -> str:
    """Write a product as another one is written, with another weight and vector."""
    f = product.f
    bare = product.weight.value if isinstance(product.weight, ast.Attribute) and product.weight.attr == "T" else None
    whole = f.put(product.node, "")
    edits = f.put(bare or product.weight, weight), f.put(product.vector, vector)
    spans = [(one.place.line, one.column, one.end_line, one.end_column, one.text) for one in edits]
    lines = [f.source.whole_line(f.cell, number) for number in range(whole.place.line, whole.end_line + 1)]
    rest = len(lines[-1]) - whole.end_column
    written = replaced("\n".join(lines), whole.place.line, spans)
    return written[whole.column : len(written) - rest]


def turned_around(word: str, code: Code) -> Iterator[Sighting]:
    """Turn a weight around in each product with it."""
    for product in products(code):
        if product.word == word:
            f, weight = product.f, product.weight
            straight = f.text(weight.value) if isinstance(weight, ast.Attribute) and weight.attr == "T" else None
            yield sighting(f, product.node, f.put(weight, straight or f.text(weight) + ".T"))


def quotients(code: Code) -> Iterator[tuple[Function, ast.BinOp]]:
    """Find quotients of sums in functions that have exponentials."""
    for f in code.functions:
        if any(isinstance(node, ast.Call) and called(node) == "exp" for node in f.nodes):
            for node in f.nodes:
                if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                    yield f, node


def forwards(code: Code) -> Iterator[Sighting]:
    """Undo whatever turns a sequence around."""
    for f in code.functions:
        for node in f.nodes:
            match node:
                case ast.Subscript(value=value) if "USub" in ast.dump(node.slice) and _is_reversing(node.slice):
                    yield sighting(f, node, *without(f, node, value))
                case ast.Call(args=[value, *_]) if called(node) in ("reversed", "flip", "flipud"):
                    yield sighting(f, node, f.put(node, f.text(value)))
                case ast.Call(args=[ast.BinOp(left=length), _, ast.UnaryOp()]) if called(node) == "range":
                    yield sighting(f, node, f.put(node, f"range({f.text(length)})"))
                case ast.Call(func=ast.Attribute(value=rows, attr="insert"), args=[ast.Constant(value=0), row]):
                    yield sighting(f, node, f.put(node, f"{f.text(rows)}.append({f.text(row)})"))
                case ast.Expr(value=ast.Call(func=ast.Attribute(attr="reverse"))):
                    yield sighting(f, node, f.put(node, "pass"))


def _is_reversing(index: ast.expr) -> bool:
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    return any(
        isinstance(part, ast.Slice) and part.lower is None and part.upper is None and part.step for part in parts
    )


def stack_before_last(f: Function, call: ast.Call) -> list[Edit]:
    """Let a call that makes an array of rows put them before the last axis, batch or not."""
    rows = f.text(call.args[0]) if call.args else ""
    return [f.put(call, f"np.stack({rows}, axis=-2)")] if rows else []
