"""What runs elsewhere: the zip of a Gradescope autograder, and the workflow of a GitHub Classroom.

Both bring the harness along as it is here, so that what grades there is what was tried here.
"""

import io
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from harness.errors import InputError
from harness.model import Assignment

ZIP, WORKFLOW, BUNDLE = "autograder.zip", ".github/workflows/grade.yml", ".github/rnn-harness"
_PROJECT = Path(__file__).resolve().parents[2]
_TEMPLATES = Path(__file__).with_name("templates")
_NEEDED = ("pyproject.toml", "README.md", "LICENSE", "grade.py", "constraints.txt")


def gradescope(assignment: Assignment, source: str, lang: str) -> bytes:
    """Make the zip that Gradescope asks for: ``setup.sh``, ``run_autograder``, and the harness under ``source``.

    Parameters
    ----------
    source : the assignment as it was named: a built-in one, or a file, which goes along

    Raises
    ------
    InputError
        When the harness is installed without its project files.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("setup.sh", "run_autograder"):
            text = _filled(name, _named(assignment, source), lang)
            script = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            script.external_attr = 0o100755 << 16
            archive.writestr(script, text)
        for name, content in _bundle(source):
            archive.writestr(zipfile.ZipInfo(f"rnn-harness/{name}", (2026, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def classroom(assignment: Assignment, source: str, lang: str) -> dict[str, bytes]:
    """Make the workflow of a GitHub Classroom, with the harness beside it.

    Raises
    ------
    InputError
        When the harness is installed without its project files.
    """
    named = _named(assignment, source)
    workflow = _filled("grade.yml", f"{BUNDLE}/{named}" if named.endswith(".toml") else named, lang).encode()
    return {WORKFLOW: workflow} | {f"{BUNDLE}/{name}": content for name, content in _bundle(source)}


def _filled(name: str, assignment: str, lang: str) -> str:
    text = (_TEMPLATES / name).read_text(encoding="utf-8")
    return text.replace("@assignment@", assignment).replace("@lang@", lang)


def _named(assignment: Assignment, source: str) -> str:
    """How the assignment is named where it runs."""
    return "assignment.toml" if source.endswith(".toml") else assignment.name


def _bundle(source: str) -> Iterator[tuple[str, bytes]]:
    if not (_PROJECT / "pyproject.toml").is_file():
        raise InputError("this needs the harness's own files; get the project, and install it with: pip install -e .")
    for name in _NEEDED:
        yield name, (_PROJECT / name).read_bytes()
    for package in ("harness", "reference"):
        for path in sorted((_PROJECT / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(_PROJECT).as_posix(), path.read_bytes()
    if source.endswith(".toml"):
        yield "assignment.toml", Path(source).read_bytes()
        for helper in tomllib.loads(Path(source).read_text(encoding="utf-8")).get("helpers", {}).values():
            yield str(helper), (Path(source).parent / str(helper)).read_bytes()
