"""Exports of learning systems, built to the letter of what each writes, come in with names, ids, times and flags."""

import io
import os
import struct
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness import cli
from harness.errors import InputError
from harness.grading import Grader
from harness.intake import HandedIn, look
from harness.intake.layouts import LAYOUTS
from tests.conftest import SUBMISSIONS, is_full

RIGHT = (SUBMISSIONS / "correct" / "loop.py").read_bytes()
WORDS = ("Wx", "Wh", "rnn_cell")
Tree = Mapping[str, bytes | str]


def on_disk(folder: Path, files: Tree) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def zipped(folder: Path, files: Tree) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "submissions.zip"
    path.write_bytes(zip_of(files))
    return path


def zip_of(files: Tree) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 20, 12, 0, 0)), content)
    return buffer.getvalue()


BOTH = pytest.mark.parametrize("lay", [on_disk, zipped], ids=["folder", "zip"])
Lay = Callable[[Path, Tree], Path]


def told(path: Path, layout: str = "auto") -> str:
    return "\n".join(map(str, look([path], layout, WORDS).told))


def who(path: Path) -> dict[str, str]:
    return {one.id: one.shown for one in look([path], words=WORDS).hand_ins}


def only(path: Path) -> HandedIn:
    (one,) = look([path], words=WORDS).hand_ins
    return one


CANVAS = {
    "kimminji_4711_90210_rnn.py": "Wx = 1",
    "leejisu_LATE_4712_90211_my rnn.ipynb": '{"cells": []}',
    "parkdo_yun_4713_90212_rnn.py": "Wx = 2",
    "parkdo_yun_4713_90290_rnn-1.py": "Wx = 3",
    "choi_4714_text.html": "<p>Wx = 4</p>",
}


@BOTH
def test_canvas(tmp_path: Path, lay: Lay) -> None:
    path = lay(tmp_path / "in", CANVAS)
    found = {one.id: one for one in look([path], words=WORDS).hand_ins}
    assert list(found) == ["choi_4714", "kimminji_4711", "leejisu_4712", "parkdo_yun_4713"]
    assert [one.delivery.late for one in found.values() if one.delivery] == [False, False, True, False]
    newest = found["parkdo_yun_4713"]
    assert newest.read().content == b"Wx = 3"
    assert newest.delivery
    assert newest.delivery.set_aside == ("parkdo_yun_4713_90212_rnn.py",)
    assert (newest.delivery.student.name, newest.delivery.student.account) == ("parkdo_yun", "4713")
    assert told(path).endswith(
        "taken for Canvas, 4 students\n1 of them handed in several files; the newest of each counts"
    )


@BOTH
def test_canvas_anonymous(tmp_path: Path, lay: Lay) -> None:
    path = lay(tmp_path / "in", {"anon_aB3dE_90210_rnn.py": "Wx = 1", "anon_LATE_zz9yX_90211_rnn.py": "Wx = 2"})
    found = look([path], words=WORDS).hand_ins
    assert {one.id: one.delivery and one.delivery.late for one in found} == {"anon_aB3dE": False, "anon_zz9yX": True}


MOODLE = {
    "김민지_1234567_assignsubmission_file/과제 rnn.py": "Wx = 1",
    "Lee Ji-su_1234568_assignsubmission_file/rnn.py": "Wx = 2",
    "Lee Ji-su_1234568_assignsubmission_onlinetext/onlinetext.html": "<p>see the file</p>",
    "Park_Do_1234569_assignsubmission_onlinetext/onlinetext.html": "<p>Wx = 3</p>",
}


@BOTH
@pytest.mark.parametrize("end", ["", "_"], ids=["newer", "older"])
def test_moodle_in_folders(tmp_path: Path, lay: Lay, end: str) -> None:
    path = lay(tmp_path / "in", {name.replace("/", f"{end}/"): content for name, content in MOODLE.items()})
    found = {one.id: one for one in look([path], words=WORDS).hand_ins}
    assert set(found) == {"김민지_1234567", "Lee_Ji-su_1234568", "Park_Do_1234569"}
    assert [one.read().content for one in found.values()].count(b"Wx = 2") == 1
    first = found["김민지_1234567"].delivery
    assert first
    assert (first.student.name, first.student.account) == ("김민지", "1234567")
    assert first.folder == f"김민지_1234567_assignsubmission_file{end}"
    assert "taken for Moodle, 3 students" in told(path)


@BOTH
def test_moodle_flat_and_blind(tmp_path: Path, lay: Lay) -> None:
    files = {
        "Participant_77_assignsubmission_file_rnn.py": "Wx = 1",
        "Participant_78_assignsubmission_file_rnn.ipynb": "Wx = 2",
        "group A-Kim Minji_79_assignsubmission_file_rnn.py": "Wx = 3",
    }
    assert set(who(lay(tmp_path / "in", files))) == {"Participant_77", "Participant_78", "group_A-Kim_Minji_79"}


METADATA = """
submission_1001:
  :submitters:
  - :name: Kim Minji
    :sid: '2026001'
    :email: minji@example.ac.kr
  :created_at: 2026-11-20 15:00:01.123456000 Z
  :score: 10.0
  :status: processed
submission_1002:
  :submitters:
  - :name: Lee Jisu
    :sid: ''
    :email: jisu@example.ac.kr
  - :name: Park Do
    :sid: ''
    :email: do@example.ac.kr
  :created_at: '2026-11-21 01:30:00 +0900'
"""


@BOTH
@pytest.mark.parametrize("above", ["", "assignment_55_export/"], ids=["inside", "above"])
def test_gradescope(tmp_path: Path, lay: Lay, above: str) -> None:
    files = {
        "submission_metadata.yml": METADATA,
        "submission_1001/rnn.py": "Wx = 1",
        "submission_1002/rnn.py": "Wx = 2",
    }
    path = lay(tmp_path / "in", {above + name: content for name, content in files.items()})
    first, second = look([path], words=WORDS).hand_ins
    assert first.delivery
    assert (first.id, first.delivery.student.name, first.delivery.student.email) == (
        "2026001",
        "Kim Minji",
        "minji@example.ac.kr",
    )
    assert first.delivery.at == datetime(2026, 11, 20, 15, 0, 1, 123456, UTC)
    assert second.delivery
    assert second.delivery.student.name == "Lee Jisu, Park Do"
    assert second.delivery.at == datetime(2026, 11, 20, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize("content", ["a: [", "- 1", "\0", "x: !!python/object/apply:os.system [ls]"])
def test_metadata_that_cannot_be_read_are_one_clear_line(tmp_path: Path, content: str) -> None:
    on_disk(tmp_path, {"submission_metadata.yml": content, "submission_1/rnn.py": "x = 1"})
    with pytest.raises(
        InputError, match=r"submission_metadata.yml can't be read, so whose each hand-in is is not known"
    ):
        look([tmp_path])


@BOTH
@pytest.mark.parametrize("above", ["course/submitted/", "submitted/", ""])
def test_nbgrader(tmp_path: Path, lay: Lay, above: str) -> None:
    files = {
        "bitdiddle/ps1/rnn.ipynb": "Wx = 1",
        "bitdiddle/ps1/timestamp.txt": "2026-11-20 14:59:01.5 UTC\n",
        "hacker/ps1/rnn.ipynb": "Wx = 2",
        "hacker/ps1/timestamp.txt": "2026-11-21 00:10:00.000000 +0900",
    }
    path = lay(tmp_path / "in", {above + name: content for name, content in files.items()})
    first, second = look([path], words=WORDS).hand_ins
    assert (first.id, second.id) == ("bitdiddle", "hacker")
    assert first.delivery
    assert first.delivery.at == datetime(2026, 11, 20, 14, 59, 1, 500000, UTC)
    assert second.delivery
    assert second.delivery.at == datetime(2026, 11, 20, 15, 10, tzinfo=UTC)


def test_several_assignments_of_nbgrader_are_not_mixed(tmp_path: Path) -> None:
    on_disk(tmp_path, {"submitted/kim/ps1/a.ipynb": "", "submitted/kim/ps2/a.ipynb": ""})
    with pytest.raises(InputError, match=r"several assignments \(ps1, ps2\); give the folder of one"):
        look([tmp_path])


def test_classroom_clones(tmp_path: Path) -> None:
    files = {
        "rnn.py": "Wx = 1",
        ".git/HEAD": "ref",
        "test_rnn.py": "Wx",
        "README.md": "Wx",
        "tools/helper.py": "def f(): 0",
    }
    for name in ("hw1-kim-minji", "hw1-lee-jisu"):
        on_disk(tmp_path / name, files)
    found = look([tmp_path], words=WORDS).hand_ins
    assert [(one.id, one.shown) for one in found] == [
        ("kim-minji", "hw1-kim-minji/rnn.py"),
        ("lee-jisu", "hw1-lee-jisu/rnn.py"),
    ]


@BOTH
def test_a_folder_for_each_student(tmp_path: Path, lay: Lay) -> None:
    path = lay(tmp_path / "in", {"kim/a.py": "Wx", "lee/b.py": "Wx", "park/c.py": "Wx = 1", "park/utils.py": "x = 1"})
    assert who(path) == {"kim": "kim/a.py", "lee": "lee/b.py", "park": "park/c.py"}


def test_folders_of_many_are_files_each_for_itself(tmp_path: Path) -> None:
    path = on_disk(tmp_path, {f"{kind}/{name}.py": "x" for kind in ("a", "b") for name in ("one", "two", "three")})
    assert len(who(path)) == 6
    assert told(path) == ""
    assert set(who_as(path, "folders")) == {"a", "b"}


def who_as(path: Path, layout: str) -> list[str]:
    return [one.id for one in look([path], layout, WORDS).hand_ins]


@BOTH
@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "student"])
def test_a_layout_that_it_is_not_is_one_clear_line(tmp_path: Path, lay: Lay, layout: str) -> None:
    path = lay(tmp_path / "in", {"a.txt": "x"})
    with pytest.raises(InputError, match=rf"is not as {LAYOUTS[layout].TITLE} lays out hand-ins; try --layout auto"):
        look([path], layout)


def test_who_handed_in_nothing_that_can_be_graded_is_told_so(tmp_path: Path) -> None:
    path = on_disk(tmp_path, {"kim_1_2_scan.pdf": "%PDF", "lee_3_4_rnn.py": "Wx = 1"})
    kim = look([path], words=WORDS).hand_ins[0]
    assert kim.id == "kim_1"
    assert kim.read().unreadable == "there is no .py, .ipynb, .md file among what was handed in: kim_1_2_scan.pdf"


def test_what_was_typed_into_an_editor_is_graded(tmp_path: Path, grader: Grader) -> None:
    html = "".join(
        f"<p>{line.replace(' ', '&nbsp;').replace('<', '&lt;').replace('>', '&gt;')}<br></p>\n" if line else "<p></p>"
        for line in RIGHT.decode().split("\n")
    )
    path = on_disk(tmp_path, {"kim_1_text.html": html, "lee_2_text.html": f"<pre>{RIGHT.decode()}</pre>"})
    for one in look([path], words=WORDS).hand_ins:
        assert is_full(grader.grade(one.read())), one.id


def test_students_may_hand_in_zips(tmp_path: Path) -> None:
    inner = zip_of({"hw/rnn.py": "Wx = 1", "hw/__pycache__/rnn.cpython-311.py": "x", "__MACOSX/hw/._rnn.py": "x"})
    path = zipped(tmp_path, {"kim_1_2_hw.zip": inner, "lee_3_4_rnn.py": "Wx = 2"})
    assert who(path) == {"kim_1": "kim_1_2_hw.zip/hw/rnn.py", "lee_3": "lee_3_4_rnn.py"}
    assert only(on_disk(tmp_path / "x", {"kim_1_2_hw.zip": inner})).read().content == b"Wx = 1"


# Hostile archives.


def member(
    name: str, content: bytes = b"x = 1", mode: int = 0o100644, **fields: object
) -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content


def archive_of(path: Path, *members: tuple[zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for info, content in members:
            archive.writestr(info, content, compress_type=compression)
    return path


def test_no_path_leads_out_of_the_folder(tmp_path: Path) -> None:
    names = ["../../evil.py", "/etc/evil2.py", "..\\..\\evil3.py", "C:\\evil4.py", "a/../../evil5.py"]
    path = archive_of(tmp_path / "in.zip", *(member(name) for name in names))
    before = sorted(tmp_path.rglob("*"))
    found = look([path]).hand_ins
    assert all(one.read().content == b"x = 1" for one in found)
    assert all(".." not in one.shown and not one.shown.startswith("/") for one in found)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "in.zip", member("link.py", b"/etc/passwd", mode=0o120777))
    assert only(path).read().unreadable == "it is a symbolic link; hand in the file itself"


def test_a_bomb_is_read_no_further_than_a_hand_in_may_be(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "in.zip", member("bomb.py", b"\0" * (64 << 20)))
    assert only(path).read().unreadable == "the file has 67,108,864 bytes, more than the 8,388,608 allowed"
    lying = bytearray(path.read_bytes())
    start = lying.rfind(b"PK\1\2")
    lying[start + 24 : start + 28] = struct.pack("<L", 100)  # the size that the directory says
    (tmp_path / "lying.zip").write_bytes(lying)
    assert (only(tmp_path / "lying.zip").read().unreadable or "").startswith("the archive that it is in is damaged")


def test_an_archive_in_an_archive_in_an_archive_is_not_opened(tmp_path: Path) -> None:
    deep = zip_of({"b.zip": zip_of({"c.zip": zip_of({"rnn.py": "Wx"})})})
    found = look([on_disk(tmp_path, {"a.zip": deep, "x.py": "x"})]).hand_ins
    assert all(not one.shown.endswith("rnn.py") for one in found)


def test_names_that_are_the_same_are_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "in.zip"
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive_of(path, member("a.py", b"x = 1"), member("a.py", b"x = 2"), member("A.PY", b"x = 3"))
    found = look([path]).hand_ins
    assert len({one.id.casefold() for one in found}) == 3
    assert [one.read().content for one in found] == [b"x = 3", b"x = 1", b"x = 2"]


def test_korean_names_from_windows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "in.zip"
    name = "가.py".encode("cp949")
    raw = zip_of({"a" * len(name): "x = 1"}).replace(b"a" * len(name), name)
    path.write_bytes(raw)
    assert only(path).id == "가"


def test_an_encrypted_member_is_told(tmp_path: Path) -> None:
    raw = bytearray(zip_of({"a.py": "x = 1"}))
    raw[raw.find(b"PK\1\2") + 8] |= 1
    (tmp_path / "in.zip").write_bytes(raw)
    assert only(tmp_path / "in.zip").read().unreadable == "it is encrypted; hand it in without a password"


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip" * 100, zip_of({"a.py": "x"})[:-30]])
def test_what_is_no_zip_is_one_clear_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "in.zip").write_bytes(content)
    with pytest.raises(InputError, match=r"in.zip is no zip that can be read: \w+"):
        look([tmp_path / "in.zip"])
    folder = on_disk(tmp_path / "class", {"kim_1_2_hw.zip": content, "lee_3_4_rnn.py": "Wx"})
    kim = look([folder], words=WORDS).hand_ins[0]
    assert (kim.id, (kim.read().unreadable or "").partition(":")[0]) == ("kim_1", "it is no zip that can be read")


def test_a_directory_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    names = {f"{'d' * 100}/{i:06}.txt": "" for i in range(20_000)}
    folder = on_disk(tmp_path, {"kim_1_2_hw.zip": zip_of(names), "lee_3_4_rnn.py": "Wx"})
    kim = look([folder], words=WORDS).hand_ins[0]
    assert kim.read().unreadable == "it is a zip of more files than are looked at"


@pytest.mark.parametrize("damage", range(0, 200, 7))
def test_damage_anywhere_costs_no_more_than_the_file(tmp_path: Path, damage: int) -> None:
    raw = bytearray(zip_of({"hw/rnn.py": "Wx = 1\n" * 20}))
    raw[damage % len(raw)] ^= 0xFF
    folder = on_disk(tmp_path, {"kim_1_2_hw.zip": bytes(raw), "lee_3_4_rnn.py": "Wx = 2"})
    found = look([folder], words=WORDS).hand_ins
    assert found[-1].read().content == b"Wx = 2"
    for one in found:
        one.read()


def test_the_directory_of_a_large_archive_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path, {f"s{i:04}_{i}_1_rnn.py": f"Wx = {i}" for i in range(500)})
    opened: list[object] = []
    real = zipfile.ZipFile

    def counting(*arguments: object, **options: object) -> zipfile.ZipFile:
        opened.append(arguments)
        return real(*arguments, **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr("harness.intake.tree.zipfile.ZipFile", counting)
    found = look([path]).hand_ins
    assert [one.read().content for one in found] == [f"Wx = {i}".encode() for i in range(500)]
    assert len(opened) == 1


def test_a_file_of_no_time_is_read_all_the_same(tmp_path: Path) -> None:
    on_disk(tmp_path, {"a.py": "Wx"})
    os.utime(tmp_path / "a.py", (10**11, 10**12))
    assert only(tmp_path).read().content == b"Wx"


# What one student hands in must not change how the others are read.

OTHERS = {"kim/a.py": "Wx = 1", "lee/b.py": "Wx = 2", "park/c.py": "Wx = 3"}
HIJACKS: dict[str, Tree] = {
    "gradescope": {"eve/submission_metadata.yml": METADATA, "eve/submission_1001/rnn.py": "Wx"},
    "nbgrader": {"eve/ps1/timestamp.txt": "2026-11-20 14:59:01 UTC", "eve/ps1/rnn.py": "Wx", "eve/ps2/rnn.py": "Wx"},
    "submitted": {"eve/submitted/kim/ps1/rnn.py": "Wx", "eve/submitted/kim/ps2/rnn.py": "Wx"},
    "classroom": {"eve/.git/HEAD": "ref", "eve/rnn.py": "Wx"},
    "canvas": {"eve/kim_1_2_rnn.py": "Wx"},
    "moodle": {"eve/Kim_1_assignsubmission_file_/rnn.py": "Wx"},
    "zip": {"eve.zip": zip_of({"submission_metadata.yml": METADATA, "submitted/kim/ps1/rnn.py": "Wx"})},
    "no zip": {"eve.zip": b"PK"},
}


@pytest.mark.parametrize("name", HIJACKS)
def test_no_student_changes_how_the_others_are_read(tmp_path: Path, name: str) -> None:
    found = who(on_disk(tmp_path, {**OTHERS, **HIJACKS[name]}))
    assert {"kim": "kim/a.py", "lee": "lee/b.py", "park": "park/c.py"}.items() <= found.items()
    assert found.keys() == {"kim", "lee", "park", "eve"}


def test_a_text_of_metadata_that_unfolds_without_end_is_left_out(tmp_path: Path) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    lines += ["submission_1:", "  :submitters:", "  - :name: *i", "    :sid: s1"]
    on_disk(tmp_path, {"submission_metadata.yml": "\n".join(lines), "submission_1/rnn.py": "Wx"})
    assert only(tmp_path).id == "s1"


def test_a_folder_of_zips_is_a_folder_for_each_student(tmp_path: Path) -> None:
    files = {"kim.zip": zip_of({"hw/rnn.py": "Wx"}), "lee.zip": zip_of({"rnn.py": "Wx", ".git/x.py": "x"})}
    assert who(on_disk(tmp_path, files)) == {"kim": "kim.zip/hw/rnn.py", "lee": "lee.zip/rnn.py"}


def test_the_command_line_knows_every_layout() -> None:
    assert ("auto", "files", *sorted(LAYOUTS)) == cli.LAYOUTS
