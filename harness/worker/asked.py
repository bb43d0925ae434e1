"""What an assignment asks for, as a worker needs to know it; a zygote is told once, for all its children."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.wire import unpack
from harness.worker.assembly import made
from harness.worker.discovery import Spec
from harness.worker.objects import Names


@dataclass(frozen=True)
class Asked:
    """What is asked for; each field as in `harness.model.Assignment`.

    Attributes
    ----------
    specs : the entries, by name
    calls : what will be asked of most hand-ins, by key
    wrap, package : empty where there is none
    """

    specs: Mapping[str, Spec]
    names: Names
    forms: frozenset[str]
    torch: bool
    ready_made: bool
    helpers: Mapping[str, str]
    wrap: str
    package: str
    calls: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Asked":
        """Take it from what the grader sent; see `harness.conversation.asked_for`."""
        return cls(
            specs={spec["name"]: _spec(spec) for spec in data["entries"]},
            names=Names(data["names"]),
            forms=frozenset(data["forms"]),
            torch=data["torch"],
            ready_made=data["ready_made"],
            helpers=data["helpers"],
            wrap=data["wrap"],
            package=data["package"],
            calls={call["key"]: call for call in map(read_call, data.get("calls", ()))},
        )


def read_call(packed: bytes) -> dict[str, Any]:
    """Read a call as the grader packed it."""
    call: dict[str, Any] = unpack(packed)
    call["arguments"] = [made(one) for one in call["arguments"]]
    return call


def _spec(data: Mapping[str, Any]) -> Spec:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    return Spec(**values)
