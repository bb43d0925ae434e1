"""The wire believes nothing: what is not an honest frame is refused, whatever it is."""

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire import MAX_FRAME, Channel, WireError, WireTimeout, decode_value, encode_array


@pytest.fixture
def ends() -> Iterator[tuple[Channel, socket.socket]]:
    ours, theirs = socket.socketpair()
    channel = Channel(ours)
    yield channel, theirs
    channel.close()
    theirs.close()


def framed(payload: bytes) -> bytes:
    return len(payload).to_bytes(4, "little") + payload


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "bool", "complex128"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (1, 2, 3)])
def test_arrays_survive_the_crossing(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    back = decode_value(encode_array(array))
    assert isinstance(back, np.ndarray)
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(back, array)
    assert back.flags.owndata
    assert not back.flags.writeable  # a reply is read once for all that say the same


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "neither an array nor words"),
        ([1.0], "neither an array nor words"),
        ({}, "neither an array nor words"),
        ({"not": 3}, "neither an array nor words"),
        ({"dtype": "object", "shape": [1], "data": b"x" * 8}, "dtype or shape"),
        ({"dtype": "float128", "shape": [1], "data": b"x" * 16}, "dtype or shape"),
        ({"dtype": ["float64"], "shape": [1], "data": b"x" * 8}, "dtype or shape"),
        ({"dtype": "float64", "shape": [-1], "data": b""}, "dtype or shape"),
        ({"dtype": "float64", "shape": [True], "data": b"x" * 8}, "dtype or shape"),
        ({"dtype": "float64", "shape": [1.0], "data": b"x" * 8}, "dtype or shape"),
        ({"dtype": "float64", "shape": [1] * 9, "data": b"x" * 8}, "dtype or shape"),
        ({"dtype": "float64", "shape": [1], "data": "x" * 8}, "dtype or shape"),
        ({"dtype": "float64", "shape": [2], "data": b"x" * 8}, "size does not fit"),
        ({"dtype": "float64", "shape": [1000, 1000, 1000], "data": b""}, "size does not fit"),
    ],
)
def test_what_is_no_array_is_refused(value: object, why: str) -> None:
    with pytest.raises(WireError, match=why):
        decode_value(value)


def test_words_are_capped() -> None:
    assert decode_value({"not": "a" * 10_000}) == "a" * 200


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["dtype", "shape", "data", "not"]), inner),
    )
)
def test_no_plain_data_breaks_the_decoder(value: Any) -> None:
    try:
        decoded = decode_value(value)
    except WireError:
        return
    assert isinstance(decoded, np.ndarray | str)


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (framed(b""), "no message"),
        (framed(b"\xc1"), "no message"),
        (framed(msgpack.packb([1, 2])), "no message"),
        (framed(msgpack.packb({1: 2})), "no message"),
        (framed(b"\x91" * 100_000), "no message"),
        (framed(msgpack.packb({"a": 1}) + b"more"), "no message"),
        ((MAX_FRAME + 1).to_bytes(4, "little"), "more than the"),
        (b"\x05\x00\x00", "ended"),
        (framed(b"abcdef")[:-2], "ended"),
        (b"", "ended"),
    ],
)
def test_what_is_no_frame_is_refused(ends: tuple[Channel, socket.socket], sent: bytes, why: str) -> None:
    channel, theirs = ends
    theirs.sendall(sent)
    theirs.close()
    with pytest.raises(WireError, match=why):
        channel.receive(5)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_channel(payload: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(framed(payload))
        with contextlib.suppress(WireError):
            assert isinstance(Channel(ours).receive(5), dict)


def test_silence_times_out_and_so_do_bytes_that_trickle(ends: tuple[Channel, socket.socket]) -> None:
    channel, theirs = ends
    with pytest.raises(WireTimeout):
        channel.receive(0.01)
    theirs.sendall(b"\x10")
    with pytest.raises(WireTimeout):
        channel.receive(0.01)


def test_a_reader_that_does_not_read_times_out(ends: tuple[Channel, socket.socket]) -> None:
    channel, _ = ends
    with pytest.raises(WireTimeout):
        channel.send({"data": b"x" * (8 << 20)}, timeout=0.01)
