"""How values stand in a call and in what comes back, as an assignment writes it.

A template is one of

    "Wx"                     a word: an array of the convention, a size, something of the forward pass
    ["Wx", "Wh"]             a list (in a call), a tuple or list of that length (in what comes back)
    { Wax = "Wx" }           a dict with these keys
    { "[t]" = "..." }        what comes back as a dict by timestep
    "@cell"                  the student's own object for an entry, with the weights in it
    "cache"                  what the forward pass handed on, whatever it is
    "=tanh", 2, true         a constant
    "none"                   None
    "_"                      something that is not looked at (in what comes back)
"""

from collections.abc import Iterator
from itertools import takewhile

from harness.model import Entry, Template

#: Words of a template that stand for no array.
CACHE, IGNORED, NONE = "cache", "_", "none"
#: A key that stands for every timestep.
BY_TIMESTEP = "[t]"


def frozen(value: Template) -> Template:
    """Turn lists into tuples, all the way down, so that nobody changes them."""
    if isinstance(value, list):
        return tuple(frozen(one) for one in value)
    return {key: frozen(one) for key, one in value.items()} if isinstance(value, dict) else value


def words_in(template: Template) -> Iterator[str]:
    """The words of a template, in order; no constants, no objects, nothing that is ignored."""
    if isinstance(template, str):
        if template[:1] not in ("@", "=") and template not in (CACHE, IGNORED, NONE):
            yield template
    elif isinstance(template, tuple | dict):
        for one in template.values() if isinstance(template, dict) else template:
            yield from words_in(one)


def objects_in(template: Template) -> Iterator[str]:
    """The entries whose objects are part of a template."""
    if isinstance(template, str) and template.startswith("@"):
        yield template[1:]
    elif isinstance(template, tuple | dict):
        for one in template.values() if isinstance(template, dict) else template:
            yield from objects_in(one)


def given_to(entry: Entry) -> Iterator[str]:
    """Every word that an entry's call, constructor, attributes and methods are given."""
    yield from words_in(entry.call if entry.call is not None else entry.parameters)
    yield from words_in(entry.construct)
    yield from words_in(dict(entry.attributes))
    for step in entry.setup:
        yield from words_in(step.arguments)


def always_given(entry: Entry) -> int:
    """How many arguments of a declared call are always given; those behind them may be left out."""
    call, optional = entry.call or (), set(entry.parameters[entry.required :]) - set(entry.always)
    left_out = takewhile(lambda one: isinstance(one, str) and one in optional, reversed(call))
    return len(call) - sum(1 for _ in left_out)


def parts_of(entry: Entry) -> tuple[str, ...]:
    """The parts of the answer that an entry gives, in the order in which it gives them; none where the first is all."""
    return tuple(dict.fromkeys((*words_in(entry.returns), *entry.reads)))
