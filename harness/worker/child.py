"""One hand-in's process: it confines itself, is given the bytes, asked the calls, and then ended by the parent.

The conversation, each frame a dict with one key:

    child → grader   {"confined": true}   before any student byte; it was told how when it was forked (see `zygote`)
    grader → child   {"load": {...}}      name, bytes, and what is asked for if that is not what the zygote was told;
                                          answered by {"loaded": {...}}
    grader → child   {"calls": [...]}     each its key, if the zygote was told, or else packed by itself; answered by
                                          one {"reply": {...}} for each, as it ends
    grader → child   {"annotate": {...}}  a notebook, and feedback to put into it; answered by {"annotated": {...}}
    grader → child   {"source": true}     answered by {"source": {...}}: text and syntax trees, for the diagnosis
"""

import ast
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

import harness
from harness import trees
from harness.wire import Channel, WireError
from harness.worker import absence, execution, helpers, scripts
from harness.worker.annotating import annotate
from harness.worker.asked import Asked, read_call
from harness.worker.assembly import Declared, copied
from harness.worker.convert import encode_result
from harness.worker.discovery import Found, Outline
from harness.worker.objects import Instance, Unbuildable, construct, is_module, weights_of
from harness.worker.reading import Block, Unreadable, mend, read
from harness.worker.salvage import Broken, Statement, statements_of

#: What no hand-in may import, whatever is installed.
_REFUSED = frozenset({"harness", "reference", "tensorflow", "keras", "jax", "flax", "mxnet", "pytest", "hypothesis"})

_MAX_PRINTED = 4000
_MAX_TEXT = 400_000
#: The seed of what a hand-in draws while it is loaded.
_LOAD_SEED = 20_200_325


class CappedText(io.StringIO):
    """Standard output of a hand-in: the first few thousand characters, the rest is dropped."""

    def write(self, text: str) -> int:
        """Keep what fits."""
        if self.tell() < _MAX_PRINTED:
            super().write(str(text)[: _MAX_PRINTED - self.tell()])
        return len(text)


class HandIn:
    """A loaded hand-in, ready to be called.

    Parameters
    ----------
    asked : what it is an answer to
    edits : stretches of its text to replace, each with the cell that it is in
    """

    def __init__(self, asked: Asked, edits: Iterable[Sequence[Any]] = ()) -> None:
        self.asked = asked
        self.names, self.specs, self.forms = asked.names, asked.specs, asked.forms
        self.wrap, self.package = asked.wrap, asked.package
        self.edits = [(cell, tuple(replacement)) for cell, *replacement in edits]
        self.blocks: list[Block] = []
        self.statements: list[Statement] = []
        self.broken: list[Broken] = []
        self.failures: list[execution.Failure] = []
        self.found: dict[str, Found] = {}
        self.missing: dict[str, str] = {}
        self.own_weights: dict[str, Any] = {}
        self.form: str | None = None
        self.loop: int | None = None
        self.globals: dict[str, Any] = {}

    def read(self, name: str, content: bytes) -> None:
        """Read and salvage; nothing of it has run yet.

        Raises
        ------
        Unreadable
        """
        self.blocks = mend(read(name, content), self.edits)
        self.statements, self.broken = statements_of(self.blocks)
        if not self.statements and not self.broken:
            raise Unreadable("there is no Python statement in it, only comments")

    def run(self, *, definitions_only: bool) -> None:
        """Execute what was read, and find the entries; what it draws was seeded by `tell`."""
        namespace = execution.new_namespace(self.package)
        execution.run(self.statements, namespace, definitions_only=definitions_only, after=self._note_weights)
        self.globals, self.failures = namespace.globals, namespace.failures
        outline = Outline(self.statements, self.broken, namespace.globals)
        self.found, self.missing = outline.find(list(self.specs.values()))
        self._drop_other_forms()
        self._find_script(outline)
        self.form = self._form()

    def adopt(self, objects: Mapping[str, Any]) -> None:
        """Take functions and classes that are there already, instead of running what was read."""
        self.statements, self.broken = statements_of(self.blocks)
        self.globals = dict(objects)
        self.found, self.missing = Outline(self.statements, [], self.globals).find(list(self.specs.values()))
        self.form = self._form()

    def uses(self, module: str) -> bool:
        """Tell whether some statement imports a module, wherever it stands."""
        if not any(module in block.text for block in self.blocks):
            return False  # as mostly, and sooner seen
        return any(_imports(part, module) for statement in self.statements for part in trees.walk(statement.node))

    def _form(self) -> str | None:
        owners = [one.owner for one in self.found.values() if one.owner is not None]
        if any(is_module(owner) for owner in owners):
            return "module"
        if self.found:
            return "class" if owners else "functions"
        return None if self.loop is None else "script"

    def _drop_other_forms(self) -> None:
        """A function where a module is asked for is no answer."""
        for name, one in list(self.found.items()):
            form = "functions" if one.owner is None else "module" if is_module(one.owner) else "class"
            if form not in self.forms and not (form == "class" and self.specs[name].classes):
                kinds = {"functions": "a function", "class": "a class without nn.Module", "module": "an nn.Module"}
                asked = " or ".join(sorted(self.forms))
                self.missing[name] = f"{one.label} is {kinds[form]}, and this assignment asks for: {asked}"
                del self.found[name]

    def _find_script(self, outline: Outline) -> None:
        """Take a loop at the top for the layer where no function or class answers for it."""
        layers = [spec for spec in self.specs.values() if spec.looks_like == "loop"]
        if "script" not in self.forms or any(spec.name in self.found for spec in layers):
            return
        if any(outline.broken_definition(spec) for spec in layers):
            return  # it was written as a function; the loop is its demo
        flat = scripts.flatten_main(self.statements)
        cell = next((one.attribute for one in self.found.values() if one.owner is None), "")
        self.loop = scripts.recurrence(flat, self.names, cell)
        if self.loop is not None:
            self.statements = flat
            self.missing = {} if not self.found else self.missing

    def _note_weights(self, statement: Statement, namespace: dict[str, Any]) -> None:
        """Keep the weights that a file of functions makes at its top, with the sizes that hold at that line."""
        if not isinstance(statement.node, ast.Assign | ast.AnnAssign):
            return
        for part in trees.walk(statement.node):
            if not isinstance(part, ast.Name) or not isinstance(part.ctx, ast.Store):
                continue
            word = self.names.word(part.id)
            if word not in ("Wx", "Wh", "b"):
                continue
            value = namespace.get(part.id)
            sizes = self._sizes(namespace)
            if isinstance(value, np.ndarray) and len(sizes) == 2:
                self.own_weights |= {word: value.copy(), f"sizes_of_{word}": np.array(sizes)}

    def _sizes(self, namespace: Mapping[str, Any]) -> list[int]:
        sizes = []
        for word in ("input_size", "hidden_size"):
            values = [namespace[name] for name in self.names[word] if type(namespace.get(name)) is int]
            sizes += values[:1]
        return sizes

    def describe(self) -> dict[str, Any]:
        """Say what was found, as plain data."""
        return {
            "form": self.form,
            "script": self.loop is not None,
            "entries": {
                name: {
                    "name": one.label,
                    "line": one.node.lineno if one.node else None,
                    "cell": one.cell,
                    "unfinished": one.unfinished,
                }
                for name, one in self.found.items()
            },
            "missing": self.missing,
            "problems": [
                {"line": one.line, "cell": one.cell, "type": "SyntaxError", "message": one.message}
                for one in self.broken[:50]
            ]
            + [
                {"line": one.line, "cell": one.cell, "type": one.type, "message": one.message}
                for one in self.failures[:50]
            ],
        }

    def answer(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one call; whatever student code does becomes part of the reply."""
        try:
            if call["entry"] == "script" and self.loop is not None:
                return self._answer_script(call, self.loop)
            if call["entry"] == "weights":
                return self._answer_weights(call)
            if call["entry"] not in self.found:
                return {"kind": "ABSENT", "message": self.missing.get(call["entry"], "it is not there")}
            return self._answer_call(call)
        except Unbuildable as error:
            return {"kind": "RAISED", "message": execution.say(error)}
        except BaseException as error:  # noqa: BLE001 SystemExit, KeyboardInterrupt: student code may raise anything
            line, cell = execution.place_of(error)
            return {
                "kind": "RAISED",
                "message": f"{type(error).__name__}: {execution.say(error)}".rstrip(": "),
                "line": line,
                "cell": cell,
            }

    def _answer_call(self, call: Mapping[str, Any]) -> dict[str, Any]:
        found, spec = self.found[call["entry"]], self.specs[call["entry"]]
        if spec.declared is not None:
            return Declared(self.found, self.specs, self.globals, self.wrap).answer(call)
        values: list[dict[str, Any]] = []
        after: list[dict[str, Any]] = []
        instance: Instance | None = None
        for _ in range(call["times"]):
            arguments = [copied(one) for one in call["arguments"]]
            if found.owner is None:
                result = self.globals[found.attribute](*arguments)
            else:
                instance = instance or Instance(found, spec, self.names, list(arguments))
                result = instance.call(arguments)
            first = call["first"] or (instance is not None and instance.module)
            values.append(encode_result(result, first_of_tuple=first))
            if call["echo"] and found.owner is None:
                after = [encode_result(one) for one in arguments if isinstance(one, np.ndarray)]
        return {"kind": "RETURNED", "values": values, "after": after}

    def _answer_script(self, call: Mapping[str, Any], loop: int) -> dict[str, Any]:
        numbers = [int(number) for number in call["arguments"]]
        sizes = dict(zip(("timesteps", "input_size", "hidden_size"), numbers[1:], strict=False))
        run = scripts.run_script(self.statements, loop, self.names, sizes, numbers[0])
        named = {word: encode_result(value) for word, value in run.variables.items()}
        named["overridden"] = encode_result(
            [word in run.overridden for word in ("timesteps", "input_size", "hidden_size")]
        )
        reply: dict[str, Any] = {"kind": "RETURNED", "named": named}
        if run.failure:
            reply |= {
                "kind": "RAISED",
                "message": f"{run.failure.type}: {run.failure.message}",
                "line": run.failure.line,
                "cell": run.failure.cell,
            }
        return reply

    def _answer_weights(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """Weights that the hand-in makes by itself: at its top, or in an object built from sizes alone."""
        weights = dict(self.own_weights)
        owner = next((one.owner for one in self.found.values() if one.owner is not None), None)
        if owner is not None and not is_module(owner) and not any(one.declared for one in self.specs.values()):
            D, H = (int(number) for number in call["arguments"])
            spec = next(iter(self.specs.values()))
            try:
                made = construct(owner, self.names, {"input_size": D, "hidden_size": H}, {})
            except Unbuildable:
                made = None
            for word, value in weights_of(made, self.names, spec.weights).items():
                weights |= {word: value, f"sizes_of_{word}": np.array([D, H])}
        return {"kind": "RETURNED", "named": {word: encode_result(value) for word, value in weights.items()}}

    def source(self) -> dict[str, Any]:
        """The text and the syntax trees, for the grader's diagnosis; it never parses them itself."""
        by_cell: dict[int | None, list[Any]] = {}
        for statement in self.statements:
            try:
                by_cell.setdefault(statement.cell, []).append(trees.flatten(ast.Module([statement.node], [])))
            except trees.TreeError:
                continue
        return {
            "blocks": [{"text": b.text[:_MAX_TEXT], "first_line": b.first_line, "cell": b.cell} for b in self.blocks],
            "trees": [{"cell": cell, "modules": modules} for cell, modules in by_cell.items()],
            "broken": [{"line": b.line, "cell": b.cell} for b in self.broken[:50]],
        }


def tell(asked: Asked, has_torch: bool) -> None:
    """Make ready for hand-ins that answer this: in a zygote for all its children, else in the child itself."""
    harness.__dict__["check"] = absence.nothing  # what students try their work with; here it is tried anyway
    absence.refuse(_REFUSED if has_torch else _REFUSED | {"torch"})
    helpers.provide(asked.helpers)
    execution.seed_everything(_LOAD_SEED)
    execution.hear_the_time()


def serve(channel: Channel, told: Asked | None, *, has_torch: bool) -> None:
    """Hold the conversation until the grader hangs up.

    Parameters
    ----------
    told : what the zygote was told that is asked for
    """
    out = CappedText()
    sys.stdout = sys.stderr = out
    hand_in: HandIn | None = None
    while True:
        try:
            message = channel.receive()
        except WireError:
            return
        if "load" in message:
            request, asked = message["load"], told
            if asked is None or request["asked"] is not None:
                asked = Asked.of(request["asked"])
                tell(asked, has_torch)
            hand_in = HandIn(asked, request["edits"])
            loaded = _load(hand_in, request, asked, has_torch)
            channel.send({"loaded": {**loaded, "printed": out.getvalue()[:_MAX_PRINTED]}})
        elif "calls" in message and hand_in is not None:
            for one in message["calls"]:
                call = hand_in.asked.calls[one] if isinstance(one, str) else read_call(one)
                channel.send({"reply": {"key": call["key"], **hand_in.answer(call)}})
        elif "source" in message and hand_in is not None:
            channel.send({"source": hand_in.source()})
        elif "annotate" in message:
            channel.send({"annotated": _annotated(message["annotate"])})


def _load(hand_in: HandIn, request: Mapping[str, Any], asked: Asked, has_torch: bool) -> dict[str, Any]:
    try:
        hand_in.read(request["name"], request["content"])
    except Unreadable as error:
        return {"unreadable": str(error)}
    if asked.torch and not has_torch and hand_in.uses("torch"):
        return {"needs_torch": True}
    if has_torch and not asked.ready_made:
        import torch

        absence.refuse_ready_made(torch)
    hand_in.run(definitions_only=request["definitions_only"])
    return hand_in.describe()


def _annotated(request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {"content": annotate(request["content"], dict(request["texts"]))}
    except Unreadable as error:
        return {"unreadable": str(error)}


def _imports(node: ast.AST, module: str) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.partition(".")[0] == module for alias in node.names)
    return isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == module
