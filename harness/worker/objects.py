"""Make an object of a student's class for given weights, and call it: also a `torch.nn.Module`.

Weights go in by whichever door the class has: its constructor, attributes of the assignment's names, a dict of
parameters, or (for a module) its parameters and linear layers.
"""

import inspect
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from harness.worker.discovery import Found, Spec, arity, plain


class Names(dict[str, tuple[str, ...]]):
    """The assignment's words, each with the names that may stand for it."""

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        super().__init__({word: tuple(allowed) for word, allowed in names.items()})
        self._words: dict[str, str] = {}
        for word, allowed in self.items():
            for name in allowed:
                self._words.setdefault(plain(name), word)

    def word(self, name: str) -> str | None:
        """Find the word that a name of a student's stands for, or None."""
        return self._words.get(plain(name))


class Unbuildable(Exception):
    """The class can't be made or given weights; the message says why."""


def is_module(owner: type | None) -> bool:
    """Tell whether a class is a `torch.nn.Module`."""
    torch = sys.modules.get("torch")
    return torch is not None and owner is not None and issubclass(owner, torch.nn.Module)


class Instance:
    """An object of a student's class with weights of ours in it.

    Parameters
    ----------
    found, spec : the method, and the entry that it answers for
    arguments : all arguments of the entry, weights among them
    """

    def __init__(self, found: Found, spec: Spec, names: Names, arguments: list[Any]) -> None:
        self.found, self.spec, self.names = found, spec, names
        self.module = is_module(found.owner)
        given = dict(zip(spec.parameters, arguments, strict=False))
        self.weights = {word: given[word] for word in spec.weights if word in given}
        Wx = self.weights["Wx"]
        self.object = construct(
            found.owner, names, {"input_size": Wx.shape[1], "hidden_size": Wx.shape[0]}, self.weights
        )
        if self.module:
            self.object.double()
            _fill_module(self.object, names, self.weights)
        else:
            _fill(self.object, names, self.weights)

    def call(self, arguments: list[Any]) -> object:
        """Call the method with the data among the arguments; an initial state may go in as an attribute."""
        method = getattr(self.object, self.found.attribute)
        required, most = arity(list(inspect.signature(method).parameters.values()))
        if required >= self.spec.required > len(self.spec.data):
            return method(*arguments)
        data = [value for word, value in zip(self.spec.parameters, arguments, strict=False) if word in self.spec.data]
        if self.module:
            import torch

            data = [torch.from_numpy(np.array(value)) if isinstance(value, np.ndarray) else value for value in data]
        if len(data) > most and not self._set_state(data[-1]):
            raise TypeError(f"{self.found.label} takes no initial hidden state")
        return method(*data[:most])

    def _set_state(self, state: Any) -> bool:
        for name in list(vars(self.object)):
            if self.names.word(name) == "hidden_state_0":
                setattr(self.object, name, state)
                return True
        return False


def construct(owner: Any, names: Names, sizes: Mapping[str, int], weights: Mapping[str, Any]) -> Any:
    """Call a class with the sizes and weights that its constructor asks for by name.

    Raises
    ------
    Unbuildable
        When it must be given something that the assignment has no word for.
    """
    try:
        parameters = list(inspect.signature(owner).parameters.values())
    except (TypeError, ValueError):
        return owner()
    known = {**sizes, **weights}
    keywords: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        word = names.word(parameter.name)
        if word in known:
            keywords[parameter.name] = known[word]
        elif parameter.default is parameter.empty:
            if word != "output_size":
                raise Unbuildable(
                    f"{owner.__name__}() must be given {parameter.name!r}, which the assignment does not name"
                )
            keywords[parameter.name] = 1
    return owner(**keywords)


def weights_of(thing: Any, names: Names, words: tuple[str, ...]) -> dict[str, Any]:
    """Read the weights that an object made for itself, by the assignment's words."""
    found: dict[str, Any] = {}
    holders = [vars(thing) if hasattr(thing, "__dict__") else {}]
    holders += [value for value in holders[0].values() if isinstance(value, dict)]
    for holder in holders:
        for name, value in holder.items():
            word = names.word(name) if isinstance(name, str) else None
            if word in words and isinstance(value, np.ndarray):
                found.setdefault(word, value)
    return found


def _fill(thing: Any, names: Names, weights: Mapping[str, Any]) -> None:
    missing = set(weights)
    holders = [vars(thing) if hasattr(thing, "__dict__") else {}]
    holders += [value for value in holders[0].values() if isinstance(value, dict)]
    for holder in holders:
        for name in list(holder):
            word = names.word(name) if isinstance(name, str) else None
            if word in weights and word in missing:
                holder[name] = _placed(holder[name], weights[word])
                missing.discard(word)
            elif word == "second_bias" and isinstance(holder[name], np.ndarray):
                holder[name] = _placed(holder[name], np.zeros_like(weights["b"]))
    if missing:
        raise Unbuildable(
            f"{type(thing).__name__} has no attribute for {', '.join(sorted(missing))}"
            f" (looked for {', '.join(names[sorted(missing)[0]][:4])} ...)"
        )


def _placed(old: Any, new: Any) -> Any:
    """Write into an array that other names may share; replace what has another shape."""
    if isinstance(old, np.ndarray) and old.shape == new.shape and old.dtype == new.dtype and old.flags.writeable:
        old[...] = new
        return old
    return new


#: What torch users call a linear layer on the input, and on the state.
_ON_INPUT = ("i2h", "x2h", "ih", "in2h", "input_to_hidden", "input_layer", "fc_x", "linear_x", "linear_ih")
_ON_STATE = ("h2h", "hh", "hidden_to_hidden", "hidden_layer", "fc_h", "linear_h", "linear_hh")


def _fill_module(module: Any, names: Names, weights: Mapping[str, Any]) -> None:
    """Copy the weights into a module's parameters, linear layers, or ready-made RNN."""
    import torch

    Wx, Wh, b = (torch.from_numpy(np.array(weights[word])) for word in ("Wx", "Wh", "b"))
    plan: dict[str, Any] = {}
    biased = False
    for name, parameter in module.named_parameters():
        owner, _, leaf = name.rpartition(".")
        owner = owner.rpartition(".")[2]
        role = _role(owner, leaf, names)
        if role == "b":
            plan[name] = torch.zeros_like(parameter) if biased else b.reshape(parameter.shape)
            biased = True
        elif role == "second_bias":
            plan[name] = torch.zeros_like(parameter)
        elif role == "Wx" and parameter.shape == (Wx.shape[0], Wx.shape[1] + Wx.shape[0]):
            plan[name] = torch.cat((Wx, Wh), dim=1)
        elif role in ("Wx", "Wh"):
            plan[name] = Wx if role == "Wx" else Wh
    state = dict(module.named_parameters())
    with torch.no_grad():
        for name, value in plan.items():
            if state[name].shape != value.shape:
                raise Unbuildable(
                    f"{type(module).__name__}.{name} has shape {tuple(state[name].shape)},"
                    f" but should have {tuple(value.shape)}"
                )
            state[name].copy_(value)
    if not plan:
        raise Unbuildable(f"{type(module).__name__} has no parameters that the assignment names")


def _role(owner: str, leaf: str, names: Names) -> str | None:
    if leaf in ("weight", "bias") and owner:
        on_input = plain(owner) in map(plain, _ON_INPUT) or names.word(owner) == "Wx"
        on_state = plain(owner) in map(plain, _ON_STATE) or names.word(owner) == "Wh"
        if not on_input and not on_state:
            return None
        return "b" if leaf == "bias" else "Wx" if on_input else "Wh"
    leaf = leaf.removesuffix("_l0")
    return names.word(leaf)
