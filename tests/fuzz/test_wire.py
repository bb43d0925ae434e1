"""A forged reply can at most be a wrong answer: it stops nothing, crashes nothing and earns nothing."""

import contextlib
import json
import math
import socket
from pathlib import Path

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bank import Bank
from harness.conversation import Zygotes
from harness.gradebook import decode, encode
from harness.grading import Grader
from harness.model import Assignment, Grade, Run, Submission
from harness.reports import Reports
from harness.reports.explanation import explain
from harness.wire import Channel, WireError
from tests.conftest import SUBMISSIONS
from tests.fuzz import times
from tests.fuzz.bending import BENDS, Bend
from tests.fuzz.forging import Forger, Recorder, Recording

#: Wrong, each in its own form, so that all of the diagnosis takes part.
WRONG = ("misspelled_hidden_state.ipynb", "wh_shape_class.py", "notes.md", "transposed_wx.py", "rows_reversed.py")


@pytest.fixture(scope="module", params=WRONG)
def wrong(request: pytest.FixtureRequest, notes: Assignment, bank: Bank) -> tuple[Submission, Recording, Grader]:
    """A wrong hand-in, what its child says, and a grader that has no child."""
    path = SUBMISSIONS / "buggy" / request.param
    submission, recording = Submission("hand_in", request.param, path.read_bytes()), Recording()
    grader = Grader(notes, bank)
    honest, grader._zygotes = grader._zygotes, Recorder(Zygotes(), recording)  # type: ignore[assignment]
    honest.close()
    honestly = grader.grade(submission)
    grader.close()
    assert honestly.score < honestly.max_score
    assert len(recording.replies) > 3
    return submission, recording, grader


def told(grade: Grade, assignment: Assignment, folder: Path) -> str:
    """Make everything that is made of a grade."""
    with Reports(Run(assignment=assignment, torch_version="2", device="cpu", sandbox="process"), folder) as reports:
        reports.write(grade)
    return "\n".join(explain(grade))


@times(25)
@given(bends=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), BENDS), min_size=1, max_size=4))
def test_a_forged_reply_is_at_most_a_wrong_answer(
    wrong: tuple[Submission, Recording, Grader],
    bends: list[tuple[float, Bend]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    submission, recording, grader = wrong
    grader._zygotes = Forger(recording, bends)  # type: ignore[assignment]
    grade = grader.grade(submission)
    assert grade.graded, str(grade.reason)
    assert 0 <= grade.score <= grade.follow_through_score <= grade.max_score
    assert grade.score < grade.max_score or grade.max_score == 0
    assert all(math.isfinite(check.earned) for check in grade.checks)
    said = told(grade, grader.assignment, tmp_path_factory.getbasetemp())
    assert all(ch.isprintable() or ch == "\n" for ch in said)
    assert encode(decode(json.loads(json.dumps(encode(grade))))) == encode(grade)


@times(200)
@given(bends=st.lists(BENDS, min_size=1, max_size=3), cut=st.integers(0, 64), extra=st.binary(max_size=8))
def test_no_frame_breaks_the_channel(wrong: object, bends: list[Bend], cut: int, extra: bytes) -> None:
    _, recording, _ = wrong  # type: ignore[misc]
    message = recording.loaded
    for bend in bends:
        message = bend.of(message)
    with contextlib.suppress(OverflowError, UnicodeEncodeError):  # what msgpack can't say can't be sent either
        payload = msgpack.packb(message)
        frame = len(payload).to_bytes(4, "little") + payload[: len(payload) - cut] + extra
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(frame)
            theirs.shutdown(socket.SHUT_WR)
            with contextlib.suppress(WireError):
                assert isinstance(Channel(ours).receive(5), dict)
