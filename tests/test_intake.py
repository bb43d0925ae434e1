"""Hand-ins are found in files and folders, in a fixed order, with ids that are stable and unique."""

from pathlib import Path

import pytest

from harness.intake import look
from tests.conftest import collect


def make(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    return folder


def ids(*paths: Path) -> list[str]:
    return [one.id for one in collect(paths)]


def test_a_flat_folder(tmp_path: Path) -> None:
    assert ids(make(tmp_path, "b.py", "a.ipynb", "c.md", "notes.txt", "README.md", ".hidden.py")) == ["a", "b", "c"]


def test_a_folder_for_each_student(tmp_path: Path) -> None:
    folder = make(tmp_path, "kim/rnn.py", "lee/rnn.py", "lee/__pycache__/rnn.py", "park/.ipynb_checkpoints/x.ipynb")
    assert ids(folder) == ["kim", "lee"]


def test_ids_that_collide_by_case_or_ending_are_kept_apart(tmp_path: Path) -> None:
    assert ids(make(tmp_path, "A.py", "a.md", "b/c.py", "b_c.py")) == ["A.py", "a.md", "b_c", "c"]


@pytest.mark.parametrize("name", ["  .py", "a b;c.py", "$(rm -rf).py", "<script>.py", "한글 이름.py", "x\ny.py"])
def test_ids_are_safe_as_file_names(tmp_path: Path, name: str) -> None:
    (id,) = ids(make(tmp_path, name))
    assert id
    assert not set(id) & set("/\\<>|:*?\"' \n;$()")


def test_the_same_file_named_twice_counts_once(tmp_path: Path) -> None:
    folder = make(tmp_path, "a.py")
    assert ids(folder, folder / "a.py") == ["a"]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    folder = make(tmp_path / "in", "a.py")
    (folder / "loop").symlink_to(folder)
    assert ids(folder) == ["a"]


def test_ids_are_short_enough_for_the_file_of_a_report(tmp_path: Path) -> None:
    (id,) = ids(make(tmp_path, "/".join(["김" * 80, "민" * 80, "a.py"])))[:1]
    assert len(id.encode()) <= 200
    both = ids(make(tmp_path, "/".join(["김" * 80, "민" * 80, "b.py"])))
    assert len(set(both)) == 2


def test_names_of_any_bytes_are_shown_and_graded(tmp_path: Path) -> None:
    for name in ("\udcff.py", "a\x1b[2J.py", "two\nlines.py"):
        (tmp_path / name).write_text("x = 1\n")
    found = collect([tmp_path])
    assert {one.path for one in found} == {"a\\x1b[2J.py", "two\\nlines.py", "\\udcff.py"}
    assert all(one.content == b"x = 1\n" for one in found)


def test_a_hand_in_is_read_when_its_turn_comes(tmp_path: Path) -> None:
    make(tmp_path, "a.py", "b.py")
    first, second = look([tmp_path]).hand_ins
    (tmp_path / "a.py").write_text("y = 2\n")
    (tmp_path / "b.py").unlink()
    assert first.read().content == b"y = 2\n"
    assert (second.read().content, second.read().unreadable) == (
        None,
        "the file can't be read: No such file or directory",
    )


@pytest.mark.parametrize("name", ["-rf.py", "=1+1.py", "@all.py", "+x.py", "--out.py"])
def test_no_id_begins_like_an_option_or_a_formula(tmp_path: Path, name: str) -> None:
    (id,) = ids(make(tmp_path, name))
    assert id[0] not in "-=@+."
