"""A picture of hidden states over time, as SVG: expected, got, the difference, and the first wrong timestep."""

from collections.abc import Iterable, Sequence
from html import escape

from harness.language import Language
from harness.model import States
from harness.words import say

_CELL, _GAP, _TOP = 20, 26, 18
#: Timesteps of pictures that stand side by side.
_MOST_BESIDE = 12
Row = Sequence[float | None]


def picture(states: States, tr: Language = str) -> str:
    """Draw: time goes to the right, each row is a hidden unit; a cell's colour is its number, which is also its title.

    What should have come back is left out where it is not to be told.
    """
    panels: list[tuple[str, Sequence[Row], bool]] = [(tr(say("yours")), states.got, False)]
    if states.expected:
        difference = [
            [None if g is None else g - e for g, e in zip(got, expected, strict=True)]
            for got, expected in zip(states.got, states.expected, strict=True)
        ]
        panels = [
            (tr(say("should be")), states.expected, False),
            *panels,
            (tr(say("difference")), difference, True),
        ]
    steps, units = len(states.got), len(states.got[0])
    across, down = max(steps * _CELL, 110) + _GAP, units * _CELL + _GAP + _TOP
    beside = steps <= _MOST_BESIDE  # else one below the other
    width, height = (len(panels) * across, down) if beside else (across, len(panels) * down)
    told = tr(say("hidden states over time; timestep {t} is the first that is wrong", t=states.wrong))
    parts = [
        f'<svg class="states" role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' xmlns="http://www.w3.org/2000/svg" aria-label="{escape(told)}">'
    ]
    for i, (name, rows, is_difference) in enumerate(panels):
        left, top = (i * across, 0) if beside else (0, i * down)
        parts += _panel(name, rows, states.wrong, (left, top), is_difference=is_difference)
    return "".join([*parts, "</svg>"])


def _panel(
    name: str, rows: Sequence[Row], wrong: int, corner: tuple[int, int], *, is_difference: bool
) -> Iterable[str]:
    units, (left, top) = len(rows[0]), corner
    yield f'<text x="{left}" y="{top + 12}">{escape(name)}</text>'
    largest = max((abs(x) for row in rows for x in row if x is not None), default=0.0)
    for t, row in enumerate(rows):
        x = left + t * _CELL
        for k, value in enumerate(row):
            y = top + _TOP + k * _CELL
            colour = _colour(value, max(largest, 1e-300) if is_difference else max(1.0, largest))
            shown = "?" if value is None else f"{value:.6g}"
            yield (
                f'<rect x="{x}" y="{y}" width="{_CELL}" height="{_CELL}" fill="{colour}" stroke="#8886">'
                f"<title>[{t}, {k}] {shown}</title></rect>"
            )
        yield f'<text class="t" x="{x + _CELL / 2:g}" y="{top + _TOP + units * _CELL + 12}">{t}</text>'
    x, height = left + wrong * _CELL, units * _CELL
    yield (
        f'<rect class="wrong" x="{x}" y="{top + _TOP}" width="{_CELL}" height="{height}" fill="none"'
        f' stroke="#d1242f" stroke-width="3"/>'
    )


def _colour(value: float | None, most: float) -> str:
    """Blue below zero, red above, white at it; grey for what is no number."""
    if value is None:
        return "#777"
    part = max(-1.0, min(1.0, value / most))
    low, high = ((33, 102, 172), (178, 24, 43))
    end = high if part > 0 else low
    return "#" + "".join(f"{round(255 + (channel - 255) * abs(part)):02x}" for channel in end)
