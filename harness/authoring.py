"""An assignment of one's own: written from a few answers, or from a sample solution that shows its convention.

A sample is not parsed here and not believed: it is run in the confined child, in every convention that is tried
(`harness.dialects`), and only one in which its numbers are right is written down.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.bank import Bank, make_bank
from harness.conversation import Conversation, Zygotes
from harness.dialects import Variant, call_in, nearest, trial
from harness.errors import InputError
from harness.grading import Grader
from harness.intake import look
from harness.model import Assignment, Call, Entry, Grade, Loaded, NotAnArray, Reply, Submission
from harness.run import choose_assignment

_TEMPLATE = Path(__file__).with_name("handout") / "templates" / "assignment.template"


@dataclass(frozen=True)
class Function:
    """How one function is called.

    Attributes
    ----------
    order : the words of its arguments
    required : how many of them are always given
    tuple_of : how many things come back, the result first; 1 where it is the result alone
    """

    name: str
    order: tuple[str, ...]
    required: int
    tuple_of: int = 1


@dataclass(frozen=True)
class Draft:
    """What an assignment is made of.

    Attributes
    ----------
    axes : by word, where they are not the canonical ones
    batch : ``optional``, ``always`` or ``never``
    """

    title: str
    cell: Function
    layer: Function
    axes: Mapping[str, str] = field(default_factory=dict)
    batch: str = "optional"


#: What the template has for every draft; a draft's own axes stand above them.
USUAL_AXES = {
    "input_t": "N D",
    "hidden_state_t": "N H",
    "output_t": "N H",
    "inputs": "N T D",
    "hidden_state_0": "N H",
    "total_hidden_states": "N T H",
    "Wx": "H D",
    "Wh": "H H_before",
    "b": "H",
}
CELL = ("input_t", "hidden_state_t", "Wx", "Wh", "b")
LAYER = ("inputs", "Wx", "Wh", "b", "hidden_state_0")


def write(draft: Draft, path: Path) -> Assignment:
    """Write the TOML file of a draft, and read it back.

    Raises
    ------
    InputError
        When the file is there already, can't be written, or the draft makes no sense.
    """
    if path.exists():
        raise InputError(f"{path} is there already; give another name")
    if path.suffix != ".toml":
        raise InputError(f"{path}: an assignment's file must end in .toml")
    try:
        path.write_text(told(draft), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} can't be written: {error.strerror or error}") from None
    return choose_assignment(str(path))


def told(draft: Draft) -> str:
    """The text of the file."""
    axes = USUAL_AXES | dict(draft.axes)
    checks = _CHECKS + (_BATCH_CHECKS if draft.batch != "never" else ())
    if "hidden_state_0" not in draft.layer.order:
        checks = tuple(check for check in checks if check[0] != "stacking.initial-state")
    lines = [f"    {{ id = {_quoted(id)}, points = {points}{_after(after)} }}," for id, points, after in checks]
    return _TEMPLATE.read_text(encoding="utf-8").format(
        title=_quoted(draft.title),
        batch=_quoted(draft.batch),
        checks="\n".join(lines),
        cell=_entry(draft.cell, "output_t"),
        layer=_entry(draft.layer, "total_hidden_states"),
        convention="\n".join(f"{word} = {_quoted(one)}" for word, one in axes.items()),
    )


def _entry(function: Function, result: str) -> str:
    lines = [
        f"functions = [{_quoted(function.name)}]",
        f"parameters = [{', '.join(map(_quoted, function.order))}]",
        f"required = {function.required}",
    ]
    parts = [result, *["_"] * (function.tuple_of - 1)]
    lines += [f"returns = [{', '.join(map(_quoted, parts))}]"] if function.tuple_of > 1 else []
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a basic string of TOML is written as one of JSON


def _after(check: str) -> str:
    return f", after = [{_quoted(check)}]" if check else ""


_CELL_FIRST, _LAYER_FIRST, _CARRIED = "shapes.cell-output", "shapes.layer-output", "stacking.state-is-carried"
_CHECKS = (
    (_CELL_FIRST, 5, ""),
    ("numerics.input-term", 5, _CELL_FIRST),
    ("numerics.recurrent-term", 5, _CELL_FIRST),
    ("numerics.bias-term", 5, _CELL_FIRST),
    ("numerics.cell", 15, _CELL_FIRST),
    ("numerics.saturation", 5, _CELL_FIRST),
    (_LAYER_FIRST, 10, ""),
    ("stacking.first-row", 5, _LAYER_FIRST),
    ("stacking.rows-in-order", 5, _LAYER_FIRST),
    (_CARRIED, 15, _LAYER_FIRST),
    ("stacking.initial-state", 10, _LAYER_FIRST),
    ("conduct.same-call-twice", 5, _LAYER_FIRST),
    ("conduct.arguments-unchanged", 5, _LAYER_FIRST),
)
_BATCH_CHECKS = (("batches.each-sample", 5, _CARRIED),)


def from_sample(sample: Path, title: str, cell: str | None, layer: str | None) -> Draft:
    """Read the convention off a sample solution, by trying it.

    Parameters
    ----------
    cell, layer : the names of its functions, where they are not among the usual ones

    Raises
    ------
    InputError
        When a function is not there, or is right in none of the conventions that are tried.
    """
    submission = _read(sample)
    base = _named(choose_assignment("notes"), cell, layer)
    bank = make_bank(base, "cpu")
    zygotes = Zygotes()
    try:
        with Conversation(submission, base, zygotes) as conversation:
            loaded = conversation.load()
            trying = _Trying(sample, base, bank, loaded, conversation)
            return trying.draft(title)
    finally:
        zygotes.close()


def graded(sample: Path, assignment: Assignment) -> Grade:
    """What a sample gets in an assignment."""
    grader = Grader(assignment, make_bank(assignment, "cpu"))
    try:
        return grader.grade(_read(sample))
    finally:
        grader.close()


def _read(sample: Path) -> Submission:
    found = look([sample]).hand_ins
    if len(found) != 1:
        raise InputError(f"{sample} must be one file, a solution of the assignment")
    return found[0].read()


def _named(base: Assignment, cell: str | None, layer: str | None) -> Assignment:
    names = {"cell": cell, "layer": layer}
    entries = tuple(
        replace(entry, functions=(name,)) if (name := names[entry.name]) else entry for entry in base.entries
    )
    return replace(base, entries=entries)


class _Trying:
    """A sample solution, and the conventions that it is tried in."""

    def __init__(self, sample: Path, base: Assignment, bank: Bank, loaded: Loaded, conversation: Conversation) -> None:
        self._sample, self._base, self._bank = sample, base, bank
        self._loaded, self._conversation = loaded, conversation

    def draft(self, title: str) -> Draft:
        cell, layer = (next(one for one in self._base.entries if one.name == name) for name in ("cell", "layer"))
        of_cell, _ = self._variant(cell, ("batch", "plain"))
        of_layer, on = self._variant(layer, ("batch-initial-state", "initial-state", "batch", "plain"))
        stateless = self._is_right(layer, of_layer, "plain") or self._is_right(layer, of_layer, "batch")
        with_state = on in ("batch-initial-state", "initial-state")
        alone, together = (
            all(self._is_right(layer, of_layer, one) for one, asked in problems if asked)
            for problems in (
                (("plain", stateless), ("initial-state", with_state)),
                (("batch", stateless), ("batch-initial-state", with_state)),
            )
        )
        batch = "optional" if alone and together else "always" if together else "never"
        order = of_layer.order if with_state else tuple(w for w in of_layer.order if w != "hidden_state_0")
        at_end = order[-1:] == ("hidden_state_0",)
        return Draft(
            title,
            Function(self._name(cell), of_cell.order, 5, self._count(cell, of_cell, ("batch", "plain"))),
            Function(
                self._name(layer),
                order,
                len(order) - (1 if at_end and stateless else 0),
                self._count(layer, of_layer, (on,)),
            ),
            {**of_cell.axes, **of_layer.axes},
            batch,
        )

    def _name(self, entry: Entry) -> str:
        return self._loaded.entries[entry.name].name

    def _variant(self, entry: Entry, problems: tuple[str, ...]) -> tuple[Variant, str]:
        found = self._loaded.entries.get(entry.name)
        if found is None or "." in found.name:
            why = self._loaded.unreadable or self._loaded.missing.get(entry.name, "it is a class")
            raise InputError(f"{self._sample}: no function for the {entry.name}: {why}; name it with --{entry.name}")
        for problem in problems:
            variant = nearest(
                self._bank.canonical[f"{entry.name}.{problem}"], entry, self._base, self._conversation.ask
            )
            if variant is not None:
                return variant, problem
        raise InputError(
            f"{self._sample}: {found.name} is right in none of the conventions that are tried;"
            " leave out --from and answer the questions"
        )

    def _is_right(self, entry: Entry, variant: Variant, problem: str) -> bool:
        """Whether it is right on a problem."""
        case = self._bank.canonical[f"{entry.name}.{problem}"]
        one = trial(variant, case, entry, self._base)
        return one.is_right(self._ask(one.call))

    def _count(self, entry: Entry, variant: Variant, problems: tuple[str, ...]) -> int:
        """How many things come back, the result first."""
        if not variant.first:
            return 1
        for problem in problems:
            case = self._bank.canonical[f"{entry.name}.{problem}"]
            reply = self._ask(replace(call_in(variant, case, entry, self._base, "sample"), first=False))
            if reply.values and isinstance(reply.values[0], NotAnArray):
                return int(reply.values[0].description.rpartition(" ")[2])
        return 1

    def _ask(self, call: Call) -> Reply:
        return self._conversation.ask([call])[call.key]
