"""What an instructor gives out: a starter as a file and as a notebook, and public checks that need NumPy alone.

The claims stand in the docstrings. The public checks ask problems of their own, drawn anew and not those of the
grading, so what they give away is worth nothing there.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from harness.errors import InputError
from harness.handout.calls import Writer, can_be_written, literal
from harness.handout.problems import problems
from harness.handout.starter import definitions, name_of
from harness.language import Language, language
from harness.model import Assignment, Case, Entry, Form
from harness.words import say

STARTER, NOTEBOOK, CHECKS_FILE = "rnn.py", "rnn.ipynb", "public_checks.py"


def write(assignment: Assignment, folder: Path, lang: str, more: Mapping[str, bytes] | None = None) -> list[Path]:
    """Write a handout into a folder; what is there already stays, for it may be somebody's work.

    Parameters
    ----------
    more : files that go along

    Raises
    ------
    InputError
    """
    tr = language(lang)
    written = definitions(assignment, tr)
    files = {STARTER: _starter(written, assignment, tr), NOTEBOOK: _notebook(written, assignment, lang)}
    if (checks := public_checks(assignment, tr)) is not None:
        files[CHECKS_FILE] = checks
    files |= {_path_of(module, assignment): source for module, source in assignment.helpers.items()}
    return put(folder, {name: text.encode() for name, text in files.items()} | dict(more or {}))


def _path_of(module: str, assignment: Assignment) -> str:
    """Where a module lies that hand-ins import: a package that has modules of its own is a folder."""
    is_package = any(other.startswith(f"{module}.") for other in assignment.helpers)
    return module.replace(".", "/") + ("/__init__.py" if is_package else ".py")


def put(folder: Path, files: dict[str, bytes]) -> list[Path]:
    """Write files, none of which may be there yet.

    Raises
    ------
    InputError
    """
    paths = [folder / name for name in files]
    for path in paths:
        if path.exists():
            raise InputError(f"{path} is there already; move it away, or give another folder")
    try:
        for path, content in zip(paths, files.values(), strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise InputError(f"{folder} can't be written: {error.strerror or error}") from None
    return paths


def _starter(functions: list[str], assignment: Assignment, tr: Language) -> str:
    """Write the starter as a Python file."""
    whole = "\n\n\n".join(functions)
    return f'"""{tr(assignment.title)}"""\n\n{assignment.preamble}\n\n\n{whole}\n'


def _notebook(functions: list[str], assignment: Assignment, lang: str) -> str:
    """Write the starter as a notebook, with a cell that checks what is there so far."""
    tr = language(lang)
    names = ", ".join(dict.fromkeys(name_of(entry) for entry in assignment.entries))
    options = "" if assignment.name == "notes" else f", assignment={assignment.name!r}"
    options += "" if lang == "en" else f", lang={lang!r}"
    cells = [_cell("markdown", f"# {tr(assignment.title)}"), _cell("code", assignment.preamble)]
    cells += [_cell("code", function) for function in functions]
    cells.append(_cell("markdown", tr(say("Try what is there so far; this gives no marks."))))
    cells.append(_cell("code", f"from harness import check\n\ncheck({names}{options})"))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _cell(kind: str, source: str) -> dict[str, object]:
    more: dict[str, object] = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **more}


def public_checks(assignment: Assignment, tr: Language) -> str | None:
    """Write checks that need nothing but NumPy; None where nothing can be called without knowing the hand-in."""
    asked = [(entry, cases) for entry, cases in problems(assignment) if can_be_written(entry)]
    if assignment.forms == (Form.MODULE,) or not asked:
        return None
    words = {
        "title": tr(assignment.title),
        "about": tr(say("A few problems to try your work on. The grading asks others, and more.")),
        "not_there": tr(say("it is not there")),
    }
    if all(entry.call is None for entry, _ in asked):
        return _with_plain_calls(asked, words, tr)
    functions = [Writer(entry, cases, assignment).written(number) for number, (entry, cases) in enumerate(asked, 1)]
    imports = ["import numpy as np", "from numpy import array"]
    imports += [f"import {assignment.wrap.partition('.')[0]}"] if assignment.wrap else []
    return _template("public_checks_of_calls.template").format(
        **words,
        imports="\n".join(imports),
        problems="\n\n\n".join(functions),
        names=", ".join(f"problem_{number}" for number in range(1, len(functions) + 1)),
        module=f"{assignment.package}.rnn" if assignment.package else "rnn",
    )


def _with_plain_calls(asked: list[tuple[Entry, list[Case]]], words: dict[str, str], tr: Language) -> str:
    """Checks of functions that are called with their arguments by position, and return one array."""
    lines = []
    for entry, (case, *_) in asked:
        arguments = ", ".join(literal(one) for one in case.given.values() if one is not None)
        expected = literal(case.expected.astype(np.float64))
        lines.append(f"    ({entry.functions[0]!r}, [{arguments}], {expected}),")
    return _template("public_checks.template").format(
        **words,
        problems_are=tr(say("For each: the function, its arguments, and what should come back.")),
        problems="\n".join(lines),
    )


def _template(name: str) -> str:
    return (Path(__file__).with_name("templates") / name).read_text(encoding="utf-8")
