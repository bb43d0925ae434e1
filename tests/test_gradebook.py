"""The gradebook keeps its word: killed runs go on with the same bytes, nothing is lost, a person's mark stands."""

import contextlib
import json
import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness import cli
from harness.adjustments import adjusted
from harness.bank import Bank
from harness.errors import InputError
from harness.gradebook import NAME, Gradebook, decode, encode, fingerprint
from harness.grading import Grader
from harness.model import Adjustment, Assignment, Grade
from harness.reports.explanation import explain
from tests.bug_styles import STYLES
from tests.conftest import PROJECT, SUBMISSIONS, check_of, collect

WRONG = SUBMISSIONS / "buggy" / "misspelled_hidden_state.py"
RIGHT = SUBMISSIONS / "correct" / "loop.py"


@pytest.fixture
def hand_ins(tmp_path: Path) -> Path:
    folder = tmp_path / "class"
    folder.mkdir()
    for path in (WRONG, RIGHT, SUBMISSIONS / "buggy" / "notes.md", SUBMISSIONS / "unfinished" / "pass.py"):
        shutil.copy(path, folder)
    return folder


def graded(folder: Path, out: Path, *options: str) -> Result:
    return CliRunner().invoke(cli.main, [str(folder), "--out", str(out), "--jobs", "2", *options])


def book_of(out: Path) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(out / NAME)) as book:
        return book.execute("SELECT * FROM grades ORDER BY id").fetchall()


@pytest.mark.parametrize("path", collect([SUBMISSIONS])[::5], ids=lambda one: one.id)
def test_a_grade_comes_back_from_the_book_as_it_went_in(path, grader: Grader) -> None:
    grade = grader.grade(path)
    again = decode(json.loads(json.dumps(encode(grade))))
    assert list(explain(again)) == list(explain(grade))
    assert encode(again) == encode(grade)
    assert replace(again, checks=(), findings=(), notes=(), reason=None) == replace(
        grade, checks=(), findings=(), notes=(), reason=None
    )


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the hand-ins that are really graded."""
    seen: list[str] = []
    real = Grader.grade

    def grade(self: Grader, submission) -> Grade:
        seen.append(submission.id)
        return real(self, submission)

    monkeypatch.setattr(Grader, "grade", grade)
    monkeypatch.setattr("harness.launching.can_fork", lambda: False)  # what is graded elsewhere is not counted here
    return seen


def test_what_is_in_the_book_is_not_graded_again(hand_ins: Path, tmp_path: Path, counted: list[str]) -> None:
    graded(hand_ins, tmp_path / "out")
    first = (tmp_path / "out" / "results.json").read_bytes()
    assert len(counted) == 4
    graded(hand_ins, tmp_path / "out")
    assert len(counted) == 4
    assert (tmp_path / "out" / "results.json").read_bytes() == first
    graded(hand_ins, tmp_path / "out", "--fresh")
    assert len(counted) == 8
    assert (tmp_path / "out" / "results.json").read_bytes() == first


def test_changed_bytes_are_graded_again_and_no_others(hand_ins: Path, tmp_path: Path, counted: list[str]) -> None:
    graded(hand_ins, tmp_path / "out")
    counted.clear()
    (hand_ins / "loop.py").write_text(STYLES["filled"])
    graded(hand_ins, tmp_path / "out")
    assert counted == ["loop"]


def test_a_changed_assignment_grades_all_again(hand_ins: Path, tmp_path: Path, counted: list[str]) -> None:
    text = (PROJECT / "harness" / "assignments" / "notes.toml").read_text()
    assignment = tmp_path / "mine.toml"
    for points in ("4", "5"):
        assignment.write_text(text.replace("points = 4\n", f"points = {points}\n", 1))
        graded(hand_ins, tmp_path / "out", "--assignment", str(assignment))
    assert len(counted) == 8


def test_the_fingerprint_knows_assignment_oracle_and_confinement(notes: Assignment) -> None:
    marks = {
        fingerprint(notes, "2.4", "cpu", "process"),
        fingerprint(notes, "2.4", "cuda", "process"),
        fingerprint(notes, "2.4", "cpu", "landlock+seccomp"),
        fingerprint(replace(notes, single_precision="fault"), "2.4", "cpu", "process"),
    }
    assert len(marks) == 4


def test_a_failed_run_never_overwrites_an_earlier_mark(
    hand_ins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded(hand_ins, tmp_path / "out")
    before = book_of(tmp_path / "out")

    def broken(*arguments: object) -> None:
        raise RuntimeError("a bug of the grader")

    monkeypatch.setattr("harness.judging.Judging.judge", broken)
    assert graded(hand_ins, tmp_path / "out", "--fresh").exit_code == 3
    assert book_of(tmp_path / "out") == before


def test_a_run_that_is_broken_off_leaves_the_reports_of_the_one_before(
    hand_ins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    graded(hand_ins, out)
    reports = {name: (out / name).read_bytes() for name in ("results.json", "gradebook.csv")}

    def broken(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    (hand_ins / "more.py").write_text("x = 1\n")
    monkeypatch.setattr("harness.reports.markdown._page", broken)
    result = graded(hand_ins, out)
    assert (result.exit_code, result.output.strip().split("\n")[-1]) == (
        2,
        f"grade.py: {out} can't be written: No space left on device",
    )
    assert {name: (out / name).read_bytes() for name in reports} == reports


def test_a_run_that_is_broken_off_grades_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: list[str]
) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    for number in range(60):
        (folder / f"s{number:02}.py").write_text("x = 1\n")

    def broken(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("harness.reports.markdown._page", broken)
    assert graded(folder, tmp_path / "out").exit_code == 2
    assert 1 <= len(counted) < 30


#: How often a run is killed; the suite is quick, and ``KILLS=100`` is for those who want to know.
KILLS = int(os.environ.get("KILLS", "4"))
HAND_INS = int(os.environ.get("KILLS_HAND_INS", "24"))


def test_a_run_that_is_killed_at_any_moment_goes_on_and_ends_with_the_same_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    sources = [WRONG, RIGHT, SUBMISSIONS / "buggy" / "missing_bias.py", SUBMISSIONS / "correct" / "einsum.py"]
    for number in range(HAND_INS):
        shutil.copy(sources[number % len(sources)], folder / f"s{number:03}.py")

    def command(out: str, *options: str) -> list[str]:
        own = [str(folder), "--out", str(tmp_path / out), "--jobs", "2", *options]
        return [sys.executable, str(PROJECT / "grade.py"), *own]

    began = time.monotonic()
    subprocess.run(command("undisturbed"), check=True, capture_output=True)
    whole = time.monotonic() - began
    chance = random.Random(20_200_325)
    lengths = []
    for _ in range(KILLS):
        again = ["--fresh"] if chance.random() < 0.5 else []  # else soon nothing is left to be killed
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command("killed", *again), **quiet) as run:
            time.sleep(chance.uniform(0.1, 1.0) * whole)
            run.send_signal(signal.SIGKILL)
        if (tmp_path / "killed" / NAME).exists():
            lengths.append(len(book_of(tmp_path / "killed")))
    subprocess.run(command("killed"), check=True, capture_output=True)
    for name in ("results.json", "gradebook.csv"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "undisturbed" / name).read_bytes()
    assert [row[:4] for row in book_of(tmp_path / "killed")] == [row[:4] for row in book_of(tmp_path / "undisturbed")]
    assert lengths == sorted(lengths)  # nothing that was graded was lost


def test_a_second_run_on_the_folder_says_so_and_waits(hand_ins: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with Gradebook(out):
        second = subprocess.Popen(
            [sys.executable, str(PROJECT / "grade.py"), str(hand_ins), "--out", str(out)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert second.stdout is not None
        assert "another run is writing to" in second.stdout.readline()
        assert second.poll() is None
    assert second.wait(60) == 0
    second.stdout.close()
    assert len(book_of(out)) == 4


def test_a_damaged_book_is_one_clear_line_and_is_left_as_it_is(hand_ins: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / NAME).write_bytes(b"this is no database " * 100)
    result = graded(hand_ins, out)
    assert result.exit_code == 2
    assert result.output.strip().endswith("move it away, and everything is graded again")
    assert "Traceback" not in result.output
    assert (out / NAME).read_bytes() == b"this is no database " * 100


def test_a_damaged_book_is_not_held_open_by_who_was_told(tmp_path: Path) -> None:
    def wait() -> None:
        pytest.fail("the run that could not open it has its lock still")

    (tmp_path / NAME).write_bytes(b"this is no database " * 100)
    with pytest.raises(InputError) as told:
        Gradebook(tmp_path)
    (tmp_path / NAME).unlink()
    with Gradebook(tmp_path, waiting=wait):
        assert "is damaged" in str(told.value)


def test_a_row_that_makes_no_sense_is_one_clear_line(hand_ins: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    graded(hand_ins, out)
    with contextlib.closing(sqlite3.connect(out / NAME)) as book, book:
        book.execute("UPDATE grades SET grade = '{\"id\": 3}'")
    result = graded(hand_ins, out)
    assert result.exit_code == 2
    assert "is damaged" in result.output


def test_a_full_disk_is_one_clear_line_and_what_was_graded_is_kept(hand_ins: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    graded(hand_ins, out)
    before = book_of(out)

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, 16_384))

    command = [sys.executable, str(PROJECT / "grade.py"), str(hand_ins), "--out", str(out), "--fresh"]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=full, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().split("\n")) == 1
    assert "can't be written" in done.stderr
    assert book_of(out) == before


def test_the_views_can_be_read_by_anyone(hand_ins: Path, tmp_path: Path) -> None:
    graded(hand_ins, tmp_path / "out")
    with contextlib.closing(sqlite3.connect(tmp_path / "out" / NAME)) as book:
        marks = dict(book.execute("SELECT id, percent FROM marks"))
        assert marks["loop"] == 100.0
        lost = book.execute("SELECT \"check\" FROM checks WHERE id = 'misspelled_hidden_state' AND outcome = 'FAILED'")
        assert [row[0] for row in lost] == ["stacking.state-is-carried", "stacking.long-sequence"]
        bugs = book.execute("SELECT rule, line FROM findings WHERE id = 'misspelled_hidden_state'").fetchall()
        assert bugs == [("misspelled-hidden-state", 17)]


HEAD = "id,check,points,reason,who\n"


def test_a_mark_that_a_person_set_stands_above_and_survives_every_run(hand_ins: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    graded(hand_ins, out)
    sheet = HEAD + "misspelled_hidden_state,stacking.state-is-carried,7,good idea,Kim\nloop,total,50,late,Lee\n"
    (out / "adjustments.csv").write_text(sheet, encoding="utf-8-sig")
    for options in ((), (), ("--fresh",)):
        graded(hand_ins, out, *options)
        data = {one["id"]: one for one in json.loads((out / "results.json").read_text())["submissions"]}
        assert data["misspelled_hidden_state"]["score"] == 74 + 7
        assert data["loop"]["score"] == 50
        assert data["loop"]["adjustments"] == [
            {"id": "loop", "check": "total", "points": 50.0, "reason": "late", "who": "Lee"}
        ]
        assert (out / "adjustments.csv").read_text(encoding="utf-8-sig") == sheet
    assert "total: 50 points, set by Lee: late" in (out / "feedback" / "loop.md").read_text()
    (out / "adjustments.csv").unlink()
    graded(hand_ins, out)
    data = {one["id"]: one for one in json.loads((out / "results.json").read_text())["submissions"]}
    assert data["loop"]["score"] == 94


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,check\n", "the first line must name the columns id, check, points, reason, who"),
        ("", "adjustments.csv can't be read: it is empty"),
        (HEAD + ",total,3,,\n", "line 2: id is empty"),
        (HEAD + "a,totl,3,,\n", "line 2: 'totl' is no check of notes, nor 'total'"),
        (HEAD + "a,total,three,,\n", "line 2: 'three' is no number of points"),
        (HEAD + "a,total,nan,,\n", "line 2: 'nan' is no number of points"),
        (HEAD + "a,total\n", "line 2: '' is no number of points"),
    ],
)
def test_what_is_wrong_with_adjustments_is_told_with_its_line(
    text: str, told: str, hand_ins: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "adjustments.csv").write_text(text)
    result = graded(hand_ins, out)
    assert result.exit_code == 2
    assert result.output.strip().endswith(told)
    assert result.output.startswith("grade.py: ")


def test_adjustments_of_somebody_who_is_not_there_are_told(hand_ins: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "adjustments.csv").write_text(HEAD + "nobody,total,3,,\n")
    result = graded(hand_ins, out)
    assert result.exit_code == 0
    assert "speaks of nobody, which are not among these" in result.output.replace("\n", "")


def test_the_last_adjustment_of_a_thing_counts_and_the_total_counts_most(grader: Grader) -> None:
    grade = grader.grade(collect([WRONG])[0])
    rule = "stacking.state-is-carried"
    several = [Adjustment(grade.id, rule, points, "", "") for points in (1.0, 2.0)]
    assert adjusted(grade, several).score == 76
    assert check_of(adjusted(grade, several), rule).earned == 2
    assert adjusted(grade, [*several, Adjustment(grade.id, "total", 10.0, "", "")]).score == 10
    assert adjusted(grade, [Adjustment("somebody else", rule, 9.0, "", "")]) is grade


def test_nothing_to_grade_any_more_starts_no_process(
    hand_ins: Path, tmp_path: Path, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded(hand_ins, tmp_path / "out")

    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a zygote was started")

    monkeypatch.setattr("harness.conversation.Zygote", refuse)
    assert graded(hand_ins, tmp_path / "out").exit_code == 0


QUESTIONS = re.findall(r"```sql\n(.*?)```", (PROJECT / "docs" / "gradebook.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of four students of two sections, one of whom handed in nothing."""
    folder = tmp_path_factory.mktemp("asked")
    (folder / "in").mkdir()
    for name, source in {
        "kim": "buggy/missing_bias.py",
        "lee": "buggy/missing_bias.py",
        "han": "correct/loop.py",
    }.items():
        shutil.copy(SUBMISSIONS / source, folder / "in" / f"{name}.py")
    shutil.copy(SUBMISSIONS / "buggy" / "mutates_arguments.py", folder / "in" / "cho.py")
    rows = "id,name,section\nkim,Kim,A\nlee,Lee,B\nhan,Han,A\ncho,Cho,B\npark,Park,B\n"
    (folder / "roster.csv").write_text(rows)
    arguments = [str(folder / "in"), "--out", str(folder / "out"), "--roster", str(folder / "roster.csv")]
    result = CliRunner().invoke(cli.main, [*arguments, "--device", "cpu"])
    assert result.exit_code == 0, result.output
    return folder / "out" / NAME


ANSWERS = (
    [("A", "missing-bias", 1), ("B", "missing-bias", 1), ("B", "mutates-arguments", 1)],
    [("cho", "conduct.arguments-unchanged", 4.0)],
    None,
)


@pytest.mark.parametrize(("question", "answer"), list(zip(QUESTIONS, ANSWERS, strict=True)))
def test_the_questions_of_the_documentation_have_answers(
    asked: Path, question: str, answer: list[tuple[object, ...]] | None
) -> None:
    with contextlib.closing(sqlite3.connect(f"file:{asked}?mode=ro", uri=True)) as book:
        rows = book.execute(question).fetchall()
    assert rows
    if answer is None:
        assert all(one < other and students == 2 for one, other, students in rows)
    else:
        assert rows == answer


def test_people_are_the_last_run_as_it_was_reported(asked: Path) -> None:
    with contextlib.closing(sqlite3.connect(f"file:{asked}?mode=ro", uri=True)) as book:
        people = {row[0]: row[1:] for row in book.execute("SELECT id, name, section, mark FROM people")}
    assert people["han"] == ("Han", "A", 94.0)
    assert people["park"] == ("Park", "B", None)
    assert len(people) == 5
