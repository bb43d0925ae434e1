"""Everything that a student reads exists in English and Korean: complete by looking at the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from syrupy.assertion import SnapshotAssertion

from harness.assignment import BUILT_IN, load_assignment
from harness.bugs import CATALOGUE
from harness.checks import CHECKS
from harness.disclosure import WITHOUT_EXPECTED
from harness.grading import Grader
from harness.language import CODES, catalogue, language
from harness.model import Place, Submission
from harness.reports.explanation import explain, explain_finding
from harness.words import say
from tests.bug_styles import BUGGY, assignment_of, written
from tests.conftest import PROJECT, SUBMISSIONS, GraderOf

HARNESS = PROJECT / "harness"
FIELD = re.compile(r"{(\w+)}")
KOREAN = catalogue("ko")


def templates() -> Iterator[tuple[str, str]]:
    """Every template that the code says, with where."""
    for path in sorted(HARNESS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="say"), args=[ast.Constant(value=str(template))]):
                    yield template, f"{path.name}:{node.lineno}"


SAID = dict(templates())


def without_names(template: str) -> str:
    return FIELD.sub("{}", template)


def sentences_of_the_worker() -> Iterator[tuple[str, str]]:
    """What the child says: exceptions of ours, and words for results; f-strings become templates."""
    ours = {"Unreadable", "Unbuildable", "WorkerEnded", "RuntimeError", "ModuleNotFoundError", "TypeError", "Failure"}
    paths = [
        *sorted((HARNESS / "worker").glob("*.py")),
        HARNESS / "sandbox" / "pool.py",
        HARNESS / "intake" / "__init__.py",
    ]
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found: list[ast.expr | None] = []
            match node:
                case ast.Raise(exc=ast.Call(func=ast.Name(id=name), args=[first, *_])) if name in ours:
                    found = [first]
                case ast.Return(value=value) if path.name == "convert.py":
                    found = [value]
                case ast.Call(func=ast.Name(id="Submission"), args=[*_, last]):
                    found = [last]
            for value in found:
                text = as_template(value)
                if text and " " in text.replace("{}", ""):
                    yield text, f"{path.name}:{node.lineno}"


def as_template(node: ast.expr | None) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in parts)
    return None


@pytest.mark.parametrize("template", SAID)
def test_what_the_code_says_has_a_korean_version(template: str) -> None:
    assert template in KOREAN, SAID[template]


@pytest.mark.parametrize("template", [*(check.claim for check in CHECKS.values()), *WITHOUT_EXPECTED.values()])
def test_claims_and_what_stands_for_expected_values_have_one(template: str) -> None:
    assert template in KOREAN


def test_what_the_child_says_has_one() -> None:
    known = {without_names(template) for template in KOREAN}
    said = dict(sentences_of_the_worker())
    assert len(said) > 25
    # The name of a type, as in "a str"; and a name with a dot in it, which the same sentence without one covers.
    covered = {"{} {}", "{}.{} has shape {}, but should have {}"}
    assert {text: where for text, where in said.items() if text not in known | covered} == {}


def test_details_of_known_bugs_and_titles_of_assignments_have_one() -> None:
    ways = [change.details for bug in CATALOGUE.values() for change in bug.changes]
    details = {text for one in ways for text in one.values() if " " in text and "·" not in text}
    titles = {load_assignment(path.stem, CHECKS).title for path in BUILT_IN.glob("*.toml")}
    assert details | titles <= set(KOREAN)


@pytest.mark.parametrize("template", KOREAN)
def test_a_translation_has_the_same_fields(template: str) -> None:
    assert sorted(FIELD.findall(template)) == sorted(FIELD.findall(KOREAN[template]))


def test_nothing_is_translated_that_nobody_says() -> None:
    """A catalogue that is only added to rots."""
    said = {
        without_names(one) for one in [*SAID, *(check.claim for check in CHECKS.values()), *WITHOUT_EXPECTED.values()]
    }
    said |= {text for text, _ in sentences_of_the_worker()}
    code = "".join(path.read_text(encoding="utf-8") for path in HARNESS.rglob("*.py"))
    code += "".join(path.read_text(encoding="utf-8") for path in BUILT_IN.glob("*.toml"))
    entries = [entry.msgid for entry in polib.pofile(str(HARNESS / "language" / "ko.po"))]
    unsaid = [
        one for one in entries if without_names(one) not in said and max(FIELD.split(one)[::2], key=len) not in code
    ]
    assert unsaid == []


def test_words_in_words_places_and_the_childs_own_sentences_are_translated() -> None:
    tr = language("ko")
    inner = say("{name} has shape {got}, but should have {want}", name="h", got=(1,), want=(2,))
    assert (
        tr(say("counted from row {first}, {what}", first=1, what=inner))
        == "1번째 행부터 세어, h: 모양이 (1,)입니다. (2,)이어야 합니다"
    )
    assert tr(Place(3, 2)) == "노트북 셀 2, 3번째 줄"
    assert tr("no rnn_cell or cell was found") == "rnn_cell or cell을(를) 찾지 못했습니다"
    assert tr("NameError: name 'x' is not defined") == "NameError: name 'x' is not defined"


def test_a_hand_in_cannot_make_the_translator_fail() -> None:
    tr = language("ko")
    for text in ("{", "{0}", "{line}", "no {names} was found", "a list with {what} in it", "%s", "no  was found"):
        assert isinstance(tr(text), str)


FINDINGS = sorted(CATALOGUE)


@pytest.mark.parametrize("lang", CODES)
@pytest.mark.parametrize("bug", FINDINGS)
def test_findings_read_as_they_did(bug: str, lang: str, grader_of: GraderOf, snapshot: SnapshotAssertion) -> None:
    style, replacements = BUGGY[bug][0]
    grade = grader_of(assignment_of(style)).grade(
        Submission("s", "s.py", written(style, replacements, bug)[0].encode())
    )
    assert "\n".join(explain_finding(grade.findings[0], language(lang))) == snapshot


WHOLE = [
    "buggy/notes.md",
    "buggy/misspelled_hidden_state.py",
    "buggy/misspelled_hidden_state.ipynb",
    "unfinished/pass.py",
    "correct/float32.py",
]


@pytest.mark.parametrize("lang", CODES)
@pytest.mark.parametrize("path", WHOLE)
def test_whole_explanations_read_as_they_did(path: str, lang: str, grader: Grader, snapshot: SnapshotAssertion) -> None:
    grade = grader.grade(Submission(Path(path).stem, path, (SUBMISSIONS / path).read_bytes()))
    told = re.sub(r"allowed [\d.e-]+|허용 [\d.e-]+", "allowed ...", "\n".join(explain(grade, language(lang))))
    assert told == snapshot
