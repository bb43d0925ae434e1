"""What is timed beside us does the work that it is said to do."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import breakdown, compare, records, work
from harness.model import Submission
from tests.conftest import PROJECT


def test_the_floor_grades(tmp_path: Path) -> None:
    calls = tmp_path / "calls.npz"
    assert work.write_calls(calls) > 50
    hand_ins = work.make_class(tmp_path / "class", 8, wrong=4)
    assert [path.read_bytes() for path in hand_ins[3::4]] == [
        (PROJECT / "submissions" / "buggy" / name).read_bytes() for name in work.WRONG[:2]
    ]
    for jobs in ("1", "2"):
        program = [sys.executable, "-I", str(PROJECT / "benchmarks" / "floor.py"), str(calls), jobs]
        done = subprocess.run([*program, *map(str, hand_ins)], capture_output=True, text=True, check=False)
        assert done.stdout == "6\n"  # of 8 the wrong ones are wrong: they raise, or their numbers are off


def test_every_hand_in_that_is_timed_is_what_it_is_said_to_be(grade_source) -> None:
    for kind, names in (("correct", work.RIGHT), ("buggy", work.WRONG)):
        for name in names:
            grade = grade_source((PROJECT / "submissions" / kind / name).read_text())
            assert (grade.score == grade.max_score) == (kind == "correct"), name


def test_a_varied_class_has_every_example(tmp_path: Path) -> None:
    hand_ins = work.make_varied_class(tmp_path / "class", 400, wrong=4)
    seen = {(number % 4 == 3, path.read_bytes()) for number, path in enumerate(hand_ins)}
    for kind in ("correct", "buggy"):
        for path in (PROJECT / "submissions" / kind).iterdir():
            if path.suffix in (".py", ".ipynb", ".md"):
                assert (kind == "buggy", path.read_bytes()) in seen, path


def test_a_record_is_added_and_the_last_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "FOLDER", tmp_path / "records")
    assert records.last("compare") == {}
    records.keep("compare", {"rows": {"a": 1}})
    path = records.keep("compare", {"rows": {"a": 2}})
    assert records.last("compare")["rows"] == {"a": 2}
    first = json.loads(path.read_text().splitlines()[0])
    assert {"date", "machine", "rows"} == first.keys()
    assert first["machine"]["cores"] >= 1


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        compare.seconds([sys.executable, "-c", "raise SystemExit(1)"])


def test_a_breakdown_goes_through_a_whole_child() -> None:
    """It does step by step what a zygote and its child do in one go, so it must be kept in step with them."""
    path = PROJECT / "submissions" / "correct" / "loop.py"
    rows = breakdown.child_side(Submission("loop", path.name, path.read_bytes()), rounds=2)
    assert list(rows)[:4] == ["make ready", "fork", "confine", "read and parse"]
    assert all(row["ms"] > 0 for row in rows.values())
    assert rows["answer the calls"]["page faults"] > 0
