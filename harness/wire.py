"""What crosses between grader and worker: length-framed msgpack, arrays as raw bytes.

Both sides use this file, so it knows no expectation. What the grader receives was written by a process that ran
student code: `decode_value` takes a dtype from a short list, caps sizes, and rebuilds base ndarrays. A forged frame
can only be a wrong answer or the end of the conversation.
"""

import contextlib
import functools
import itertools
import math
import socket
import struct
import time
from typing import Any

import msgpack
import numpy as np
from numpy.typing import NDArray

#: No honest reply comes near it: the largest result asked for has a few thousand numbers.
MAX_FRAME = 8 << 20
MAX_ELEMENTS = 100_000
#: An empty list is one byte on the wire and sixty in memory. In a frame larger than this, lists and dicts are counted.
_SMALL_FRAME = 1 << 18
MAX_PARTS = 400_000
MAX_AXES = 8
DTYPES = frozenset(
    ["float64", "float32", "float16", "bool", "complex128", "complex64"]
    + [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
)

_DTYPES = {name: np.dtype(name) for name in DTYPES}

#: In the place of a status as `os.wait` has it: the process had not ended by itself.
STILL_ALIVE = -1

_LENGTH = struct.Struct("<I")


class WireError(Exception):
    """The other side broke the protocol, or hung up."""


class HungUp(WireError):
    """The other side closed its end, as every process does that ends."""


class WireTimeout(Exception):
    """The other side said nothing in time."""


class Channel:
    """One end of the wire.

    Parameters
    ----------
    connection : a connected stream socket, owned by the channel from here on
    """

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._timeout: float | None = -1.0  # none yet, for the socket may have one from before
        self._unread = bytearray()

    def send(self, message: dict[str, Any], timeout: float | None = None) -> None:
        """Send one frame.

        Raises
        ------
        WireTimeout, WireError
        """
        payload = pack(message)
        self._wait_at_most(timeout)
        try:
            self._socket.sendall(_LENGTH.pack(len(payload)) + payload)
        except TimeoutError:
            raise WireTimeout from None
        except ConnectionError:
            raise HungUp("the process ended") from None
        except OSError as error:
            raise WireError(f"the wire broke: {error}") from None

    def receive(self, timeout: float | None = None) -> dict[str, Any]:
        """Receive one frame, and read it.

        Raises
        ------
        WireTimeout, WireError
        """
        return unpacked(self.receive_bytes(timeout))

    def receive_bytes(self, timeout: float | None = None) -> bytes:
        """Receive one frame.

        Parameters
        ----------
        timeout : seconds for the whole frame, so that bytes that trickle in do not stretch it; after a timeout one may
            go on waiting for the same frame

        Raises
        ------
        WireTimeout, WireError
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        self._read_ahead(_LENGTH.size, deadline)
        self._read_ahead(self._end_of_frame(), deadline)
        return self._take(self._end_of_frame())

    def waiting_bytes(self) -> bytes | None:
        """The next frame, if all of it was read along with an earlier one.

        Raises
        ------
        WireError
        """
        if len(self._unread) < _LENGTH.size:
            return None
        end = self._end_of_frame()
        return self._take(end) if len(self._unread) >= end else None

    def _end_of_frame(self) -> int:
        (length,) = _LENGTH.unpack_from(self._unread)
        if length > MAX_FRAME:
            raise WireError(f"a reply of {length} bytes, more than the {MAX_FRAME} allowed")
        return int(_LENGTH.size + length)

    def _take(self, end: int) -> bytes:
        payload = bytes(memoryview(self._unread)[_LENGTH.size : end])
        del self._unread[:end]
        return payload

    def close(self) -> None:
        """Hang up; never raises."""
        with contextlib.suppress(OSError):
            self._socket.close()

    def _wait_at_most(self, seconds: float | None) -> None:
        """Set how long the socket waits, which is a system call; a child never changes it."""
        if seconds != self._timeout:
            self._socket.settimeout(seconds)
            self._timeout = seconds

    def _read_ahead(self, size: int, deadline: float | None) -> None:
        """Have at least so many bytes, and what else is there: small frames come many at a time."""
        while len(self._unread) < size:
            remaining = None if deadline is None else deadline - time.monotonic()
            if remaining is not None and remaining <= 0:
                raise WireTimeout
            self._wait_at_most(remaining)
            try:
                part = self._socket.recv(1 << 18)
            except TimeoutError:
                raise WireTimeout from None
            except ConnectionError:
                raise HungUp("the process ended") from None
            except OSError as error:
                raise WireError(f"the wire broke: {error}") from None
            if not part:
                raise HungUp("the process ended")
            self._unread += part


def pack(message: dict[str, Any]) -> bytes:
    """Turn plain data into bytes."""
    packed: bytes = msgpack.packb(message)
    return packed


def unpack(packed: bytes) -> Any:
    """Turn bytes of one's own side into what they were; `unpacked` is for those of the other."""
    return msgpack.unpackb(packed)


def unpacked(payload: bytes) -> dict[str, Any]:
    """Read a frame that the other side sent.

    Raises
    ------
    WireError
        When it is no message, or would take many times its size in memory.
    """
    try:
        message = msgpack.unpackb(payload, strict_map_key=True, **_counted(len(payload)))
    except _TooManyParts:
        raise WireError("a reply with too many parts") from None
    except Exception:  # noqa: BLE001 msgpack raises many types; each means that this is no message
        raise WireError("a reply that is no message") from None
    if not isinstance(message, dict):
        raise WireError("a reply that is no message")
    return message


class _TooManyParts(Exception):
    """A frame that would take many times its size in memory."""


def _counted(length: int) -> dict[str, Any]:
    """Options for `msgpack.unpackb` that bound what a frame becomes in memory."""
    if length <= _SMALL_FRAME:
        return _BOUNDED
    parts = itertools.count()

    def count(part: Any) -> Any:
        if next(parts) > MAX_PARTS:
            raise _TooManyParts
        return part

    return {**_BOUNDED, "list_hook": count, "object_hook": count}


def _refuse(code: int, data: bytes) -> None:
    raise _TooManyParts


_BOUNDED: dict[str, Any] = {"ext_hook": _refuse, "max_array_len": MAX_PARTS, "max_map_len": MAX_PARTS}


@functools.cache
def dtype_name(dtype: np.dtype[Any]) -> str:
    """Name a dtype; NumPy makes the name anew each time, and takes longer over it than over the array."""
    return str(dtype.name)


def encode_array(array: NDArray[Any]) -> dict[str, Any]:
    """Turn an array of one of `DTYPES` into plain data."""
    return {"dtype": dtype_name(array.dtype), "shape": list(array.shape), "data": array.tobytes()}


def decode_value(value: object) -> NDArray[Any] | str:
    """Rebuild an array from plain data, or the words that stand for something that is no array.

    Raises
    ------
    WireError
        When it is neither, or larger than any honest answer.
    """
    if isinstance(value, dict) and isinstance(value.get("not"), str):
        return str(value["not"])[:200]
    try:
        dtype, shape, data = value["dtype"], value["shape"], value["data"]  # type: ignore[index]
    except (TypeError, KeyError):
        raise WireError("a result that is neither an array nor words") from None
    if not isinstance(dtype, str) or dtype not in DTYPES or not isinstance(data, bytes) or not _is_shape(shape):
        raise WireError("a result with a dtype or shape that is not allowed")
    count = math.prod(shape)
    if count > MAX_ELEMENTS or count * _DTYPES[dtype].itemsize != len(data):
        raise WireError("a result whose size does not fit its shape")
    array = np.ndarray(shape, _DTYPES[dtype], data).copy()
    array.flags.writeable = False  # it may be the answer of many
    return array


def _is_shape(shape: object) -> bool:
    return (
        isinstance(shape, list)
        and len(shape) <= MAX_AXES
        and all(type(length) is int and 0 <= length <= MAX_ELEMENTS for length in shape)
    )
