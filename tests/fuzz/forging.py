"""A hand-in that has the wire to itself: what its honest child said is kept, bent, and said again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from harness.conversation import Zygotes
from harness.errors import WorkerEnded
from harness.model import Assignment, Limits
from harness.sandbox import ChildProcess
from harness.wire import WireError, pack, unpack, unpacked
from tests.fuzz.bending import Bend

Message = dict[str, Any]
One = TypeVar("One")


class Recording:
    """What an honest child said, by what it was asked."""

    def __init__(self) -> None:
        self.loaded: Message = {}
        self.source: Message = {}
        self.replies: dict[str, Message] = {}

    @property
    def messages(self) -> list[Message]:
        """All of them, in the order in which they are first heard."""
        return [self.loaded, *self.replies.values(), self.source]


class Recorder:
    """Zygotes whose children are listened to."""

    def __init__(self, zygotes: Zygotes, recording: Recording) -> None:
        self._zygotes, self._recording = zygotes, recording

    def get(self, with_torch: bool) -> "Recorder":
        return self

    def are_told(self, assignment: Assignment) -> bool:
        return False

    @contextmanager
    def child(self, limits: Limits) -> Iterator["_Heard"]:
        with self._zygotes.get(False).child(limits) as child:
            yield _Heard(child, self._recording)

    def close(self) -> None:
        self._zygotes.close()


class _Heard:
    def __init__(self, child: ChildProcess, recording: Recording) -> None:
        self._child, self._recording = child, recording

    def ask(self, message: Message, seconds: float) -> Message:
        answer = self._child.ask(message, seconds)
        if "load" in message and not self._recording.loaded:
            self._recording.loaded = answer
        return answer

    def send(self, message: Message, seconds: float) -> None:
        self._child.send(message, seconds)

    def receive(self, seconds: float) -> Message:
        answer = self._child.receive(seconds)
        self._recording.source = self._recording.source or answer
        return answer

    def hear(self, read: Callable[[bytes], One], seconds: float, following: int = 0) -> One:
        payload = self._child.hear(bytes, seconds, following)
        answer = unpacked(payload)
        self._recording.replies.setdefault(answer["reply"]["key"], answer)
        return read(payload)


class Forger:
    """Zygotes whose children say what was recorded, bent.

    Parameters
    ----------
    recording : what an honest child said
    bends : which of the messages is bent (a share of the way through them), and how
    """

    def __init__(self, recording: Recording, bends: Sequence[tuple[float, Bend]]) -> None:
        messages = recording.messages
        for where, bend in bends:
            at = int(where * len(messages))
            messages[at] = bend.of(messages[at])
        self._loaded, *replies, self._source = messages
        self._replies = dict(zip(recording.replies, replies, strict=True))
        self._asked: list[str] = []

    def get(self, with_torch: bool) -> "Forger":
        return self

    def are_told(self, assignment: Assignment) -> bool:
        return False

    @contextmanager
    def child(self, limits: Limits) -> Iterator["Forger"]:
        self._asked = []
        yield self

    def close(self) -> None:
        pass

    def ask(self, message: Mapping[str, Any], seconds: float) -> Message:
        return self._loaded

    def send(self, message: Mapping[str, Any], seconds: float) -> None:
        self._asked += [unpack(call)["key"] for call in message.get("calls", [])] + ["source"] * ("source" in message)

    def receive(self, seconds: float) -> Message:
        assert self._asked.pop(0) == "source"
        return self._source

    def hear(self, read: Callable[[bytes], One], seconds: float, following: int = 0) -> One:
        reply = self._replies.get(self._asked.pop(0))
        try:
            payload = pack(reply)  # what msgpack can't say can't be sent either
        except (OverflowError, TypeError, UnicodeEncodeError, ValueError):
            reply = None
        if reply is None:
            raise WorkerEnded("it has nothing to say", timed_out=False)
        try:
            return read(payload)
        except WireError as error:
            raise WorkerEnded(str(error), timed_out=False) from None
