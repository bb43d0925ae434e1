"""Tell a template that was never filled in from an attempt that is wrong."""

import ast

from harness.trees import walk

Function = ast.FunctionDef | ast.AsyncFunctionDef


def why_unfinished(function: Function) -> str | None:
    """Say what makes a function a template, or None when somebody worked on it.

    Three marks: a body of nothing but ``pass``, ``...``, ``None`` and the like; ``raise NotImplementedError``; a
    name that is only ever ``None`` and is what comes out, alone, with another like it in a tuple, or with nothing but
    its like in a dict.
    """
    body = [node for node in function.body if not _is_text(node)]
    for statement in body:
        if isinstance(statement, ast.Raise) and "NotImplemented" in ast.dump(statement):
            return "raise NotImplementedError"
        if any(isinstance(node, ast.Return) for node in walk(statement)):
            break  # what raises further down is a case that was left out on purpose
    if all(_is_trivial(node) for node in body):
        return ast.unparse(body[-1]).split("\n")[0] if body else "an empty body"
    nodes = list(walk(function))
    empty = _only_ever_none(nodes)
    empty |= _made_of(empty, nodes)
    for node in nodes if empty else ():
        if isinstance(node, ast.Return):
            parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            names = [part.id for part in parts if isinstance(part, ast.Name) and part.id in empty]
            if names and len(names) >= min(2, len(parts)):  # one None among others may be meant
                return f"{names[0]} = None"
    return None


def _made_of(empty: set[str], nodes: list[ast.AST]) -> set[str]:
    """Names of dicts all of whose values are only ever None."""
    made: set[str] = set()
    for node in nodes if empty else ():
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(values=[_, *_] as values)):
                if all(isinstance(one, ast.Name) and one.id in empty for one in values):
                    made.add(name)
    return made


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_trivial(node: ast.stmt) -> bool:
    match node:
        case ast.Pass():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Return(value=value):
            return value is None or isinstance(value, ast.Constant | ast.Name)
        case ast.Assign(value=ast.Constant(value=None)) | ast.AnnAssign(value=None | ast.Constant(value=None)):
            return True
    return False


def _only_ever_none(nodes: list[ast.AST]) -> set[str]:
    """Names all of whose assignments in a function are ``= None``."""
    assigned_none = [node for node in nodes if isinstance(node, ast.Assign) and _is_none(node.value)]
    empty = {name for node in assigned_none for target in node.targets for name in _names(target)}
    if not empty:
        return empty
    filled = {argument.arg for argument in nodes if isinstance(argument, ast.arg)}
    for node in nodes:
        if not (isinstance(node, ast.Assign) and _is_none(node.value)):
            filled |= {name for target in _targets(node) for name in _names(target)}
        # Indexing and mutating methods do not make a None into something: they raise on it.
    return empty - filled


def _is_none(node: ast.expr) -> bool:
    """``None``, or as many of them as there are names: ``h, cache = None, None``."""
    if isinstance(node, ast.Tuple):
        return bool(node.elts) and all(_is_none(one) for one in node.elts)
    return isinstance(node, ast.Constant) and node.value is None


def _targets(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Assign():
            return node.targets
        case ast.AugAssign() | ast.AnnAssign() | ast.NamedExpr() | ast.For() | ast.AsyncFor() | ast.comprehension():
            return [node.target]
        case ast.withitem(optional_vars=ast.expr() as target):
            return [target]
    return []


def _names(target: ast.expr) -> set[str]:
    return {part.id for part in walk(target) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
