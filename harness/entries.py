"""Read one entry of an assignment: who may answer, how it is called, and what comes back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.convention import SIZES, related
from harness.errors import InputError
from harness.model import Entry, Form, Step, Template
from harness.questions import QUESTIONS, Question
from harness.templates import BY_TIMESTEP, CACHE, IGNORED, frozen, given_to, parts_of, words_in

_KEYS = {
    "question", "parameters", "required", "functions", "methods", "classes", "looks_like", "optional_in", "construct",
    "attributes", "setup", "returns", "reads", "forward", "signature", "constructor",
}  # fmt: skip
#: Any of these, and the assignment says all about how the entry is called.
_DECLARING = {"classes", "construct", "attributes", "setup", "returns", "reads", "forward"}

Wrong = Callable[[str, str], InputError]


def strings(wrong: Wrong, value: Any, where: str) -> tuple[str, ...]:
    """Read a list of strings.

    Raises
    ------
    InputError
    """
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise wrong(where, "must be a list of strings")
    return tuple(value)


def forms(wrong: Wrong, value: Any, where: str) -> tuple[Form, ...]:
    """Read a list of the forms that a hand-in may have.

    Raises
    ------
    InputError
    """
    names = strings(wrong, value, where)
    for name in names:
        if name not in [str(form) for form in Form]:
            raise wrong(where, f"{name!r} is no form; there are {', '.join(Form)}")
    return tuple(Form(name) for name in names)


@dataclass(frozen=True)
class EntryReader:
    """Reads the entries of a file; every complaint names the key.

    Attributes
    ----------
    wrong : makes the complaint
    joined : arrays that are several in one, with their parts
    zero : words that are zeros in every problem
    """

    wrong: Wrong
    joined: Mapping[str, tuple[str, ...]]
    zero: tuple[str, ...]

    def read(self, name: str, data: Any) -> Entry:
        """Read one entry.

        Raises
        ------
        InputError
        """
        where = f"entries.{name}"
        if not isinstance(data, dict):
            raise self.wrong(where, "must be a table")
        for key in data:
            if key not in _KEYS:
                known = ", ".join(sorted(_KEYS))
                raise self.wrong(where, f"has {key!r}, which means nothing here; known are {known}")
        question = self._question(where, data.get("question", name))
        parameters = frozen(data.get("parameters", list(question.parameters)))
        if not isinstance(parameters, tuple) or not parameters:
            raise self.wrong(f"{where}.parameters", "must be a list")
        required = data.get("required", len(parameters))
        if type(required) is not int or not 0 <= required <= len(parameters):
            raise self.wrong(f"{where}.required", f"must be a number from 0 to {len(parameters)}")
        if data.get("looks_like", "") not in ("", "step", "loop"):
            raise self.wrong(f"{where}.looks_like", "must be 'step' or 'loop'")
        declared = bool(_DECLARING & data.keys()) or parameters != question.parameters
        optional = question.parameters[question.required :]
        entry = Entry(
            name=name,
            question=data.get("question", name),
            parameters=question.parameters,
            required=question.required,
            functions=strings(self.wrong, data.get("functions", []), f"{where}.functions"),
            methods=strings(self.wrong, data.get("methods", []), f"{where}.methods"),
            looks_like=data.get("looks_like", ""),
            optional_in=forms(self.wrong, data.get("optional_in", []), f"{where}.optional_in"),
            classes=strings(self.wrong, data.get("classes", []), f"{where}.classes"),
            call=parameters if declared else None,
            always=tuple(word for word in words_in(parameters[:required]) if word in optional),
            returns=frozen(data.get("returns")),
            construct=frozen(data.get("construct")),
            attributes=frozen(self._table(data, "attributes", where)),
            setup=tuple(self._step(one, where) for one in self._list(data, "setup", where)),
            reads=_by_part(self._table(data, "reads", where)),
            forward=str(data.get("forward", "")),
            signature=str(data.get("signature", "")),
            constructor=str(data.get("constructor", "")),
        )
        if not entry.functions and not (entry.classes and entry.methods):
            raise self.wrong(where, "must have functions, or classes and methods")
        self._check_words(entry, question, where)
        self._check_parts(entry, question, where)
        self._check_required(parameters[required:], optional, required, where)
        return entry

    def finished(self, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """Hold entries against each other: who is called along must be there, and every argument must get there.

        Returns
        -------
        The same, without the optional words that a hand-in can't be given
        """
        by_name = {entry.name: entry for entry in entries}
        for entry in entries:
            for other in related(entry):
                if other not in by_name:
                    raise self.wrong(f"entries.{entry.name}", f"there is no entry {other!r} to go with it")
            if entry.forward and by_name[entry.forward].forward:
                raise self.wrong(f"entries.{entry.name}.forward", f"{entry.forward!r} has a forward pass itself")
        return tuple(self._reachable(entry, by_name) for entry in entries)

    def _reachable(self, entry: Entry, by_name: Mapping[str, Entry]) -> Entry:
        if entry.call is None:
            return entry
        given: set[str] = set()
        for one in (entry, *(by_name[other] for other in related(entry))):
            given |= {part for word in given_to(one) for part in self.joined.get(word, (word,))}
        given |= {word[:-3] for word in given if word.endswith(("_ih", "_hh"))} | set(self.zero)
        given |= {"inputs"} if "inputs_rest" in given else set()
        given |= {"activation"}  # where it is not given, the course has one and no other
        for word in entry.parameters[: entry.required]:
            if word not in given:
                raise self.wrong(
                    f"entries.{entry.name}",
                    f"nothing gives the hand-in {word!r}; if the course has none, say zero = [{word!r}]",
                )
        optional = tuple(word for word in entry.parameters[entry.required :] if word in given)
        return replace(entry, parameters=entry.parameters[: entry.required] + optional)

    def _question(self, where: str, name: Any) -> Question:
        if name not in QUESTIONS:
            raise self.wrong(where, f"there is no question {name!r}; there are {', '.join(sorted(QUESTIONS))}")
        return QUESTIONS[name]

    def _step(self, data: Any, where: str) -> Step:
        if (
            not isinstance(data, dict)
            or data.keys() != {"method", "parameters"}
            or not isinstance(data["parameters"], list)
        ):
            raise self.wrong(f"{where}.setup", "each must be a table with a method and its parameters")
        return Step(str(data["method"]), frozen(data["parameters"]))

    def _check_words(self, entry: Entry, question: Question, where: str) -> None:
        derived = {f"{word}{end}" for word in question.parameters if word[0] == "b" for end in ("_ih", "_hh")}
        pieces = {"inputs_first", "inputs_rest"} if "inputs" in question.parameters else set()
        known = {*question.parameters, *derived, *pieces, *question.knows, *SIZES, *self.joined}
        for word in given_to(entry):
            if word not in known:
                raise self.wrong(
                    where, f"{word!r} is no word of {entry.question}; there are {', '.join(sorted(known))}"
                )
        if CACHE in _flat(entry.call or ()) and not entry.forward:
            raise self.wrong(where, "a cache comes from a forward pass: say forward = 'cell', or which entry it is")

    def _check_parts(self, entry: Entry, question: Question, where: str) -> None:
        for part in parts_of(entry):
            if part not in question.parts:
                known = ", ".join((*question.parts, CACHE, IGNORED))
                raise self.wrong(f"{where}.returns", f"{part!r} is no part of {entry.question}; there are {known}")
        if (entry.returns is not None or entry.reads) and not parts_of(entry):
            raise self.wrong(f"{where}.returns", f"must have at least one of {', '.join(question.parts)}")
        for one in _tables(entry.returns):
            if BY_TIMESTEP in one and len(one) > 1:
                raise self.wrong(f"{where}.returns", f"{BY_TIMESTEP!r} must be the only key of its table")

    def _check_required(self, rest: tuple[Template, ...], optional: tuple[str, ...], required: int, where: str) -> None:
        for word in words_in(rest):
            if word not in optional:
                raise self.wrong(f"{where}.required", f"{word!r} is always given, so {required} is too few")

    def _table(self, data: Mapping[str, Any], key: str, where: str) -> dict[str, Any]:
        value = data.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(f"{where}.{key}", "must be a table")
        return value

    def _list(self, data: Mapping[str, Any], key: str, where: str) -> list[Any]:
        value = data.get(key, [])
        if not isinstance(value, list):
            raise self.wrong(f"{where}.{key}", "must be a list")
        return value


def _by_part(reads: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Turn paths with their parts into parts with their paths."""
    parts: dict[str, tuple[str, ...]] = {}
    for path, part in reads.items():
        parts[str(part)] = (*parts.get(str(part), ()), path)
    return parts


def _flat(template: Template) -> list[Template]:
    if isinstance(template, tuple | dict):
        parts = template.values() if isinstance(template, dict) else template
        return [one for part in parts for one in _flat(part)]
    return [template]


def _tables(template: Template) -> list[dict[str, Template]]:
    if isinstance(template, dict):
        return [template, *(one for part in template.values() for one in _tables(part))]
    return [one for part in template for one in _tables(part)] if isinstance(template, tuple) else []
