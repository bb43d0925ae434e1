"""What crosses between grader and worker: length-framed msgpack, arrays as raw bytes.

Both sides use this file, so it knows no expectation. What the grader receives was written by a process that ran
student code: `decode_value` takes a dtype from a short list, caps sizes, and rebuilds base ndarrays. A forged frame
can only be a wrong answer or the end of the conversation.
"""

import contextlib
import math
import socket
import struct
import time
from typing import Any

import msgpack
import numpy as np
from numpy.typing import NDArray

#: No honest reply comes near it: the largest result asked for has a few thousand numbers.
MAX_FRAME = 32 << 20
MAX_ELEMENTS = 1_000_000
MAX_AXES = 8
DTYPES = frozenset(
    ["float64", "float32", "float16", "bool", "complex128", "complex64"]
    + [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
)

_LENGTH = struct.Struct("<I")


class WireError(Exception):
    """The other side broke the protocol, or hung up."""


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
        self._unread = bytearray()

    def send(self, message: dict[str, Any], timeout: float | None = None) -> None:
        """Send one frame.

        Raises
        ------
        WireTimeout, WireError
        """
        payload = msgpack.packb(message)
        self._socket.settimeout(timeout)
        try:
            self._socket.sendall(_LENGTH.pack(len(payload)) + payload)
        except TimeoutError:
            raise WireTimeout from None
        except OSError as error:
            raise WireError(f"the wire broke: {error}") from None

    def receive(self, timeout: float | None = None) -> dict[str, Any]:
        """Receive one frame.

        Parameters
        ----------
        timeout : seconds for the whole frame, so that bytes that trickle in do not stretch it

        Raises
        ------
        WireTimeout, WireError
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size, deadline))
        if length > MAX_FRAME:
            raise WireError(f"a reply of {length} bytes, more than the {MAX_FRAME} allowed")
        payload = self._exactly(length, deadline)
        try:
            message = msgpack.unpackb(payload, strict_map_key=True)
        except Exception as error:  # noqa: BLE001 msgpack raises many types; each means that this is no message
            raise WireError(f"a reply that is no message ({type(error).__name__})") from None
        if not isinstance(message, dict):
            raise WireError("a reply that is no message")
        return message

    def close(self) -> None:
        """Hang up; never raises."""
        with contextlib.suppress(OSError):
            self._socket.close()

    def _exactly(self, size: int, deadline: float | None) -> bytes:
        """Take so many bytes, reading ahead what is there: small frames come many at a time."""
        while len(self._unread) < size:
            remaining = None if deadline is None else deadline - time.monotonic()
            if remaining is not None and remaining <= 0:
                raise WireTimeout
            self._socket.settimeout(remaining)
            try:
                part = self._socket.recv(1 << 18)
            except TimeoutError:
                raise WireTimeout from None
            except OSError as error:
                raise WireError(f"the wire broke: {error}") from None
            if not part:
                raise WireError("the process ended")
            self._unread += part
        taken = bytes(self._unread[:size])
        del self._unread[:size]
        return taken


def encode_array(array: NDArray[Any]) -> dict[str, Any]:
    """Turn an array of one of `DTYPES` into plain data."""
    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": np.ascontiguousarray(array).tobytes()}


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
    if count > MAX_ELEMENTS or count * np.dtype(dtype).itemsize != len(data):
        raise WireError("a result whose size does not fit its shape")
    return np.frombuffer(data, dtype=dtype).reshape(shape).copy()


def _is_shape(shape: object) -> bool:
    return (
        isinstance(shape, list)
        and len(shape) <= MAX_AXES
        and all(type(length) is int and 0 <= length <= MAX_ELEMENTS for length in shape)
    )
