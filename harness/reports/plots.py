"""The plots of the class page, as Vega-Lite specifications: plain data, which Vega-Lite in the page draws."""

from typing import Any

from harness.reports.items import Item


def marks_plot(marks: list[float], words: dict[str, str]) -> dict[str, Any]:
    """The histogram of marks, as a Vega-Lite specification; a mark of 100 belongs to the last ten."""
    bins = [0] * 10
    for mark in marks:
        bins[max(0, min(int(mark // 10), 9))] += 1
    values = [{"from": 10 * i, "to": 10 * i + 10, "count": count} for i, count in enumerate(bins)]
    return {
        "height": 180,
        "width": "container",
        "data": {"values": values},
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "x": {
                "field": "from",
                "type": "quantitative",
                "bin": {"binned": True, "step": 10},
                "title": words["percent"],
            },
            "x2": {"field": "to"},
            "y": {"field": "count", "type": "quantitative", "title": words["count"], "axis": {"tickMinStep": 1}},
        },
    }


#: Known bugs that are drawn; all are listed below.
_MOST_BARS = 12


def bugs_plot(bugs: list[tuple[str, list[str]]], words: dict[str, str]) -> dict[str, Any]:
    """How often the most common known bugs were seen, as a Vega-Lite specification."""
    return {
        "width": "container",
        "height": 20 * min(len(bugs), _MOST_BARS),
        "data": {"values": [{"rule": rule, "count": len(ids)} for rule, ids in bugs[:_MOST_BARS]]},
        "mark": {"type": "bar", "tooltip": True, "cursor": "pointer"},
        "encoding": {
            "y": {"field": "rule", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 220}},
            "x": {"field": "count", "type": "quantitative", "title": words["count"], "axis": {"tickMinStep": 1}},
        },
    }


def items_plot(items: list[Item], words: dict[str, str]) -> dict[str, Any]:
    """What each check cost the class, as a Vega-Lite specification."""
    values = [
        {
            "check": item.plan.id,
            "lost": round(item.lost, 2),
            "difficulty": item.difficulty,
            "discrimination": item.discrimination,
        }
        for item in items
    ]
    number = {"format": ".3~f"}
    fields = [("check", {}), ("lost", number), ("difficulty", number), ("discrimination", number)]
    return {
        "width": "container",
        "height": 20 * len(items),
        "data": {"values": values},
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "check", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 220}},
            "x": {"field": "lost", "type": "quantitative", "title": words["lost"]},
            "tooltip": [{"field": name, "title": words[name], **form} for name, form in fields],
        },
    }
