"""Tables that people keep and programs export: CSV, as spreadsheets write it in any country."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from harness.errors import InputError

BOM = "\ufeff"


@dataclass(frozen=True)
class Table:
    """A CSV as it was read.

    Attributes
    ----------
    rows : below the head, each as long as it at least, with the number of the line that it ends on
    delimiter : that the program writes in the language of its user
    marked : it began with the mark of UTF-8, as Excel wants it
    """

    path: Path
    head: list[str]
    rows: list[tuple[int, list[str]]]
    delimiter: str = ","
    marked: bool = False


def read_table(path: Path) -> Table:
    """Read a table in UTF-8, or in CP949, as Excel saves it in Korea.

    Raises
    ------
    InputError
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror or error}") from None
    text = _decoded(content, path)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text.removeprefix(BOM), newline=""), delimiter=delimiter)
    try:
        lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InputError(f"{path} can't be read: {error}") from None
    if not lines:
        raise InputError(f"{path} can't be read: it is empty")
    (_, head), *rows = lines
    padded = [(line, [*row, *[""] * (len(head) - len(row))]) for line, row in rows]
    return Table(path, head, padded, delimiter, text.startswith(BOM))


def _decoded(content: bytes, path: Path) -> str:
    for encoding in ("utf-8", "cp949"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InputError(f"{path} can't be read: it is no CSV in UTF-8")
