"""The same questions asked by the graders that courses use today, each in the way that its manual says.

They get what is easiest for them: expected values that are already computed, no torch, no deadline, no sandbox.
"""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

PACKAGES = ("nbgrader", "otter-grader[grading]", "pytest", "ipykernel", "matplotlib")

#: Reads the calls of `benchmarks.work.write_calls`, and compares what is returned.
_CHECK = """
import numpy as np
data = np.load({calls!r})
entries = data["entries"].tolist()
answering = dict(cell=rnn_cell, layer=rnn_layer)
for i, entry in enumerate(entries):
    arguments = [data["%d.%d" % (i, j)] for j in range(int(data["%d.count" % i]))]
    np.testing.assert_allclose(answering[entry](*arguments), data["%d.expected" % i], rtol=1e-5, atol=1e-8)
"""


class Peers:
    """Other graders, in an environment of their own.

    Parameters
    ----------
    environment : made, and filled by pip, where it is not there yet
    folder : for their files
    calls : as `benchmarks.work.write_calls` wrote them
    """

    def __init__(self, environment: Path, folder: Path, calls: Path) -> None:
        self._bin, self._folder = environment.resolve() / "bin", folder
        self.variables = {**os.environ, "PATH": f"{self._bin}{os.pathsep}{os.environ['PATH']}"}  # as if activated
        self._check = _CHECK.format(calls=str(calls)).strip()
        if not (self._bin / "nbgrader").exists():
            subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
            subprocess.run([str(self._bin / "pip"), "install", "-q", *PACKAGES], check=True)

    def versions(self) -> dict[str, str]:
        """Which versions are compared with."""
        listed = subprocess.run(
            [str(self._bin / "pip"), "list", "--format=json"], check=True, capture_output=True, text=True
        )
        names = ("nbgrader", "otter-grader", "pytest")
        return {one["name"]: one["version"] for one in json.loads(listed.stdout) if one["name"] in names}

    def _run(self, command: list[str], folder: Path) -> None:
        subprocess.run(command, check=True, capture_output=True, cwd=folder, env=self.variables)

    def pytest(self, hand_ins: list[Path]) -> list[list[str]]:
        """Pytest for each hand-in, as GitHub Classroom runs it."""
        commands = []
        for path in hand_ins:
            folder = self._folder / "pytest" / path.stem
            folder.mkdir(parents=True)
            (folder / "hand_in.py").write_bytes(path.read_bytes())
            body = textwrap.indent(self._check, "    ")
            text = f"from hand_in import rnn_cell, rnn_layer\n\n\ndef test_all():\n{body}\n"
            (folder / "test_rnn.py").write_text(text)
            commands.append([str(self._bin / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)])
        return commands

    def nbgrader(self, hand_ins: list[Path]) -> list[list[str]]:
        """A course with one assignment, released and handed in, to be autograded in one command."""
        course = self._folder / "course"
        cells = [_cell("", "rnn", solution=True), _cell(self._check, "test", points=10)]
        _write_notebook(course / "source" / "ps1" / "rnn.ipynb", cells)
        (course / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'rnn'\n")
        tool = [str(self._bin / "nbgrader")]
        here = [f"--course-dir={course}"]
        self._run([*tool, "generate_assignment", "ps1", *here], course)
        released = json.loads((course / "release" / "ps1" / "rnn.ipynb").read_text())
        for path in hand_ins:
            released["cells"][0]["source"] = path.read_text()
            target = course / "submitted" / path.stem / "ps1" / "rnn.ipynb"
            target.parent.mkdir(parents=True)
            target.write_text(json.dumps(released))
        return [[*tool, "autograde", "ps1", "--create", "--force", *here]]

    def otter(self, hand_ins: list[Path]) -> list[list[str]]:
        """An autograder zip, run over each notebook."""
        folder = self._folder / "otter"
        (folder / "tests").mkdir(parents=True)
        lines = [f">>> {line}" if line[:1] != " " else f"... {line}" for line in self._check.split("\n")]
        suite: dict[str, Any] = {"cases": [{"code": "\n".join(lines), "hidden": False, "locked": False}]}
        suite |= {"scored": True, "setup": "", "teardown": "", "type": "doctest"}
        test = {"name": "q1", "points": 10, "suites": [suite]}
        (folder / "tests" / "q1.py").write_text(f"OK_FORMAT = True\ntest = {test!r}\n")
        tool = [str(self._bin / "otter")]
        self._run([*tool, "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment"], folder)
        commands = []
        for path in hand_ins:
            _write_notebook(folder / f"{path.stem}.ipynb", [_cell(path.read_text(), "rnn")])
            own = folder / f"out-{path.stem}"
            own.mkdir()
            options = ["-a", str(folder / "autograder.zip"), "-o", str(own), "--no-logo"]
            commands.append([*tool, "run", *options, str(folder / f"{path.stem}.ipynb")])
        return commands


def _cell(source: str, name: str, *, solution: bool = False, points: int = 0) -> dict[str, Any]:
    kind = {"grade": bool(points), "solution": solution, "locked": bool(points), "task": False}
    about = {"schema_version": 3, "grade_id": name, **kind, **({"points": points} if points else {})}
    cell: dict[str, Any] = {"cell_type": "code", "source": source, "outputs": [], "execution_count": None, "id": name}
    return {**cell, "metadata": {"nbgrader": about}}


def _write_notebook(path: Path, cells: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook))
