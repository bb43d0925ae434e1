"""The roster puts students to hand-ins, and the late rule reckons beside the mark."""

import csv
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness import cli
from harness.errors import InputError
from harness.intake import look, roster
from harness.lateness import lateness_of
from harness.model import Delivery, Lateness, LateRule, Student
from tests.conftest import SUBMISSIONS
from tests.test_layouts import CANVAS, on_disk

RIGHT = (SUBMISSIONS / "correct" / "loop.py").read_bytes()
ROSTER = """id,name,section,email
2026001,"Kim, Minji",A,minji@example.ac.kr
2026002,이지수,B,leejisu@example.ac.kr
2026003,Yun Park Do,A,do@example.ac.kr
2026004,Han So,B,so@example.ac.kr
"""


def call(folder: Path, files: dict[str, str], text: str = ROSTER) -> roster.Roll:
    path = folder / "roster.csv"
    path.write_text(text, encoding="utf-8")
    return roster.call(look([on_disk(folder / "in", files)], words=("Wx",)), roster.read(path))


def test_students_are_known_by_name_and_by_address(tmp_path: Path) -> None:
    roll = call(tmp_path, CANVAS)
    assert {one.shown.partition("_")[0]: one.id for one in roll.hand_ins} == {
        "kimminji": "2026001",  # the family name first
        "leejisu": "2026002",  # the address's first half
        "parkdo": "2026003",  # the first name first
        "choi": "choi_4714",
    }
    minji = next(one for one in roll.hand_ins if one.id == "2026001").delivery
    assert minji
    assert minji.student == Student("2026001", "Kim, Minji", "minji@example.ac.kr", "A", account="4711")
    assert [one.id for one in roll.missing] == ["2026004"]
    assert [str(one) for one in roll.told[-2:]] == [
        "1 handed in by nobody on the roster: choi_4714",
        "1 on the roster handed in nothing",
    ]


def test_students_are_known_by_id(tmp_path: Path) -> None:
    roll = call(tmp_path, {"2026002.py": "Wx", "Han_So.py": "Wx", "2026001-final.py": "Wx"})
    assert sorted(one.id for one in roll.hand_ins) == ["2026001-final", "2026002", "2026004"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_roster_may_come_from_any_spreadsheet(tmp_path: Path, encoding: str, delimiter: str) -> None:
    name = "Lee Jisu" if delimiter == "," else "Lee, Jisu"
    lines = [["id", "name", "section"], ["1", "김민지", "가"], ["2", name, ""]]
    (tmp_path / "r.csv").write_bytes("\r\n".join(delimiter.join(line) for line in lines).encode(encoding))
    first, second = roster.read(tmp_path / "r.csv")
    assert (first.name, first.section) == ("김민지", "가")
    assert second.name == name


def test_a_name_that_two_have_is_nobodys(tmp_path: Path) -> None:
    text = "id,name\n1,Kim Minji\n2,Minji Kim\n"
    roll = call(tmp_path, {"kim minji.py": "Wx"}, text)
    assert [one.id for one in roll.missing] == ["1", "2"]


def test_an_id_is_one_persons(tmp_path: Path) -> None:
    roll = call(
        tmp_path, {"a/kim.py": "Wx", "a/x.py": "Wx", "b/kim.md": "Wx", "b/y.py": "Wx"}, "id,name\nkim,\nb/kim.md,\n"
    )
    ids = [one.id for one in roll.hand_ins] + [one.id for one in roll.missing]
    assert len({id.casefold() for id in ids}) == len(ids)


WRONG = {
    "no id": ("name\nKim\n", "the first line must name the columns, id among them: id, name, section, email, due"),
    "empty id": ("id,name\n,Kim\n", "line 2: id is empty"),
    "twice": ("id\n1\n1\n", "there are two students with the id '1'"),
    "no zone": (
        "id,due\n1,2026-11-20 10:00\n",
        "line 2: due is '2026-11-20 10:00', and must be a time with its zone, as 2026-11-20T23:59+09:00",
    ),
    "no time": (
        "id,due\n1,soon\n",
        "line 2: due is 'soon', and must be a time with its zone, as 2026-11-20T23:59+09:00",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_roster_is_told(tmp_path: Path, name: str) -> None:
    text, message = WRONG[name]
    (tmp_path / "roster.csv").write_text(text)
    with pytest.raises(InputError) as error:
        roster.read(tmp_path / "roster.csv")
    assert str(error.value) == f"{tmp_path / 'roster.csv'}: {message}"


def test_a_roster_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_bytes(b"id\n\xff\xfe\n")
    (tmp_path / "empty.csv").write_bytes(b"\n\n")
    for path in (tmp_path / "roster.csv", tmp_path / "nowhere.csv", tmp_path / "empty.csv", tmp_path):
        with pytest.raises(InputError, match="can't be read"):
            roster.read(path)


DUE = datetime(2026, 11, 20, 14, 59, tzinfo=UTC)
RULE = LateRule(DUE, grace_minutes=15, percent_per_day=10, most_percent=25)


@pytest.mark.parametrize(
    ("after", "late"),
    [
        (timedelta(hours=-1), None),
        (timedelta(minutes=15), None),
        (timedelta(minutes=15, seconds=1), Lateness(1, 20.0)),
        (timedelta(days=1), Lateness(1, 20.0)),
        (timedelta(days=1, seconds=1), Lateness(2, 40.0)),
        (timedelta(days=9), Lateness(9, 50.0)),
    ],
)
def test_lateness(after: timedelta, late: Lateness | None) -> None:
    assert lateness_of(Delivery(Student("kim"), DUE + after), RULE, 200.0) == late


def test_somebodys_own_time_and_a_flag_without_a_time() -> None:
    own = Student("kim", due=DUE + timedelta(days=2))
    assert lateness_of(Delivery(own, DUE + timedelta(days=1)), RULE, 100.0) is None
    assert lateness_of(Delivery(own, DUE + timedelta(days=2, hours=1)), RULE, 100.0) == Lateness(1, 10.0)
    assert lateness_of(Delivery(own, late=True), RULE, 100.0) == Lateness(None, None)
    assert lateness_of(Delivery(own), RULE, 100.0) is None


LATE = """
[late]
due = 2026-11-20T23:59:00+09:00
percent_per_day = 10
most_percent = 30
"""


@pytest.fixture
def with_late(tmp_path: Path) -> Path:
    notes = (Path(cli.__file__).parent / "assignments" / "notes.toml").read_text(encoding="utf-8")
    (tmp_path / "late.toml").write_text(notes + LATE, encoding="utf-8")
    return tmp_path / "late.toml"


def rows_of(out: Path) -> dict[str, dict[str, str]]:
    text = (out / "gradebook.csv").read_text("utf-8-sig")
    return {row["id"]: row for row in csv.DictReader(text.splitlines())}


def run(*arguments: object) -> str:
    result = CliRunner().invoke(cli.main, [*map(str, arguments), "--device", "cpu"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.output


def test_lateness_stands_beside_the_mark_and_a_changed_rule_grades_nothing_again(
    tmp_path: Path, with_late: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"kim/ps1/rnn.py": RIGHT, "kim/ps1/timestamp.txt": "2026-11-22 00:00:00 +0900"}
    files |= {"lee/ps1/rnn.py": RIGHT, "lee/ps1/timestamp.txt": "2026-11-20 14:00:00 UTC"}
    on_disk(tmp_path / "submitted", files)
    (tmp_path / "roster.csv").write_text("id,name,due\nkim,Kim,\nlee,Lee,2026-11-19T00:00+09:00\nhan,Han,\n")
    arguments = [tmp_path / "submitted", "--assignment", with_late, "--roster", tmp_path / "roster.csv"]
    told = run(*arguments, "--out", tmp_path / "out")
    assert re.search(r"^ han +- +- +·", told, re.M)
    assert "2 graded, 0 not graded" in told
    rows = {
        row["id"]: row
        for row in csv.DictReader((tmp_path / "out" / "gradebook.csv").read_text("utf-8-sig").splitlines())
    }
    assert [rows[id]["mark"] for id in ("kim", "lee", "han")] == ["94.0", "94.0", "0.0"]
    assert [rows[id]["late_days"] for id in ("kim", "lee", "han")] == ["2", "2", ""]
    assert [rows[id]["late_points"] for id in ("kim", "lee", "han")] == ["18.8", "18.8", ""]
    assert rows["kim"]["mark_less_late"] == "75.2"
    assert (rows["han"]["outcome"], rows["han"]["reason"]) == ("missing", "nothing was handed in")
    data = json.loads((tmp_path / "out" / "results.json").read_text())
    assert [one["score"] for one in data["submissions"]] == [94.0, 94.0, 0.0]
    assert data["submissions"][0]["lateness"] == {"days": 2, "points": pytest.approx(18.8)}
    feedback = (tmp_path / "out" / "feedback" / "kim.md").read_text()
    assert "late: day 2; the rule takes 18.8 points, which are not taken off here" in feedback
    assert not (tmp_path / "out" / "feedback" / "han.md").exists()

    def none(*arguments: object) -> None:
        raise AssertionError("graded again")

    monkeypatch.setattr("harness.grading.Grader.grade", none)
    with_late.write_text(with_late.read_text(encoding="utf-8").replace("most_percent = 30", "most_percent = 5"))
    run(*arguments, "--out", tmp_path / "out")
    rows = {
        row["id"]: row
        for row in csv.DictReader((tmp_path / "out" / "gradebook.csv").read_text("utf-8-sig").splitlines())
    }
    assert rows["kim"]["late_points"] == "4.7"


WRONG_RULES = {
    "due": ('[late]\ndue = "tomorrow"\n', "late.due: must be a time with its zone, as in due = 2026-11-20T23:59:00"),
    "zone": ("[late]\ndue = 2026-11-20T23:59:00\n", "late.due: must be a time with its zone, as in due = 2026"),
    "percent": (LATE.replace("= 10", "= 101"), "late.percent_per_day: must be a number from 0 to 100"),
    "key": (LATE + "per_week = 1\n", "late: has 'per_week', which means nothing here; known are due, grace_minutes"),
}


@pytest.mark.parametrize("name", WRONG_RULES)
def test_what_is_wrong_with_a_late_rule_is_told(tmp_path: Path, with_late: Path, name: str) -> None:
    rule, message = WRONG_RULES[name]
    with_late.write_text(with_late.read_text(encoding="utf-8").replace(LATE, rule), encoding="utf-8")
    text = run(SUBMISSIONS / "correct" / "loop.py", "--assignment", with_late, "--out", tmp_path / "out")
    assert text.startswith(f"grade.py: {with_late}: {message}")
