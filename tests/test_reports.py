"""Each report is read by what consumes it, and nothing of a hand-in is more than text in any of them."""

import csv
import json
import re
import shutil
import subprocess
import zipfile
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import junitparser
import pytest
import xmlschema
from click.testing import CliRunner

from harness import cli
from harness.checks import CHECKS
from harness.errors import InputError
from harness.grading import not_graded
from harness.model import Assignment, Change, Delivery, Grade, Outcome, Place, Run, Student, Submission
from harness.reports import KINDS, Reports, chosen
from harness.reports.exported import written as points_written
from harness.reports.items import Items
from harness.reports.picture import picture
from harness.tables import read_table
from tests.conftest import PROJECT, SUBMISSIONS, GradeSource
from tests.test_layouts import on_disk

WRONG = re.sub(r"  # finding.*", "", (SUBMISSIONS / "buggy" / "misspelled_hidden_state.py").read_text(encoding="utf-8"))
RIGHT = (SUBMISSIONS / "correct" / "loop.py").read_text(encoding="utf-8")
#: What a hand-in may try to be in a page, a table, an XML file or a terminal.
EVIL = "</script></pre><script>window.evil=1</script><img src=x onerror='window.evil=1'>]]>{{7*7}}\x1b[2J\u202e"
HOSTILE = RIGHT.replace("import numpy as np", f"import numpy as np\nprint({EVIL!r})\n# {EVIL[:-5]}", 1)


@pytest.fixture
def run(notes: Assignment) -> Run:
    return Run(notes, "2.13.0", "cpu", "process")


@pytest.fixture(scope="session")
def grades(grade_source: GradeSource, notes: Assignment) -> list[Grade]:
    """A right one, a wrong one with its student, two of ill will, one that is not readable, and a fault of ours."""
    raising = RIGHT.replace("output_t = np.tanh", f"raise ValueError({EVIL!r})\n    output_t = np.tanh", 1)
    named = Delivery(Student("2026001", "=Kim, Minji", "minji@example.ac.kr", "A", account="4711"), folder="x")
    wrong = replace(grade_source(WRONG), id="kimminji_4711", delivery=named)
    evil = replace(grade_source(HOSTILE), id="evil", path=EVIL)
    fault = not_graded(Submission("fault", "fault.py", b"x"), notes, "no zygote")
    return [
        replace(grade_source(RIGHT), id="right"),
        wrong,
        evil,
        replace(grade_source(raising), id="raising", path="=1+1.py"),
        replace(grade_source(""), id="empty"),
        fault,
    ]


def written(names: str, run: Run, grades: list[Grade], folder: Path) -> Path:
    with Reports(run, folder, chosen(names, run)) as reports:
        for grade in grades:
            reports.write(grade)
    return folder


def test_all_reports_of_a_class_are_written_and_told(tmp_path: Path) -> None:
    on_disk(tmp_path / "in", {"a.py": RIGHT, "b.py": WRONG})
    out = tmp_path / "out"
    result = CliRunner().invoke(cli.main, [str(tmp_path / "in"), "--out", str(out), "--reports", "all"])
    assert result.exit_code == 0, result.output
    told = result.output.replace("\n", " ")
    for kind in KINDS.values():
        if kind.KIND not in ("canvas", "moodle"):
            assert (out / kind.NAME).exists(), kind.NAME
            assert str(out / kind.NAME) in told


UNKNOWN = {
    "html,cvs": "there is no report 'cvs'; there are ",
    "canvas": "the report canvas needs --into FILE: what Canvas exports to be filled in",
    "moodle": "the report moodle needs --into FILE: what Moodle exports to be filled in",
}


@pytest.mark.parametrize("names", UNKNOWN)
def test_a_report_that_there_is_not_is_one_clear_line(names: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(RIGHT)
    result = CliRunner().invoke(cli.main, [str(tmp_path / "a.py"), "--out", str(tmp_path / "o"), "--reports", names])
    assert (result.exit_code, result.output.startswith(f"grade.py: {UNKNOWN[names]}")) == (2, True)


def test_no_cell_of_a_table_is_a_formula(run: Run, grades: list[Grade], tmp_path: Path) -> None:
    written("csv", run, grades, tmp_path)
    with (tmp_path / "gradebook.csv").open(newline="", encoding="utf-8-sig") as file:
        head, *rows = list(csv.reader(file))
    assert {len(row) for row in rows} == {len(head)}
    cells = [cell for row in rows for cell in row]
    assert "'=1+1.py" in cells
    assert "'=Kim, Minji" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@")) or re.match(r"-[^\d]", cell)]


OFFICE = shutil.which("soffice")


@pytest.mark.skipif(OFFICE is None, reason="there is no LibreOffice here")
def test_a_spreadsheet_finds_no_formula(run: Run, grades: list[Grade], tmp_path: Path, canvas: Path) -> None:
    given = replace(run, into=canvas, column="RNN", changed=lambda id: Change(grades[0], ("=1+1",)))
    written("csv,regrade,canvas", given, grades, tmp_path)
    (tmp_path / "trap.csv").write_text("id,path\nx,=1+1\n")
    tables = [tmp_path / name for name in ("gradebook.csv", "regrade.csv", "canvas.csv", "trap.csv")]
    # As a person opens them who lets the program look for formulas: the last of the filter's options.
    opened = "--infilter=CSV:44,34,76,1,,0,false,true,false,false,false,-1,true"
    home = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    command = [
        str(OFFICE),
        home,
        "--headless",
        opened,
        "--convert-to",
        "fods",
        "--outdir",
        str(tmp_path),
        *map(str, tables),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    found = {path.stem: next(tmp_path.glob(f"{path.stem}*.fods")).read_text(encoding="utf-8") for path in tables}
    assert {name: "table:formula=" in text for name, text in found.items()} == {
        "gradebook": False,
        "regrade": False,
        "canvas": False,
        "trap": True,
    }
    assert "=1+1.py" in found["gradebook"]


def test_pandas_reads_the_table_and_the_book(tmp_path: Path) -> None:
    import sqlite3

    import pandas as pd

    on_disk(tmp_path / "in", {"a.py": RIGHT, "b.py": WRONG})
    CliRunner().invoke(cli.main, [str(tmp_path / "in"), "--out", str(tmp_path / "out")])
    table = pd.read_csv(tmp_path / "out" / "gradebook.csv")
    assert dict(zip(table["id"], table["score"], strict=True)) == {"a": 94.0, "b": 74.0}
    book = sqlite3.connect(tmp_path / "out" / "gradebook.sqlite")
    marks = pd.read_sql("SELECT * FROM marks", book)
    book.close()
    assert dict(zip(marks["id"], marks["score"], strict=True)) == {"a": 94.0, "b": 74.0}


# JUnit XML


def test_junit_is_read_by_a_parser_of_junit(run: Run, grades: list[Grade], tmp_path: Path) -> None:
    path = written("junit", run, grades, tmp_path) / "junit.xml"
    suites = {suite.name: suite for suite in junitparser.JUnitXml.fromfile(str(path))}
    assert list(suites) == [grade.id for grade in grades]
    right, wrong = suites["right"], suites["kimminji_4711"]
    assert (right.tests, right.failures, right.errors, right.skipped) == (18, 0, 0, 1)
    failed = {case.name: case.result[0] for case in wrong if case.result}
    assert failed["stacking.state-is-carried"].type == "FAILED"
    assert failed["known-bug.misspelled-hidden-state@line17"].type == "KNOWN BUG"
    assert "is never carried" in failed["known-bug.misspelled-hidden-state@line17"].message
    assert suites["fault"].errors == 18
    messages = [case.result[0].message for case in suites["raising"] if case.result]
    assert any(EVIL.partition("\x1b")[0] in message for message in messages)


def test_junit_has_the_form_of_xunit2(run: Run, grades: list[Grade], tmp_path: Path) -> None:
    schema = xmlschema.XMLSchema(str(PROJECT / "tests" / "junit.xsd"))
    path = written("junit", run, grades, tmp_path) / "junit.xml"
    schema.validate(str(path))
    for suite in ET.parse(path).getroot():
        count = Counter(ending.tag for case in suite for ending in case)
        assert {name: int(suite.attrib[f"{name}s"]) for name in ("failure", "error")} == {
            "failure": count["failure"],
            "error": count["error"],
        }
        assert int(suite.attrib["tests"]) == len(suite)
    path.write_text(
        path.read_text(encoding="utf-8").replace("<failure ", "<failed ").replace("</failure>", "</failed>")
    )
    assert not schema.is_valid(str(path))


# Gradescope

VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
TEST = {
    "type": "object",
    "properties": {
        "score": {"type": "number"},
        "max_score": {"type": "number"},
        "status": {"enum": ["passed", "failed"]},
        "name": {"type": "string"},
        "name_format": FORMAT,
        "number": {"type": "string"},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "tags": {"type": "array", "items": {"type": "string"}},
        "visibility": VISIBILITY,
        "extra_data": {"type": "object"},
    },
    "additionalProperties": False,
}
RESULTS = {
    "type": "object",
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "number"},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "test_output_format": FORMAT,
        "test_name_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {"type": "array", "items": TEST},
        "leaderboard": {"type": "array"},
    },
    "additionalProperties": False,
    "anyOf": [{"required": ["score"]}, {"required": ["tests"]}],
}


def test_gradescope_gets_what_its_documentation_asks_for(run: Run, grades: list[Grade], tmp_path: Path) -> None:
    folder = written("gradescope", run, grades, tmp_path) / "gradescope"
    assert sorted(path.stem for path in folder.glob("*.json")) == sorted(one.id for one in grades if one.graded)
    for path in folder.glob("*.json"):
        jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), RESULTS)
    wrong = json.loads((folder / "kimminji_4711.json").read_text(encoding="utf-8"))
    assert wrong["score"] == 74
    tests = {test["name"].partition(":")[0]: test for test in wrong["tests"]}
    assert (tests["stacking.state-is-carried"]["score"], tests["stacking.state-is-carried"]["max_score"]) == (0, 10)
    assert "shapes.own-weights" not in tests
    assert sum(test["max_score"] for test in tests.values()) == 94


def test_a_hidden_check_is_a_hidden_test_of_gradescope_and_says_nothing(
    run: Run, grades: list[Grade], tmp_path: Path
) -> None:
    plans = tuple(replace(p, hidden=p.id == "stacking.state-is-carried") for p in run.assignment.checks)
    hiding = replace(run, assignment=replace(run.assignment, checks=plans))
    folder = written("gradescope", hiding, grades[1:2], tmp_path) / "gradescope"
    data = json.loads((folder / "kimminji_4711.json").read_text(encoding="utf-8"))
    hidden = [test for test in data["tests"] if test["visibility"] == "hidden"]
    assert [test["name"].partition(":")[0] for test in hidden] == ["stacking.state-is-carried"]
    assert "output" not in hidden[0]
    assert data["score"] == 74
    visible = json.dumps([data["output"], [test for test in data["tests"] if test["visibility"] == "visible"]])
    assert "state-is-carried" not in visible


# GitHub


def test_actions_get_a_summary_and_annotations(
    run: Run, grades: list[Grade], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "summary.md").write_text("before\n")
    written("github", run, [replace(grades[1], path="a,b:c.py"), grades[3]], tmp_path)
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert summary.startswith("before\n# ")
    assert "| stacking.state-is-carried | FAILED | 0/10 |" in summary
    assert "<script>" not in summary.replace("\\<script\\>", "")
    lines = capsys.readouterr().out.strip().split("\n")
    assert lines[0].startswith("::error file=a%2Cb%3Ac.py,line=17,title=misspelled-hidden-state::the hidden state is")
    assert all(line.startswith("::error file=") for line in lines)


def test_elsewhere_the_summary_is_a_file_and_nothing_is_printed(
    run: Run, grades: list[Grade], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    written("github", run, grades, tmp_path)
    assert capsys.readouterr().out == ""
    assert (tmp_path / "github-summary.md").exists()


# Canvas

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,RNN (900),Essay (901),Assignments Current Points
,,,,,Manual Posting,,(read only)
    Points Possible,,,,,10,20,(read only)
"Kim, Minji",4711,2026001,minji,A,,15,15
"=Lee, Jisu",4712,2026002,jisu,B,3,,3
"Right, Very",4713,right,very,B,,,
"Han, So",4715,2026004,so,B,7,,7
"Student, Test",4716,,abc,A,,,
"""


@pytest.fixture
def canvas(tmp_path: Path) -> Path:
    path = tmp_path / "gradebook export.csv"
    path.write_text(CANVAS, encoding="utf-8-sig")
    return path


def test_canvas_gets_its_own_gradebook_back(run: Run, grades: list[Grade], tmp_path: Path, canvas: Path) -> None:
    given = replace(run, into=canvas, column="RNN")
    nothing = replace(grades[0], id="2026004", missing=True, delivery=Delivery(Student("2026004")))
    text = (written("canvas", given, [*grades, nothing], tmp_path) / "canvas.csv").read_text("utf-8-sig")
    head, *rows = list(csv.reader(text.splitlines()))
    # What Canvas looks for: column 0 like "Student", 1 like "ID", the last of the student's like "Section".
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "RNN (900)"]
    assert rows == [
        ["    Points Possible", "", "", "", "", "10"],
        ["Kim, Minji", "4711", "2026001", "minji", "A", "7.87"],  # by Canvas' id: 74 of 94
        ["Right, Very", "4713", "right", "very", "B", "10"],  # by SIS id
    ]


def test_a_number_of_the_university_is_no_number_of_canvas(
    run: Run, grades: list[Grade], tmp_path: Path, canvas: Path
) -> None:
    stranger = replace(grades[0], id="4712", delivery=Delivery(Student("4712")))
    text = (written("canvas", replace(run, into=canvas, column="RNN"), [stranger], tmp_path) / "canvas.csv").read_text()
    assert "4712" not in text


@pytest.mark.parametrize("column", ["RNN (900)", "rnn", "900"])
def test_the_column_is_chosen_by_title_or_number(
    run: Run, grades: list[Grade], tmp_path: Path, canvas: Path, column: str
) -> None:
    written("canvas", replace(run, into=canvas, column=column), grades, tmp_path)
    assert "RNN (900)" in (tmp_path / "canvas.csv").read_text(encoding="utf-8").split("\n")[0]


NOT_CANVAS = {
    "no such column": (CANVAS, "Exam", "has no column 'Exam'; say which with --column; there are 'RNN (900)', 'Essay"),
    "none": (CANVAS, "", "has no one column of 'A vanilla RNN by hand: cell and layer'; say which with --column"),
    "no gradebook": ("a,b\n1,2\n", "RNN", "is no gradebook that Canvas exported: it does not begin with the columns"),
    "no points": (CANVAS.replace(",10,20,", ",,20,"), "RNN", "has no points for 'RNN (900)' in its row 'Points Poss"),
    "no csv": ("\0" * 10 + "\ud800", "RNN", ""),
}


@pytest.mark.parametrize("name", NOT_CANVAS)
def test_what_is_wrong_with_an_exported_gradebook_is_told(name: str, tmp_path: Path, canvas: Path) -> None:
    text, column, message = NOT_CANVAS[name]
    canvas.write_bytes(text.encode("utf-8", "surrogatepass"))
    (tmp_path / "a.py").write_text(RIGHT)
    arguments = [str(tmp_path / "a.py"), "--out", str(tmp_path / "o"), "--into", str(canvas), "--reports", "canvas"]
    result = CliRunner().invoke(cli.main, [*arguments, *(["--column", column] if column else [])])
    assert result.exit_code == 2
    assert result.output.startswith("grade.py: ")
    assert str(canvas) in result.output
    assert message in result.output
    assert not (tmp_path / "o" / "canvas.csv").exists()
    assert not list((tmp_path / "o").glob(".*.partial"))


# Moodle

MOODLE = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified,Feedback comments
Participant 4711,"Kim, Minji",minji@example.ac.kr,Submitted,,100.00,Yes,-,
Participant 4712,Lee Jisu,jisu@example.ac.kr,Submitted,55.00,100.00,Yes,-,old
"""
KOREAN = """\
식별자;이름;이메일 주소;상태;성적;최고 성적;성적 변경 가능;최종 수정 (성적);피드백 덧글
참가자 4711;Kim, Minji;minji@example.ac.kr;제출됨;;50,00;예;-;
참가자 4712;Lee Jisu;jisu@example.ac.kr;제출됨;55,00;50,00;예;-;old
"""


@pytest.mark.parametrize(("text", "mark"), [(MOODLE, "78.72"), (KOREAN, "39,36")], ids=["english", "korean"])
def test_moodle_gets_its_own_worksheet_back(
    run: Run, grades: list[Grade], tmp_path: Path, text: str, mark: str
) -> None:
    sheet = tmp_path / "worksheet.csv"
    sheet.write_text(text, encoding="utf-8")
    folder = written("moodle", replace(run, into=sheet), grades, tmp_path)
    before, after = read_table(sheet), read_table(folder / "moodle-grades.csv")
    assert (after.head, after.delimiter) == (before.head, before.delimiter)
    assert after.rows[1] == before.rows[1]  # who was not graded keeps what Moodle has
    assert after.rows[0][1][:4] == before.rows[0][1][:4]
    assert after.rows[0][1][4] == mark
    assert "kimminji_4711: 74 of 94 points" in after.rows[0][1][-1]
    with zipfile.ZipFile(folder / "moodle-feedback.zip") as archive:
        (name,) = archive.namelist()
        page = archive.read(name).decode()
    # Moodle takes a path apart at its underscores: name, participant, plugin type, plugin, file.
    assert name.split("_", 4)[1:] == ["4711", "assignsubmission", "file", "/feedback.html"]
    assert "misspelled-hidden-state" in page


def test_feedback_goes_back_to_the_folder_moodle_gave_out(run: Run, grades: list[Grade], tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(MOODLE, encoding="utf-8")
    student = Delivery(Student("x", account="4712"), folder="Lee Jisu_4712_assignsubmission_onlinetext")
    graded = replace(grades[0], delivery=student)
    folder = written("moodle", replace(run, into=tmp_path / "w.csv"), [graded], tmp_path)
    with zipfile.ZipFile(folder / "moodle-feedback.zip") as archive:
        assert archive.namelist() == ["Lee Jisu_4712_assignsubmission_file/feedback.html"]


def test_a_worksheet_that_is_graded_by_a_scale_is_told(run: Run, grades: list[Grade], tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(MOODLE.replace("100.00", "Pass/Fail"), encoding="utf-8")
    with pytest.raises(InputError, match=r"has no number for 'Maximum Grade' in each row; is it graded by a scale\?"):
        written("moodle", replace(run, into=tmp_path / "w.csv"), grades, tmp_path)


@pytest.mark.parametrize(
    ("value", "like", "text"),
    [
        (12345.678, "", "12345.68"),
        (1e6, "", "1000000"),
        (100.0, "", "100"),
        (0.0, "", "0"),
        (7.5, "100,00", "7,5"),
    ],
)
def test_points_are_written_to_two_places_whatever_their_size(value: float, like: str, text: str) -> None:
    assert points_written(value, like) == text


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "Identifier,x,y\nParticipant 1,2,3\nParticipant 2,5,9\n", ""])
def test_what_is_no_worksheet_is_told(text: str, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(text)
    (tmp_path / "a.py").write_text(RIGHT)
    arguments = [str(tmp_path / "a.py"), "--out", str(tmp_path / "o"), "--into", str(tmp_path / "w.csv")]
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code == 2
    assert re.match(
        r"grade.py: .*w.csv(: is no grading worksheet of Moodle| can't be read: it is empty)", result.output
    )


# Pages


class Elements(HTMLParser):
    """Collects what elements and attributes a page has."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def pages(run: Run, grades: list[Grade], tmp_path: Path) -> Path:
    return written("pages", run, grades, tmp_path) / "feedback"


def test_a_page_that_is_written_again_has_nothing_left_of_a_longer_one(
    run: Run, grades: list[Grade], tmp_path: Path
) -> None:
    long, short = replace(grades[1], id="one"), replace(grades[0], id="one")
    texts = []
    for graded in (short, long, short):
        feedback = written("pages,markdown", run, [graded], tmp_path) / "feedback"
        texts.append([(feedback / name).read_text(encoding="utf-8") for name in ("one.html", "one.md")])
    assert all(len(before) < len(after) for before, after in zip(texts[0], texts[1], strict=True))
    assert texts[2] == texts[0]


def test_nothing_of_a_hand_in_is_markup(pages: Path) -> None:
    for name in ("evil", "raising"):
        elements = Elements()
        elements.feed((pages / f"{name}.html").read_text(encoding="utf-8"))
        assert not elements.tags & {"script", "img", "iframe", "object", "embed", "form"}
        assert not {one for one in elements.attributes if one.startswith("on")}
        assert "<script>window.evil=1</script>" in elements.text
        assert "\x1b" not in elements.text
        assert "\\u202e" in elements.text


def test_a_page_says_what_the_text_says(pages: Path) -> None:
    elements = Elements()
    elements.feed((pages / "kimminji_4711.html").read_text(encoding="utf-8"))
    for part in (
        "kimminji_4711: 74 of 94 points (84 if each mistake is charged once)",
        "the hidden state is never carried: line 17 assigns `hiden_state_t`",
        "- hiden_state_t = output_t",
        "+ hidden_state_t = output_t",
        "each hidden state is computed from the one before it",
        "rnn_layer(inputs=np.array([[1.], [0.]])",
        "↑ misspelled-hidden-state",
        "the first row is the state after the first input",
    ):
        assert part in elements.text
    assert "svg" in elements.tags


@pytest.mark.parametrize("feedback", ["no-expected", "hints", "marks"])
def test_a_page_tells_no_more_than_the_assignment_says(
    run: Run, grades: list[Grade], tmp_path: Path, feedback: str
) -> None:
    telling = replace(run, assignment=replace(run.assignment, feedback=feedback))
    page = (written("pages", telling, grades[1:2], tmp_path) / "feedback" / "kimminji_4711.html").read_text("utf-8")
    assert "should be" not in page
    assert ("<svg" in page) == (feedback == "no-expected")
    assert ("misspelled-hidden-state" in page) == (feedback != "marks")


def test_the_picture_marks_the_first_wrong_timestep(grades: list[Grade]) -> None:
    states = next(check.states for check in grades[1].checks if check.states)
    drawn = ET.fromstring(picture(states))
    marks = [one for one in drawn.iter() if one.get("class") == "wrong"]
    assert len(marks) == 3
    assert len(states.got) >= 4
    cells = len(states.got) * len(states.got[0])
    assert sum(one.tag.endswith("rect") for one in drawn.iter()) == 3 * cells + 3
    assert states.wrong == 1
    assert states.got[0] == pytest.approx(states.expected[0])
    assert states.got[1] != pytest.approx(states.expected[1])


def test_places_in_notebooks_have_anchors(grade_source: GradeSource, run: Run, tmp_path: Path) -> None:
    content = (SUBMISSIONS / "buggy" / "misspelled_hidden_state.ipynb").read_bytes()
    grade = grade_source(content, "a.ipynb")
    place = grade.findings[0].place
    assert isinstance(place, Place)
    page = (written("pages", run, [grade], tmp_path) / "feedback" / "hand_in.html").read_text("utf-8")
    anchor = f"cell-{place.cell}-line-{place.line}"
    assert f'href="#{anchor}"' in page
    assert f'id="{anchor}"' in page


# Item analysis, on numbers that were reckoned by hand


def test_item_analysis(notes: Assignment, grades: list[Grade]) -> None:
    plans = tuple(replace(plan, points=1.0) for plan in notes.checks[:3])

    def grade(*right: bool) -> Grade:
        checks = tuple(
            replace(grades[0].checks[i], points=1.0, earned=float(ok), outcome=Outcome.PASSED if ok else Outcome.FAILED)
            for i, ok in enumerate(right)
        )
        return replace(grades[0], checks=checks, max_score=3.0, score=float(sum(right)))

    items = Items(plans)
    for right in ((1, 1, 1), (1, 1, 0), (1, 0, 0), (1, 0, 1)):
        items.add(grade(*map(bool, right)))
    assert [item.difficulty for item in items.all] == [1.0, 0.5, 0.5]
    assert [item.lost for item in items.all] == [0.0, 2.0, 2.0]
    assert items.all[0].discrimination is None  # all were right: it tells nothing
    # x = 1, 1, 0, 0 against the rest y = 1, ½, ½, 1: no correlation at all
    assert items.all[1].discrimination == pytest.approx(0.0)
    assert Items(plans).all[0].difficulty is None


def test_what_does_not_apply_is_no_item(notes: Assignment, grades: list[Grade]) -> None:
    items = Items(notes.checks)
    items.add(grades[0])
    counts = {item.plan.id: item.count for item in items.all}
    assert counts["shapes.own-weights"] == 0
    assert counts["numerics.cell"] == 1
    assert counts.keys() <= CHECKS.keys()
