"""Put cells of feedback into a notebook, each under the cell that it is about; nothing of the notebook runs.

It is done here, and not in the grader, because a notebook is a student's bytes, and reading them is the child's work.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from harness.worker.reading import Unreadable, notebook_of

#: Marks a cell of feedback; those of an earlier grading are taken out.
_TAG = "rnn-feedback"


def annotate(content: bytes, texts: Mapping[int, str]) -> bytes:
    """Insert Markdown cells.

    Parameters
    ----------
    texts : by the number of the cell that each goes under, from 1; 0 for the top

    Raises
    ------
    Unreadable
    """
    notebook = notebook_of(content)
    minor = notebook.get("nbformat_minor")
    notebook["nbformat_minor"] = minor if isinstance(minor, int) and minor >= 0 else 4
    cells: list[dict[str, Any]] = [_cell(texts[0])] if 0 in texts else []
    for number, cell in enumerate(notebook["cells"], 1):
        if not _is_ours(cell):
            cells.append(_complete(cell, number))
        if number in texts:
            cells.append(_cell(texts[number]))
    _give_ids(cells, wanted=notebook["nbformat_minor"] >= 5)
    notebook["cells"] = cells
    return json.dumps(notebook, ensure_ascii=False, indent=1).encode()


def _cell(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {"tags": [_TAG]}, "source": text}


def _is_ours(cell: Any) -> bool:
    metadata = cell.get("metadata") if isinstance(cell, dict) else None
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return isinstance(tags, list) and _TAG in tags


def _complete(cell: Any, number: int) -> dict[str, Any]:
    """What the format asks of a cell, and those who write notebooks by hand leave out."""
    if not isinstance(cell, dict):
        raise Unreadable(f"cell {number} of the notebook is none")
    cell.setdefault("metadata", {})
    cell.setdefault("source", "")
    if cell.get("cell_type") == "code":
        cell.setdefault("outputs", [])
        cell.setdefault("execution_count", None)
    return cell


def _give_ids(cells: list[dict[str, Any]], *, wanted: bool) -> None:
    """Give every cell an id of its own where the format has ids; what students copy has the same one twice."""
    taken: set[str] = set()
    for number, cell in enumerate(cells):
        id = str(cell.pop("id", ""))
        if wanted:
            if id in taken or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", id):
                id = next(new for i in range(len(cells) + 1) if (new := f"cell-{number}-{i}") not in taken)
            taken.add(id)
            cell["id"] = id
