"""Replace stretches of a text, given by line and column: fixes, in the child to be run, in the grader to be shown."""

import itertools
from collections.abc import Iterable

#: Line, column, end line, end column (in characters from 0, the end not included), and what takes their place.
Replacement = tuple[int, int, int, int, str]


def replaced(text: str, first_line: int, replacements: Iterable[Replacement]) -> str:
    """Apply replacements from the last to the first; one that overlaps another, or is elsewhere, is left out.

    Parameters
    ----------
    first_line : the number of the text's first line
    """
    lines = text.split("\n")
    starts = [0, *itertools.accumulate(len(line) + 1 for line in lines)]
    before = len(text) + 1
    for line, column, end_line, end_column, new in sorted(replacements, reverse=True):
        first, last = line - first_line, end_line - first_line
        if not 0 <= first <= last < len(lines):
            continue
        start, end = starts[first] + min(column, len(lines[first])), starts[last] + min(end_column, len(lines[last]))
        if start <= end <= before:
            text, before = text[:start] + new + text[end:], start
    return text
