"""Whatever bytes and names are handed in: they are read, or one line says why not; nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.adjustments import NAME as ADJUSTMENTS
from harness.adjustments import read as read_adjustments
from harness.assignment import BUILT_IN
from harness.bank import make_bank
from harness.errors import GraderFault, InputError
from harness.gradebook import NAME as GRADEBOOK
from harness.gradebook import Gradebook
from harness.grading import Grader
from harness.model import Assignment, Submission
from harness.run import choose_assignment
from harness.worker.reading import Unreadable, mend, read
from harness.worker.salvage import statements_of
from tests.conftest import SUBMISSIONS, collect
from tests.fuzz import times
from tests.fuzz.bending import bytes_like

HAND_INS = {
    suffix: [path.read_bytes() for path in sorted(SUBMISSIONS.rglob(f"*.{suffix}")) if path.name != "README.md"]
    for suffix in ("py", "ipynb", "md")
}


@pytest.mark.parametrize("suffix", HAND_INS)
@times(400)
@given(data=st.data())
def test_any_bytes_are_read_or_refused_in_one_line(suffix: str, data: st.DataObject) -> None:
    content = data.draw(bytes_like(HAND_INS[suffix]))
    try:
        blocks = read(f"hand_in.{suffix}", content)
    except Unreadable as error:
        assert 0 < len(str(error)) < 400
        return
    statements, broken = statements_of(blocks)
    lines = {block.cell: block.first_line + block.text.count("\n") for block in blocks}
    for one in (*statements, *broken):
        assert 1 <= one.line <= lines[one.cell] + 1
    assert mend(blocks, []) == blocks


@pytest.mark.parametrize("suffix", HAND_INS)
@times(60)
@given(data=st.data())
def test_any_bytes_get_a_grade(suffix: str, data: st.DataObject, grader: Grader) -> None:
    content = data.draw(bytes_like(HAND_INS[suffix]))
    grade = grader.grade(Submission("hand_in", f"hand_in.{suffix}", content))
    assert grade.graded, str(grade.reason)
    assert 0 <= grade.score <= grade.max_score


@times(300)
@given(content=bytes_like([path.read_bytes() for path in sorted(BUILT_IN.glob("*.toml"))]))
def test_an_assignment_is_understood_or_refused_in_one_line(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "bent.toml"
    path.write_bytes(content)
    try:
        assignment = choose_assignment(str(path))
    except InputError as error:
        assert str(error).startswith(("assignment bent", str(path)))
        assert len(str(error).splitlines()) == 1
        return
    try:
        make_bank(assignment, "cpu")
    except GraderFault as fault:
        pytest.fail(f"an assignment that was accepted can't be used: {fault}")


#: What archives and exports of learning platforms have held.
NAMES = st.lists(
    st.lists(
        st.sampled_from(
            ["kim", "김민지", "KIM", "Kim ", "..", ".", "~", "-", "--out", "con", "a" * 120, "é", "e\u0301", "\u202e",
             "(1)", "\n", "\t", "'", '"', "$(x)", "`x`", "<b>", "&", "%s", "{0}", "=1+1", "*", "?", ":", "|", "\\",
             "\udcff", "rnn", "_assignsubmission_file_", "_LATE_123_456_"]
        )
        | st.text(st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), max_size=6),
        min_size=1,
        max_size=4,
    ).map("".join),
    min_size=1,
    max_size=4,
)  # fmt: skip


@times(300)
@given(paths=st.lists(st.tuples(NAMES, st.sampled_from([".py", ".PY", ".ipynb", ".md"])), min_size=1, max_size=5))
def test_any_names_become_ids_that_are_safe_and_unique(
    paths: list[tuple[list[str], str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("names")
    for parts, suffix in paths:
        path = folder.joinpath(*parts[:-1], parts[-1] + suffix)
        if ".." in parts or len(str(path).encode(errors="surrogateescape")) > 3000:
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x = 1\n")
        except OSError:  # a name too long, or a folder where a file is
            continue
    try:
        found = collect([folder])
    except InputError as error:
        assert "there is nothing to grade" in str(error)
        return
    ids = [one.id for one in found]
    assert len({id.casefold() for id in ids}) == len(ids)
    for one in found:
        assert not set(one.id) & set("/\\<>|:*?\"' \n;$()`&%{}\0")
        assert not one.id.startswith((".", "-", "="))
        (folder / f"{one.id}.feedback.md").write_text(one.path, encoding="utf-8")


@times(300)
@given(content=bytes_like([b"id,check,points,reason,who\nkim,numerics.cell,7,by hand,Lee\nlee,total,3,,Lee\n"]))
def test_adjustments_are_understood_or_refused_in_one_line(
    content: bytes, notes: Assignment, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / ADJUSTMENTS).write_bytes(content)
    try:
        read = read_adjustments(folder, notes)
    except InputError as error:
        assert str(folder / ADJUSTMENTS) in str(error)
        return
    assert all(one.id and one.points == one.points for one in read)


@pytest.fixture(scope="module")
def book(grader: Grader, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[Submission]]:
    folder = tmp_path_factory.mktemp("book")
    submissions = collect([SUBMISSIONS / "unfinished"])
    with Gradebook(folder) as book:
        for one in submissions:
            book.keep(grader.grade(one), "mark")
    return (folder / GRADEBOOK).read_bytes(), submissions


@times(300)
@given(data=st.data())
def test_a_damaged_gradebook_is_told_or_does_not_matter(
    data: st.DataObject, book: tuple[bytes, list[Submission]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole, submissions = book
    folder = tmp_path_factory.mktemp("damaged")
    (folder / GRADEBOOK).write_bytes(data.draw(bytes_like([whole])))
    try:
        with Gradebook(folder) as opened:
            for one in submissions:
                grade = opened.known(one, "mark")
                assert grade is None or grade.id == one.id
    except InputError as error:
        assert str(folder / GRADEBOOK) in str(error)
