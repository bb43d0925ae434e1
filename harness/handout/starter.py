"""The starter: empty functions and classes as the assignment wants them, with all that is asked in their docstrings."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from harness.checks import CHECKS
from harness.convention import axes_of, canonical_axes, lay_out
from harness.handout.problems import asked_cases
from harness.language import Language
from harness.model import Argument, Assignment, Case, Entry, Extended, Joined, Template
from harness.questions import QUESTIONS
from harness.templates import BY_TIMESTEP, CACHE, IGNORED, NONE, always_given, parts_of
from harness.words import say


def definitions(assignment: Assignment, tr: Language) -> list[str]:
    """The empty definitions, a function or a class each, in the order of the entries."""
    by_entry: dict[str, list[Case]] = {}
    entries = {entry.name: entry for entry in assignment.entries}
    for case in asked_cases(assignment).values():
        by_entry.setdefault(case.entry, []).append(lay_out(case, entries[case.entry], assignment))
    made: dict[str, list[str]] = {}
    owners: dict[str, list[Entry]] = {}
    for entry in assignment.entries:
        name = name_of(entry)
        written = made.setdefault(name, [])
        owners.setdefault(name, []).append(entry)
        head = f"def {_signature(entry).removeprefix(f'{name}.')}:"
        if any(one.startswith(head) for one in written):
            continue  # the same function, asked in two ways
        written.append(_function(head, entry, by_entry[entry.name], assignment, tr))
    return [
        _class(name, owners[name], made[name], assignment, tr)
        if "." in _head(owners[name][0])
        else "\n\n\n".join(made[name])
        for name in made
    ]


def name_of(entry: Entry) -> str:
    """The function or the class that answers for an entry."""
    return _head(entry).partition(".")[0]


def _head(entry: Entry) -> str:
    return _signature(entry).partition("(")[0]


def _signature(entry: Entry) -> str:
    """How the function or method is written: as the assignment says, or by its words."""
    if entry.signature:
        return entry.signature
    template = entry.parameters if entry.call is None else entry.call
    required = entry.required if entry.call is None else always_given(entry)
    names = [_name(one, number) for number, one in enumerate(template)]
    given = [f"{name}=None" if number >= required else name for number, name in enumerate(names)]
    if not entry.functions:
        given.insert(0, "self")
    return f"{entry.title}({', '.join(given)})"


def _name(template: Template, number: int) -> str:
    if isinstance(template, str):
        return template.lstrip("@=")
    return "parameters" if isinstance(template, dict) else f"argument_{number + 1}"


def _arguments(signature: str) -> list[str]:
    """The names of a signature's arguments."""
    inner = signature.partition("(")[2].rpartition(")")[0]
    return [one.partition("=")[0].strip() for one in inner.split(",") if one.strip() not in ("", "self")]


def _class(name: str, entries: list[Entry], methods: list[str], assignment: Assignment, tr: Language) -> str:
    """A class with the methods of its entries, and those that set it up."""
    constructor = next((one.constructor for one in entries if one.constructor), f"{name}()")
    inner = constructor.partition("(")[2].rpartition(")")[0]
    lines = [f"class {name}({assignment.base}):" if assignment.base else f"class {name}:"]
    attributes = list(_attributes(entries, assignment))
    if attributes:
        title = tr(say("Attributes"))
        lines += ['    """', f"    {title}", "    ----------", *(f"    {one}" for one in attributes), '    """', ""]
    lines += [f"    def __init__(self{', ' + inner if inner else ''}):", "        raise NotImplementedError"]
    known = {_head(one).partition(".")[2] for one in entries}
    for step in {step.method: step for one in entries for step in one.setup}.values():
        if step.method not in known:
            given = ", ".join(_name(one, number) for number, one in enumerate(step.arguments))
            told = ", ".join(_described(one, {}, assignment) for one in step.arguments)
            lines += [
                "",
                f"    def {step.method}(self, {given}):",
                f'        """{told}"""',
                "        raise NotImplementedError",
            ]
    for method in methods:
        lines += ["", *(f"    {line}" if line else "" for line in method.split("\n"))]
    return "\n".join(lines)


def _attributes(entries: list[Entry], assignment: Assignment) -> Iterator[str]:
    """What stands in an object: what is put there, and what is read from there."""
    told: dict[str, str] = {}
    for entry in entries:
        for path, template in entry.attributes.items():
            told.setdefault(path, _described(template, {}, assignment))
        for part, paths in entry.reads.items():
            for path in paths:
                told.setdefault(path, f"{part} {_axes(part, assignment, entry.question)}")
    yield from (f"{path} : {what}" for path, what in told.items())


def _function(head: str, entry: Entry, cases: list[Case], assignment: Assignment, tr: Language) -> str:
    """An empty function, with all that is asked of it in its docstring."""
    lines = [head, '    """' + tr(say("What is asked of it:"))]
    claims = claims_of(entry, assignment)
    lines += ["", *(f"    - {tr(claim)}" for claim in claims), "", f"    {tr(say('Parameters'))}", "    ----------"]
    values: dict[str, list[Argument]] = {}
    for case in cases:
        for word, value in case.given.items():
            if value is not None:
                values.setdefault(word, []).append(value)
    template = entry.parameters if entry.call is None else entry.call
    for name, one in zip(_arguments(head), template, strict=False):
        lines.append(f"    {name} : {_described(one, values, assignment)}")
    lines += ["", f"    {tr(say('Returns'))}", "    -------"]
    lines += [f"    {one}" for one in _returned(entry, cases, assignment)]
    return "\n".join([*lines, '    """', "    raise NotImplementedError"])


def _returned(entry: Entry, cases: list[Case], assignment: Assignment) -> Iterator[str]:
    """The parts of what is to come back, with their shapes, and how they are put together."""
    results: dict[str, list[Extended]] = {}
    for case in cases:
        results.setdefault(case.part, []).append(case.expected)
    shapes = {part: _shapes(part, results.get(part, []), assignment, entry.question) for part in _parts(entry)}
    if assignment.extra_row != "none" and "total_hidden_states" in shapes:
        longer = shapes["total_hidden_states"].replace("T", "T + 1")
        shapes["total_hidden_states"] = f"{longer}, the {assignment.extra_row} row is the initial state"
    if entry.returns is None or isinstance(entry.returns, str):
        part = entry.returns or QUESTIONS[entry.question].result
        yield f"{part} : {shapes[part]}"
    elif isinstance(entry.returns, dict) and BY_TIMESTEP in entry.returns:
        part = entry.returns[BY_TIMESTEP]
        yield f"{part} : dict by timestep, together {shapes[part]}"
    else:
        keys = entry.returns if isinstance(entry.returns, dict) else {one: one for one in entry.returns}
        for key, one in keys.items():
            if one not in (IGNORED, CACHE):
                yield f"{key} : {shapes[one]}" if key == one else f"{key!r} : {one} {shapes[one]}"
            elif one == CACHE:
                yield f"{CACHE} : whatever the way back needs"


def _parts(entry: Entry) -> tuple[str, ...]:
    return parts_of(entry) or (QUESTIONS[entry.question].result,)


def claims_of(entry: Entry, assignment: Assignment) -> Iterable[str]:
    """The claims about an entry that students may know of."""
    for plan in assignment.checks:
        check = CHECKS[plan.id]
        if not plan.hidden and check.asks and check.asks[0].pattern.partition(".")[0] == entry.name:
            yield check.claim


def _described(template: Template, values: dict[str, list[Argument]], assignment: Assignment) -> str:
    """What an argument is: the shapes of an array, or how several stand together."""
    if isinstance(template, dict):
        return "dict: " + ", ".join(f"{key} {_described(one, values, assignment)}" for key, one in template.items())
    if isinstance(template, tuple):
        return "[" + ", ".join(_described(one, values, assignment) for one in template) + "]"
    if not isinstance(template, str):
        return repr(template)
    if template.startswith("@"):
        return template[1:]
    if template in (CACHE, NONE) or template.startswith("="):
        return template.lstrip("=")
    return _shapes(template, values.get(template, []), assignment)


def _shapes(name: str, values: Sequence[Argument | Extended], assignment: Assignment, question: str = "") -> str:
    """What an argument or a result is: the shapes that it has in the cases, as axes; or a word, or a count."""
    if values and all(isinstance(value, str) for value in values):
        return " | ".join(repr(one) for one in dict.fromkeys(values))
    if name in assignment.joined:
        return _joined(assignment.joined[name])
    axes = axes_of(name, assignment, question).split()
    if not values:
        return _axes(name, assignment, question) if axes else name
    if not all(isinstance(value, np.ndarray) for value in values):
        return "int"
    lengths = sorted({np.ndim(value) for value in values})
    if lengths[-1] > len(axes):  # as many axes before the last as its argument has
        return f"(..., {axes[-1]})"
    return " or ".join(_written(axes[len(axes) - length :]) for length in lengths)


def _joined(joined: Joined) -> str:
    """What an array is that is several in one: the sum of their lengths along the axis where they are joined."""
    kept = joined.axes.split()
    free = [axis for part in joined.parts for axis in canonical_axes(part) if axis not in kept]
    axes = [" + ".join(free) or str(len(joined.parts)) if axis == "*" else axis for axis in kept]
    return f"{_written(axes)}, {' and '.join(joined.parts)} in one"


def _axes(name: str, assignment: Assignment, question: str) -> str:
    return _written(axes_of(name, assignment, question).split())


def _written(axes: Sequence[str]) -> str:
    named = [axis.replace("H_before", "H") for axis in axes]
    return f"({', '.join(named)}{',' if len(named) == 1 else ''})"
