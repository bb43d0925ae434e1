"""``feedback/<id>.ipynb``: a student's own notebook, with a cell of feedback under each guilty cell; outputs are kept.

What is about no cell stands at the top. The notebook is read and written by a confined child, as it was to be graded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.conversation import Zygotes
from harness.disclosure import disclosed
from harness.errors import WorkerEnded
from harness.language import Language, language
from harness.model import Grade, Run
from harness.reports.explanation import explain, explain_finding
from harness.reports.markdown import fenced
from harness.reports.streams import Write, put
from harness.words import say

KIND, NAME = "notebooks", "feedback"


@contextmanager
def writing(run: Run, folder: Path) -> Iterator[Write]:
    """Write a notebook for each hand-in that is one; what students are not to be told is left out."""
    target = folder / NAME
    target.mkdir(exist_ok=True)
    zygotes: list[Zygotes] = []

    def write(grade: Grade) -> None:
        path = target / f"{grade.id}.ipynb"
        content = _annotated(grade, run, zygotes) if grade.path.lower().endswith(".ipynb") else None
        if content is None:
            path.unlink(missing_ok=True)  # of an earlier run, when it was a notebook
        else:
            put(path, content)

    try:
        yield write
    finally:
        for one in zygotes:
            one.close()


def _annotated(grade: Grade, run: Run, zygotes: list[Zygotes]) -> bytes | None:
    """The notebook with its feedback; None where there is none that can be read."""
    submission = run.read(grade.id) if run.read and not grade.missing else None
    if submission is None or submission.content is None:
        return None
    if not zygotes:
        zygotes.append(Zygotes())
    texts = cells(disclosed(grade, run.assignment), language(run.language))
    limits = run.assignment.limits
    with zygotes[0].get(False).child(limits) as child:
        question = {"annotate": {"content": submission.content, "texts": list(texts.items())}}
        try:
            answer = child.ask(question, limits.load_seconds).get("annotated")
        except WorkerEnded:
            return None
    content = answer.get("content") if isinstance(answer, dict) else None
    return content if isinstance(content, bytes) else None


def cells(grade: Grade, tr: Language) -> dict[int, str]:
    """The feedback by the cell that it is about; 0 for what goes to the top."""
    counted = tr(say("Cells are counted as they were handed in, without those of feedback."))
    told = {0: f"{fenced(chr(10).join(explain(grade, tr)))}\n{counted}"}
    for finding in grade.findings:
        if finding.place and finding.place.cell:
            text = fenced("\n".join(explain_finding(finding, tr)))
            told[finding.place.cell] = told.get(finding.place.cell, "") + text
    return told
