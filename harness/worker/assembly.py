"""Call an entry as the assignment declares it: arguments in any order and shape, objects built and filled, parts told.

Where nothing is declared, names and positions decide; see `objects`. What a template may say is in
`harness.templates`.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.worker.convert import InWords, describe, encode_result
from harness.worker.discovery import Found, Spec
from harness.worker.objects import Unbuildable

_CACHE, _IGNORED, _NONE, _BY_TIMESTEP = "cache", "_", "none", "[t]"
_STEP = re.compile(r"([A-Za-z_]\w*)|\[(\d+)\]")


class Missing(Exception):
    """A word that may be left out was."""


def made(value: Any) -> Any:
    """An argument as it came over the wire, made an array if it is one; the grader's own, and not doubted."""
    return np.ndarray(value["shape"], value["dtype"], value["data"]) if isinstance(value, dict) else value


def copied(value: Any) -> Any:
    """A fresh copy of an argument, so that what one call does to it is not seen by the next."""
    return value.copy() if isinstance(value, np.ndarray) else value


class Declared:
    """Answers calls of declared entries.

    Parameters
    ----------
    found, specs : what answers for each entry, and how it is called
    wrap : a class that every array is given as, ``module.Class``; empty where it is given as it is
    """

    def __init__(
        self, found: Mapping[str, Found], specs: Mapping[str, Spec], namespace: Mapping[str, Any], wrap: str
    ) -> None:
        self._found, self._specs, self._globals = found, specs, namespace
        self._wrap = _class_named(wrap) if wrap else None
        self._given: dict[str, Any] = {}
        self._objects: dict[type, Any] = {}

    def answer(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one call, as often as it says, with the same object."""
        spec = self._specs[call["entry"]]
        declared: Mapping[str, Any] = spec.declared or {}
        wanted = [*_parts(declared["returns"]), *declared["reads"]]
        parts: dict[str, list[dict[str, Any]]] = {part: [] for part in wanted}
        after: list[dict[str, Any]] = []
        for _ in range(call["times"]):
            self._given = {word: copied(one) for word, one in zip(call["words"], call["arguments"], strict=True)}
            cache = None
            if declared["forward"]:
                cache = self._taken(declared["forward"], None).get(_CACHE)
            result = self._taken(call["entry"], cache)
            for part in wanted:
                parts[part].append(encode_result(result.get(part)))
            if call["echo"]:
                after = [encode_result(one) for one in self._given.values() if isinstance(one, np.ndarray)]
        return {"kind": "RETURNED", "parts": parts, "after": after}

    def _taken(self, entry: str, cache: Any) -> dict[str, Any]:
        """Call an entry, and take what comes back apart."""
        if entry not in self._found:
            raise Unbuildable(f"there is no {entry} to go with it")
        found, declared = self._found[entry], self._specs[entry].declared or {}
        if found.owner is None:
            function, holder = self._globals[found.attribute], None
        else:
            holder = self._object(entry)
            function = getattr(holder, found.attribute)
        result = function(*self._arguments(declared["call"], declared["always"], cache))
        taken = _apart(declared["returns"], result)
        for part, paths in declared["reads"].items():
            taken[part] = _read_all(holder, paths)
        return taken

    def _arguments(self, templates: list[Any], always: int, cache: Any) -> list[Any]:
        """Fill templates; those at the end that may be left out, and are, are not passed."""
        filled = []
        for position, template in enumerate(templates):
            try:
                filled.append(self._filled(template, cache))
            except Missing:
                if position >= always and all(self._is_missing(one) for one in templates[position:]):
                    break
                filled.append(None)
        return filled

    def _is_missing(self, template: Any) -> bool:
        return isinstance(template, str) and template in self._given and self._given[template] is None

    def _filled(self, template: Any, cache: Any = None) -> Any:
        if isinstance(template, list):
            return [self._filled(one, cache) for one in template]
        if isinstance(template, dict):
            return {key: self._filled(one, cache) for key, one in template.items()}
        if not isinstance(template, str):
            return template
        if template == _CACHE:
            return cache
        if template == _NONE:
            return None
        if template.startswith("="):
            return template[1:]
        if template.startswith("@"):
            return self._object(template[1:])
        value = self._given[template]
        if value is None:
            raise Missing(template)
        return self._wrap(value) if self._wrap and isinstance(value, np.ndarray) else value

    def _object(self, entry: str) -> Any:
        """The student's object for an entry, built and filled when it is first needed."""
        found, declared = self._found.get(entry), self._specs[entry].declared or {}
        if found is None or found.owner is None:
            raise Unbuildable(f"there is no class for the {entry} to go with it")
        if found.owner not in self._objects:
            self._objects[found.owner] = self._built(found.owner, declared)
        return self._objects[found.owner]

    def _built(self, owner: Any, declared: Mapping[str, Any]) -> Any:
        construct = declared["construct"]
        if isinstance(construct, dict):
            made = owner(**self._filled(construct))
        else:
            made = owner(*self._filled(construct or []))
        for path, template in declared["attributes"].items():
            try:
                _write(made, path, self._filled(template))
            except Missing:
                continue
        for method, templates in declared["setup"]:
            try:
                arguments = [self._filled(one) for one in templates]
            except Missing:
                continue
            getattr(made, method)(*arguments)
        return made


def _class_named(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(__import__(module, fromlist=[attribute]), attribute)


def _parts(template: Any) -> list[str]:
    """The words of what comes back that are told."""
    if isinstance(template, str):
        return [] if template in (_CACHE, _IGNORED) else [template]
    parts = template.values() if isinstance(template, dict) else template
    return [word for part in parts for word in _parts(part)]


def _apart(template: Any, value: Any) -> dict[str, Any]:
    """Take what came back apart by its template; what is not of that form is told for each part in it."""
    if isinstance(template, str):
        return {template: value}
    if isinstance(template, dict):
        if list(template) == [_BY_TIMESTEP]:
            return _by_timestep(template[_BY_TIMESTEP], value)
        return _by_key(template, value)
    if not isinstance(value, tuple | list) or len(value) != len(template):
        names = ", ".join(one if isinstance(one, str) else "..." for one in template)
        return _not_so(template, value, f"a tuple of {len(template)} ({names})")
    taken: dict[str, Any] = {}
    for one, part in zip(template, value, strict=True):
        taken |= _apart(one, part)
    return taken


def _by_key(template: dict[str, Any], value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        return _not_so(template, value, f"a dict with {', '.join(template)}")
    taken: dict[str, Any] = {}
    for key, one in template.items():
        if key in value:
            taken |= _apart(one, value[key])
        else:
            taken |= dict.fromkeys(_parts(one), InWords(f"not in the dict that came back, which has no {key!r}"))
    return taken


def _by_timestep(part: str, value: Any) -> dict[str, Any]:
    """Stack a dict of arrays by its keys, timesteps from -1 or 0 on without a gap."""
    keys = sorted(key for key in value if isinstance(key, int)) if isinstance(value, Mapping) else []
    if not keys or len(keys) != len(value) or keys != list(range(keys[0], keys[-1] + 1)):
        return _not_so(part, value, "a dict with a key for each timestep")
    return {part: [value[key] for key in keys]}


def _not_so(template: Any, value: Any, wanted: str) -> dict[str, Any]:
    words = f"not there: what came back is {describe(value)}, and should be {wanted}"
    return dict.fromkeys(_parts(template), InWords(words))


def _steps(path: str) -> list[str | int]:
    return [name or int(number) for name, number in _STEP.findall(path)]


def _step(holder: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return holder[step]
    return holder[step] if isinstance(holder, dict) else getattr(holder, step)


def _read_all(holder: Any, paths: list[str]) -> Any:
    """Read what stands in several places, and must be the same in all of them."""
    first, *others = (_read(holder, path) for path in paths)
    for other in others:
        if not isinstance(other, InWords) and not np.array_equal(np.asarray(first), np.asarray(other)):
            return InWords(f"not the same in {' and '.join(paths)}")
        first = other if isinstance(other, InWords) else first
    return first


def _read(holder: Any, path: str) -> Any:
    """Read an attribute by its path, ``grads[0]``."""
    try:
        for step in _steps(path):
            holder = _step(holder, step)
    except (AttributeError, LookupError, TypeError):
        return InWords(f"not there: the object has no {path} after the call")
    return holder


def _write(holder: Any, path: str, value: Any) -> None:
    """Set an attribute by its path, ``cells[0].Wx``."""
    *way, last = _steps(path)
    for step in way:
        holder = _step(holder, step)
    if isinstance(last, int) or isinstance(holder, dict):
        holder[last] = value
    else:
        setattr(holder, last, value)
