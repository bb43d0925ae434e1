"""What an instructor gives out: a starter as a file and as a notebook, and public checks that need NumPy alone.

The claims stand in the docstrings. The public checks ask problems of their own, drawn anew and not those of the
grading, so what they give away is worth nothing there.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from harness.cases import named_cases
from harness.checks import CHECKS
from harness.convention import axes_of
from harness.errors import InputError
from harness.handout.problems import problems
from harness.language import Language, language
from harness.model import Argument, Assignment, Case, Entry, Extended
from harness.questions import QUESTIONS
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
    functions = _functions(assignment, tr)
    files = {
        STARTER: _starter(functions, assignment, tr),
        NOTEBOOK: _notebook(functions, assignment, lang),
        CHECKS_FILE: public_checks(assignment, tr),
    }
    return put(folder, {name: text.encode() for name, text in files.items()} | dict(more or {}))


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
    return f'"""{tr(assignment.title)}"""\n\nimport numpy as np\n\n\n{whole}\n'


def _notebook(functions: list[str], assignment: Assignment, lang: str) -> str:
    """Write the starter as a notebook, with a cell that checks what is there so far."""
    tr = language(lang)
    names = ", ".join(entry.functions[0] for entry in assignment.entries)
    options = "" if assignment.name == "notes" else f", assignment={assignment.name!r}"
    options += "" if lang == "en" else f", lang={lang!r}"
    cells = [_cell("markdown", f"# {tr(assignment.title)}"), _cell("code", "import numpy as np")]
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


def _functions(assignment: Assignment, tr: Language) -> list[str]:
    """The empty functions, one for each entry."""
    by_entry: dict[str, list[Case]] = {}
    for case in named_cases(assignment).values():
        by_entry.setdefault(case.entry, []).append(case)
    return [_function(entry, by_entry[entry.name], assignment, tr) for entry in assignment.entries]


def _function(entry: Entry, cases: list[Case], assignment: Assignment, tr: Language) -> str:
    """An empty function, with all that is asked of it in its docstring."""
    given = [f"{name}=None" if i >= entry.required else name for i, name in enumerate(entry.parameters)]
    lines = [f"def {entry.functions[0]}({', '.join(given)}):", '    """']
    claims = claims_of(entry, assignment)
    lines[1] += tr(say("What is asked of it:"))
    lines += ["", *(f"    - {tr(claim)}" for claim in claims), "", f"    {tr(say('Parameters'))}", "    ----------"]
    for position, name in enumerate(entry.parameters):
        given_values = [case.arguments[position] for case in cases if len(case.arguments) > position]
        lines.append(f"    {name} : {_shapes(name, given_values, assignment)}")
    result = QUESTIONS[entry.name].result
    returned = _shapes(result, [case.expected for case in cases], assignment)
    lines += ["", f"    {tr(say('Returns'))}", "    -------", f"    {result} : {returned}"]
    return "\n".join([*lines, '    """', "    raise NotImplementedError"])


def claims_of(entry: Entry, assignment: Assignment) -> Iterable[str]:
    """The claims about an entry that students may know of."""
    for plan in assignment.checks:
        check = CHECKS[plan.id]
        if not plan.hidden and check.asks and check.asks[0].pattern.partition(".")[0] == entry.name:
            yield check.claim


def _shapes(name: str, values: Sequence[Argument | Extended], assignment: Assignment) -> str:
    """What an argument or the result is: the shapes that it has in the cases, as axes; or a word, or a count."""
    if all(isinstance(value, str) for value in values):
        return " | ".join(repr(one) for one in dict.fromkeys(values))
    if not all(isinstance(value, np.ndarray) for value in values):
        return "int"
    axes = axes_of(name, assignment).split()
    lengths = sorted({np.ndim(value) for value in values})
    if lengths[-1] > len(axes):  # as many axes before the last as its argument has
        return f"(..., {axes[-1]})"
    return " or ".join(str(tuple(axes[len(axes) - length :])).replace("'", "") for length in lengths)


def _literal(value: Argument) -> str:
    return f"array({value.tolist()!r})" if isinstance(value, np.ndarray) else repr(value)


def public_checks(assignment: Assignment, tr: Language) -> str:
    """Write checks that need nothing but NumPy."""
    lines = [
        f"    ({entry.functions[0]!r}, [{', '.join(map(_literal, arguments))}], {_literal(expected)}),"
        for entry, arguments, expected in problems(assignment)
    ]
    template = Path(__file__).with_name("templates") / "public_checks.template"
    return template.read_text(encoding="utf-8").format(
        title=tr(assignment.title),
        about=tr(say("A few problems to try your work on. The grading asks others, and more.")),
        problems_are=tr(say("For each: the function, its arguments, and what should come back.")),
        not_there=tr(say("it is not there")),
        problems="\n".join(lines),
    )
