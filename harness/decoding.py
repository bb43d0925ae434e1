"""From what a child said to replies, believing nothing: whatever it is, it is the hand-in's own doing."""

from collections.abc import Mapping
from itertools import islice
from typing import Any
from weakref import WeakKeyDictionary

from harness.errors import WorkerEnded
from harness.model import Call, Form, FoundEntry, Loaded, NotAnArray, Place, Problem, Reply, ReplyKind, Value
from harness.printable import printable
from harness.wire import WireError, decode_value, unpacked

#: What was read before, by the call that it answers: right hand-ins say the same, bit for bit, and so do wrong ones
#: with the same bug. Calls that are asked of each hand-in live as long as the run does.
_READ: WeakKeyDictionary[Call, dict[bytes, Reply]] = WeakKeyDictionary()
#: So many of each call, and none larger, are remembered.
_MOST, _LARGEST = 32, 4096


def read_reply(call: Call, payload: bytes) -> Reply:
    """Read the frame that answers a call.

    Raises
    ------
    WorkerEnded, WireError
        When it is none.
    """
    read = _READ.setdefault(call, {})
    reply = read.get(payload)
    if reply is None:
        reply = decode_reply(unpacked(payload), call)
        if len(read) < _MOST and len(payload) <= _LARGEST:
            read[payload] = reply
    return reply


def decode_reply(message: Mapping[str, Any], call: Call) -> Reply:
    """Read a reply, and believe nothing: a reply that is not what it should be is the hand-in's own doing."""
    reply = message.get("reply")
    try:
        if not isinstance(reply, dict) or reply.get("key") != call.key:
            raise WireError("it wrote to the grader's wire")
        parts = {str(name)[:60]: _values(value) for name, value in _items(reply.get("parts"))}
        values = next(iter(parts.values())) if parts else _values(reply.get("values", []))
        told = [values, *parts.values()] if call.entry not in ("script", "weights") else []
        if reply["kind"] == "RETURNED" and any(len(one) != call.times for one in told):
            raise WireError("a reply without its results")
        return Reply(
            ReplyKind(reply["kind"]),
            values=values,
            arguments_after=_values(reply.get("after", [])),
            named={str(name)[:60]: _value(value) for name, value in _items(reply.get("named"))},
            message=_text(reply.get("message", "")),
            place=_place(reply),
            parts=parts,
        )
    except (WireError, ValueError, KeyError, TypeError) as error:
        raise WorkerEnded(f"its reply could not be read ({error})", timed_out=False) from None


def decode_loaded(data: Mapping[str, Any]) -> Loaded:
    """Read what a worker found, and believe nothing."""
    try:
        form = data.get("form")
        return Loaded(
            form=None if form is None else Form(form),
            script=data.get("script") is True,
            entries={
                str(name): FoundEntry(
                    _text(entry["name"], 80),
                    _place(entry),
                    _text(entry["unfinished"], 80) if entry["unfinished"] else None,
                )
                for name, entry in _items(data.get("entries", {}))
            },
            missing={str(name): _text(why) for name, why in _items(data.get("missing", {}))},
            problems=tuple(
                Problem(_place(one) or Place(1), _text(one["type"], 60), _text(one["message"]))
                for one in list(data.get("problems", []))[:100]
            ),
            unreadable=_text(data["unreadable"]) if "unreadable" in data else None,
            printed=_text(data.get("printed", ""), 4000),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WorkerEnded(f"its reply could not be read ({error})", timed_out=False) from None


def _items(data: Any) -> list[tuple[Any, Any]]:
    """The first of a mapping's items; no honest reply has as many."""
    return list(islice(dict(data).items(), 64)) if data else []


def _values(data: Any) -> tuple[Value, ...]:
    if not isinstance(data, list) or len(data) > 64:
        raise WireError("no list of results")
    return tuple([_value(one) for one in data])


def _value(data: Any) -> Value:
    value = decode_value(data)
    return NotAnArray(printable(value)) if isinstance(value, str) else value


def _place(data: Mapping[str, Any]) -> Place | None:
    line, cell = data.get("line"), data.get("cell")
    if type(line) is not int or not 0 < line < 10_000_000:
        return None
    return Place(line, cell if type(cell) is int and 0 < cell < 1_000_000 else None)


def _text(value: Any, longest: int = 400) -> str:
    return printable(str(value)[:longest])
