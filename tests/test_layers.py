"""Who may import whom, read from the imports themselves."""

import ast
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT

#: What hand-ins import of a course's own is sent to them as text; here it is nobody's module.
HELPERS = PROJECT / "harness" / "assignments" / "helpers"
FILES = sorted(
    path
    for path in (*PROJECT.glob("harness/**/*.py"), *PROJECT.glob("reference/*.py"))
    if not path.is_relative_to(HELPERS)
)

#: Each third-party library has one home (NumPy is everywhere).
HOMES = {
    "click": {"harness/cli.py", "harness/commands.py", "harness/questionnaire.py"},
    "distributed": {"harness/cluster.py"},
    "einops": {"harness/convention.py"},
    "jinja2": {"harness/reports/rendering.py"},
    "hypothesis": {"harness/drawing.py", "harness/shrinking.py"},
    "markdown_it": {"harness/worker/reading.py"},
    "markupsafe": {"harness/reports/rendering.py"},
    "msgpack": {"harness/wire.py"},
    "nbformat": {"harness/worker/reading.py"},
    "platformdirs": {"harness/kept.py"},
    "pytest": {"harness/pytest_plugin.py"},
    "polib": {"harness/language/__init__.py"},
    "rich": {
        "harness/session.py",  # the type alone
        "harness/reports/terminal.py",
        "harness/reports/explanation.py",
        "harness/watching.py",
    },
    # The oracle asks it; the worker loads it for hand-ins that use it, and knows no oracle.
    "watchfiles": {"harness/watching.py"},
    "vl_convert": {"harness/reports/libraries.py"},
    "yaml": {"harness/intake/layouts/gradescope.py"},
    "torch": {
        "reference/oracle.py",
        "harness/worker/child.py",
        "harness/worker/mother.py",
        "harness/worker/objects.py",
    },
}


#: What the worker may know: itself, and what both sides of the wire use.
WORKERS_OWN = ("harness.worker", "harness.wire", "harness.trees", "harness.edits")


def imports_of(path: Path) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module or "")
            modules |= {f"{node.module}.{alias.name}" for alias in node.names}
    return modules


def relative(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_nobody_unpickles_or_imports_by_path(path: Path) -> None:
    roots = {name.partition(".")[0] for name in imports_of(path)}
    assert not roots & {"pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "imp", "runpy"}
    text = path.read_text(encoding="utf-8")
    assert "allow_pickle=True" not in text
    assert "spec_from_file_location" not in text


@pytest.mark.parametrize("path", [path for path in FILES if "reference" in path.parts], ids=relative)
def test_the_reference_never_imports_the_harness(path: Path) -> None:
    assert not any(name.partition(".")[0] == "harness" for name in imports_of(path))


@pytest.mark.parametrize("path", [path for path in FILES if "worker" in path.parts], ids=relative)
def test_the_worker_imports_nothing_that_holds_an_expectation(path: Path) -> None:
    ours = {name for name in imports_of(path) if name.partition(".")[0] in ("harness", "reference")}
    assert all(name == "harness" or name.startswith(WORKERS_OWN) for name in ours), ours


@pytest.mark.parametrize("path", [path for path in FILES if "worker" not in path.parts], ids=relative)
def test_only_the_worker_parses_or_runs_code(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not calls & {"ast.parse", "compile", "exec", "eval", "ast.literal_eval"}


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_each_library_has_one_home(path: Path) -> None:
    roots = {name.partition(".")[0] for name in imports_of(path)}
    third_party = roots - set(sys.stdlib_module_names) - {"harness", "reference", "numpy", ""}
    assert third_party <= HOMES.keys()
    assert {library for library in third_party if relative(path) not in HOMES[library]} == set()


def test_what_a_zygote_has_loaded_knows_no_expectation(pytester: pytest.Pytester) -> None:
    script = """
import sys
sys.path.insert(0, sys.argv[1])
import harness.worker.mother
print(sorted(name for name in sys.modules if name.split(".")[0] in ("harness", "reference")))
"""
    result = pytester.run(sys.executable, "-I", "-c", script, str(PROJECT))
    loaded = ast.literal_eval(result.outlines[-1])
    assert all(name == "harness" or name.startswith(WORKERS_OWN) for name in loaded)
