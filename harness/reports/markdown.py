"""``feedback/<id>.md``: what a student is given, one file each."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.disclosure import disclosed
from harness.language import language
from harness.model import Grade, Run
from harness.reports.explanation import explain
from harness.reports.streams import Write, put
from harness.words import say

KIND, NAME = "markdown", "feedback"


@contextmanager
def writing(run: Run, folder: Path) -> Iterator[Write]:
    """Write a Markdown file for each submission; the text is fenced, so nothing in a hand-in can be markup.

    What students are not to be told is left out.
    """
    target = folder / NAME
    target.mkdir(exist_ok=True)

    def write(grade: Grade) -> None:
        if grade.missing:
            return
        page = _page(disclosed(grade, run.assignment), run)
        put(target / f"{grade.id}.md", page.encode())

    yield write


def _page(grade: Grade, run: Run) -> str:
    tr = language(run.language)
    told = "\n".join(explain(grade, tr))
    page = f"# {tr(run.assignment.title)}\n\n{fenced(told)}"
    if grade.printed:
        page += f"\n{tr(say('What it printed while it was loaded, at the beginning:'))}\n\n{fenced(grade.printed)}"
    return page


def fenced(text: str, kind: str = "text") -> str:
    """Fence a text by more backticks than it has in a row anywhere."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{kind}\n{text}\n{fence}\n"
