"""Ask one hand-in everything, and collect what comes back: Calls out, Replies in. Never a judgement.

A call that hangs or kills its child costs that call: the child is ended, a new one is loaded, and the conversation
goes on with the next call. An entry that hangs again and again is not waited for without end.
"""

import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from harness.decoding import decode_loaded, read_reply
from harness.errors import WorkerEnded
from harness.model import (
    Assignment,
    Call,
    Edit,
    Entry,
    Loaded,
    Reply,
    ReplyKind,
    Submission,
)
from harness.questions import QUESTIONS
from harness.sandbox import ChildProcess, Zygote
from harness.templates import always_given
from harness.wire import encode_array, pack


class Zygotes:
    """The two kinds of zygote of one grading thread; the one with torch is started when it is first needed.

    Parameters
    ----------
    layers : of confinement; by default what the kernel offers
    assignment : what most hand-ins will be answers to
    calls : what they will be asked
    """

    def __init__(
        self,
        layers: tuple[str, ...] | None = None,
        assignment: Assignment | None = None,
        calls: Iterable[Call] = (),
    ) -> None:
        self._layers = layers
        self._assignment = assignment
        self._calls = {call.key: call for call in calls}
        self._told = asked_for(assignment) | {"calls": list(map(packed, self._calls.values()))} if assignment else None
        self._kinds: dict[bool, Zygote] = {False: Zygote(layers=layers, told=self._told)}

    def get(self, with_torch: bool) -> Zygote:
        """Return the zygote of a kind; a new one where there is none, or where it has died."""
        zygote = self._kinds.get(with_torch)
        if zygote is not None and not zygote.alive:
            zygote.close()
            zygote = None
        if zygote is None:
            zygote = self._kinds[with_torch] = Zygote(with_torch=with_torch, layers=self._layers, told=self._told)
        return zygote

    def are_told(self, assignment: Assignment) -> bool:
        """Whether their children know what an assignment asks for."""
        return assignment is self._assignment

    def in_short(self, call: Call) -> str | bytes:
        """A call as it is sent to their children, which may know it."""
        return call.key if self._calls.get(call.key) is call else packed(call)

    def close(self) -> None:
        """End both."""
        for zygote in self._kinds.values():
            zygote.close()


class Conversation:
    """Everything that is said with one hand-in; a context manager, for the child must not outlive it.

    Parameters
    ----------
    submission, assignment : what to load, and what is asked for
    zygotes : where children come from
    edits : lines to replace before it is loaded, to try a fix
    """

    def __init__(
        self, submission: Submission, assignment: Assignment, zygotes: Zygotes, edits: tuple[Edit, ...] = ()
    ) -> None:
        self._edits = edits
        self._submission = submission
        self._assignment = assignment
        self._zygotes = zygotes
        self._is_known = zygotes.are_told(assignment)
        self._limits = assignment.limits
        self._deadline = time.monotonic() + assignment.limits.total_seconds
        self._torch = False
        self._definitions_only = False
        self._open = ExitStack()
        self._child: ChildProcess | None = None
        self._source: dict[str, Any] | None = None
        self._is_source_due = False

    def __enter__(self) -> "Conversation":
        return self

    def __exit__(self, *exception: object) -> None:
        self._hang_up()

    def load(self) -> Loaded:
        """Load the hand-in into a fresh child, and learn what is in it.

        A hand-in whose loading hangs or kills the child is loaded again with its definitions alone.
        """
        try:
            return self._load_once()
        except WorkerEnded as ended:
            self._definitions_only, cut_short = True, str(ended)
        try:
            return replace(self._load_once(), cut_short=cut_short)
        except WorkerEnded as ended:
            return Loaded(None, {}, {}, (), unreadable=f"loading it did not end well: {ended}")

    def ask(self, calls: Iterable[Call]) -> dict[str, Reply]:
        """Ask all calls and return a reply for each, whatever happens to the children."""
        return self._ask(list(calls), and_source=False)

    def ask_and_read(self, calls: Iterable[Call]) -> dict[str, Reply]:
        """Ask all calls, and have the source made ready while the replies are judged."""
        return self._ask(list(calls), and_source=True)

    def source(self) -> dict[str, Any]:
        """Ask for the text and the syntax trees, as plain data; empty when the child can't say."""
        if self._source is None:
            try:
                if not self._is_source_due:
                    self._ask_for_source(self._loaded_child())
            except WorkerEnded:
                self._hang_up()
            self._hear_source()
        return self._source or {}

    def _ask_for_source(self, child: ChildProcess) -> None:
        child.send({"source": True}, self._limits.load_seconds)
        self._is_source_due = True

    def _hear_source(self) -> None:
        """Take the source where it was asked for: nothing can be heard before it, and it may be the child's end."""
        if self._is_source_due and self._child is not None:
            self._is_source_due = False
            try:
                answer = self._child.receive(self._limits.load_seconds).get("source")
                self._source = answer if isinstance(answer, dict) else {}
            except WorkerEnded:
                self._hang_up()

    def _ask(self, pending: list[Call], *, and_source: bool) -> dict[str, Reply]:
        replies: dict[str, Reply] = {}
        hangs: dict[str, int] = {}
        while pending:
            ended = self._ask_until_the_end(pending, replies, and_source=and_source)
            pending = [call for call in pending if call.key not in replies]
            if pending and ended is not None:
                guilty = pending.pop(0)
                replies[guilty.key] = ended
                hangs[guilty.entry] = hangs.get(guilty.entry, 0) + 1
                self._give_up(pending, replies, hangs)
                pending = [call for call in pending if call.key not in replies]
        return replies

    def _load_once(self) -> Loaded:
        self._hang_up()
        try:
            self._child = self._open.enter_context(self._zygotes.get(self._torch).child(self._limits))
            answer = self._child.ask({"load": self._load_request()}, self._limits.load_seconds).get("loaded")
            if not isinstance(answer, dict):
                raise WorkerEnded("it wrote to the grader's wire", timed_out=False)
            if answer.get("needs_torch") and not self._torch:
                self._torch = True
                return self._load_once()
            return decode_loaded(answer)
        except WorkerEnded:
            self._hang_up()
            raise

    def _loaded_child(self) -> ChildProcess:
        if self._child is None:
            self._load_once()
        assert self._child is not None
        return self._child

    def _hang_up(self) -> None:
        self._child = None
        self._is_source_due = False
        self._open.close()

    def _ask_until_the_end(self, pending: list[Call], replies: dict[str, Reply], *, and_source: bool) -> Reply | None:
        """Ask until all is answered (None), or until the child ends (the reply for the call that ended it)."""
        try:
            self._hear_source()
            child = self._loaded_child()
            said = self._zygotes.in_short if self._is_known else packed
            child.send({"calls": [said(call) for call in pending]}, self._limits.call_seconds)
            if and_source:
                self._ask_for_source(child)
            for number, call in enumerate(pending, 1):
                remaining = min(self._limits.call_seconds, self._deadline - time.monotonic())
                read = partial(read_reply, call)
                replies[call.key] = child.hear(read, max(remaining, 0.05), following=len(pending) - number)
        except WorkerEnded as ended:
            self._hang_up()
            return Reply(ReplyKind.TIMED_OUT if ended.timed_out else ReplyKind.DIED, message=str(ended))
        return None

    def _give_up(self, pending: list[Call], replies: dict[str, Reply], hangs: Mapping[str, int]) -> None:
        for call in pending:
            if time.monotonic() >= self._deadline:
                message = f"the hand-in used up its {self._limits.total_seconds:g} s before this was asked"
                replies[call.key] = Reply(ReplyKind.TIMED_OUT, message=message)
            elif hangs.get(call.entry, 0) >= self._limits.hangs_per_entry:
                message = f"not asked again after {hangs[call.entry]} calls of the {call.entry} did not come back"
                replies[call.key] = Reply(ReplyKind.TIMED_OUT, message=message)

    def _load_request(self) -> dict[str, Any]:
        return {
            "asked": None if self._is_known else asked_for(self._assignment),
            "name": self._submission.path,
            "content": self._submission.content or b"",
            "definitions_only": self._definitions_only,
            "edits": [
                [one.place.cell, one.place.line, one.column, one.end_line, one.end_column, one.text]
                for one in self._edits
            ],
        }


def asked_for(assignment: Assignment) -> dict[str, Any]:
    """Say to a worker what an assignment asks for."""
    return {
        "entries": [
            {
                "name": entry.name,
                "parameters": list(entry.parameters),
                "required": entry.required,
                "functions": list(entry.functions),
                "methods": list(entry.methods),
                "looks_like": entry.looks_like,
                "weights": [name for name in entry.parameters if name in assignment.weights],
                "classes": list(entry.classes),
                "declared": _declared(entry),
            }
            for entry in assignment.entries
        ],
        "names": {word: list(names) for word, names in assignment.names.items()},
        "forms": [str(form) for form in assignment.forms],
        "torch": assignment.torch,
        "ready_made": assignment.ready_made,
        "helpers": dict(assignment.helpers),
        "package": assignment.package,
        "wrap": assignment.wrap,
    }


def _declared(entry: Entry) -> dict[str, Any] | None:
    """How an entry is called, where the assignment says it; None where names and positions decide."""
    if entry.call is None:
        return None
    return {
        "call": entry.call,
        "returns": entry.returns if entry.returns is not None else QUESTIONS[entry.question].result,
        "construct": entry.construct,
        "attributes": dict(entry.attributes),
        "setup": [[step.method, step.arguments] for step in entry.setup],
        "reads": dict(entry.reads),
        "forward": entry.forward,
        "always": always_given(entry),
    }


#: Every hand-in is asked the same calls; they are packed once.
_PACKED: WeakKeyDictionary[Call, bytes] = WeakKeyDictionary()


def packed(call: Call) -> bytes:
    """Pack a call for the wire."""
    ready = _PACKED.get(call)
    if ready is None:
        arguments = [encode_array(one) if isinstance(one, np.ndarray) else one for one in call.arguments]
        question = {"key": call.key, "entry": call.entry, "arguments": arguments, "words": call.words}
        ready = _PACKED[call] = pack({**question, "times": call.times, "echo": call.echo, "first": call.first})
    return ready
