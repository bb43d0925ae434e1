"""``feedback/<id>.md``: what a student is given, one file each."""

from pathlib import Path

from harness.model import Grade, Run
from harness.reports.explanation import explain


def write(run: Run, folder: Path) -> Path:
    """Write a Markdown file for each submission; the text is fenced, so nothing in a hand-in can be markup."""
    target = folder / "feedback"
    target.mkdir(exist_ok=True)
    for grade in run.grades:
        (target / f"{grade.id}.md").write_text(_page(grade, run), encoding="utf-8")
    return target


def _page(grade: Grade, run: Run) -> str:
    lines = list(explain(grade))
    # A fence that no line of the text can close.
    fence = "`" * max(3, 1 + max((len(line) - len(line.lstrip("`")) for line in lines), default=0))
    body = "\n".join(lines)
    return f"# {run.assignment.title}\n\n{fence}text\n{body}\n{fence}\n"
