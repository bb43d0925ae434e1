"""What a child says is read once, and only what is the same to the last bit is not read again."""

import numpy as np
import pytest

from harness import decoding
from harness.decoding import read_reply
from harness.errors import WorkerEnded
from harness.model import Call, NotAnArray, ReplyKind
from harness.wire import WireError, encode_array, pack


def call(key: str = "cell.plain|1|False") -> Call:
    return Call(key, "cell", (np.zeros(2),))


def saying(*values: object, key: str = "cell.plain|1|False") -> bytes:
    return pack({"reply": {"key": key, "kind": "RETURNED", "values": list(values), "after": []}})


def test_the_same_bytes_are_read_once() -> None:
    asked = call()
    first = read_reply(asked, saying(encode_array(np.array([1.0, 2.0]))))
    assert first.kind is ReplyKind.RETURNED
    assert read_reply(asked, saying(encode_array(np.array([1.0, 2.0])))) is first


def test_what_differs_in_a_bit_is_another_reply() -> None:
    asked = call()
    values = [np.array([0.0]), np.array([-0.0]), np.array([1.0]), np.nextafter(np.array([1.0]), 2)]
    replies = [read_reply(asked, saying(encode_array(one))) for one in values]
    for reply, value in zip(replies, values, strict=True):
        (got,) = reply.values
        assert isinstance(got, np.ndarray)
        assert got.tobytes() == value.tobytes()


def test_nobody_can_change_what_others_are_told() -> None:
    (got,) = read_reply(call(), saying(encode_array(np.ones(3)))).values
    assert isinstance(got, np.ndarray)
    with pytest.raises(ValueError, match="read-only"):
        got[0] = 2


def test_another_call_is_not_answered_by_it() -> None:
    said = saying(encode_array(np.ones(3)))
    read_reply(call(), said)
    with pytest.raises(WorkerEnded, match="it wrote to the grader's wire"):
        read_reply(call("layer.plain|1|False"), said)
    assert read_reply(call(), said) is not read_reply(call(), said)  # each call is itself alone


@pytest.mark.parametrize("said", [b"", b"\xc1", pack({"reply": None}), saying(), saying({"dtype": "object"})])
def test_what_is_no_reply_is_none_the_second_time_too(said: bytes) -> None:
    asked = call()
    for _ in range(2):
        with pytest.raises((WorkerEnded, WireError)):
            read_reply(asked, said)


def test_no_more_is_remembered_than_fits() -> None:
    asked = call()
    large = saying(encode_array(np.ones(decoding._LARGEST)))
    assert read_reply(asked, large) is not read_reply(asked, large)
    for number in range(3 * decoding._MOST):
        assert read_reply(asked, saying({"not": f"a {number}"})).values == (NotAnArray(f"a {number}"),)
    assert len(decoding._READ[asked]) == decoding._MOST
