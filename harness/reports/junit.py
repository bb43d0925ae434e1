"""``junit.xml``: a suite for each hand-in, a case for each check and each known bug, as CI servers read it.

The form is that of pytest's ``xunit2``. What students are not to be told is left out.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

from harness.disclosure import disclosed
from harness.language import Language, language
from harness.model import CheckResult, Grade, Outcome, Run
from harness.printable import printable
from harness.reports.explanation import explain_check, explain_finding, name_of
from harness.reports.streams import Write, whole

KIND, NAME = "junit", "junit.xml"
_LOST = (Outcome.FAILED, Outcome.RAISED, Outcome.TIMED_OUT, Outcome.NOT_RUN)


@contextmanager
def writing(run: Run, folder: Path) -> Iterator[Write]:
    """Write the suites, one after the other."""
    tr = language(run.language)
    with whole(folder / NAME) as file:
        file.write("<?xml version='1.0' encoding='utf-8'?>\n<testsuites>\n")

        def write(grade: Grade) -> None:
            suite = _suite(disclosed(grade, run.assignment), tr)
            ET.indent(suite)
            file.write(ET.tostring(suite, encoding="unicode") + "\n")

        yield write
        file.write("</testsuites>\n")


def _suite(grade: Grade, tr: Language) -> ET.Element:
    suite = ET.Element("testsuite", name=grade.id)
    for check in grade.checks:
        _add_check(suite, check, grade, tr)
    for finding in grade.findings:
        case = _case(suite, grade, name_of(finding))
        _end(case, "failure", "KNOWN BUG", tr(finding.message), "\n".join(explain_finding(finding, tr)))
    count = Counter(ending.tag for case in suite for ending in case)
    suite.attrib |= {"tests": str(len(suite)), "failures": str(count["failure"]), "errors": str(count["error"])}
    suite.attrib |= {"skipped": str(count["skipped"]), "time": "0.000"}
    return suite


def _add_check(suite: ET.Element, check: CheckResult, grade: Grade, tr: Language) -> None:
    case = _case(suite, grade, check.id)
    if check.outcome in _LOST:
        _end(case, "failure", str(check.outcome), tr(check.message), "\n".join(explain_check(check, grade, tr)))
    elif check.outcome is Outcome.NOT_APPLICABLE:
        _end(case, "skipped", str(check.outcome), tr(check.message), "")
    elif check.outcome is Outcome.GRADER_FAULT:
        _end(case, "error", str(check.outcome), tr(check.message), tr(grade.reason or ""))


def _case(suite: ET.Element, grade: Grade, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=grade.id, name=name, time="0.000")


def _end(case: ET.Element, tag: str, kind: str, message: str, text: str) -> None:
    # XML has no way to write a control character; those of a hand-in are shown as escapes.
    ET.SubElement(case, tag, type=kind, message=printable(message)).text = printable(text) or None
