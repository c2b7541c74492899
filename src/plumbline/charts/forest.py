"""The forest plot: one line a population, its figure and interval, verdict as mark and colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from plumbline.charts import theme
from plumbline.charts.by_window import hover
from plumbline.charts.theme import SYMBOL, Look
from plumbline.domain.results import Level
from plumbline.services.views import figures
from plumbline.services.views.by_window import MetricWords, Point
from plumbline.services.views.status import MARKS, WORDS

_ROW = 32  # pixels a line


@dataclass(frozen=True, slots=True)
class Line:
    """A population of the plot; `colour` overrides the verdict's (groups keep their hue)."""

    name: str
    point: Point
    colour: str = ""
    note: str = ""


def forest(lines: Sequence[Line], metric: MetricWords, look: Look) -> go.Figure:
    """First line on top; intervals as bars, references as grey-blue ticks, grey lines hollow."""
    figure = go.Figure()
    labels = [f"{line.name}  <span style='color:{look.muted}'>n {figures.count(line.point.n)}</span>" for line in lines]
    where = list(range(len(lines)))
    shown = [at for at in where if lines[at].point.estimate is not None]
    figure.add_scatter(**_intervals(lines, shown, look))
    for level in Level:
        some = [at for at in shown if lines[at].point.level is level]
        if some:
            figure.add_scatter(**_marks(lines, some, metric, level, look))
    if any(lines[at].point.reference is not None for at in shown):
        figure.add_scatter(**_references(lines, shown, metric, look))
    theme.lay_out(
        figure,
        yaxis={
            "tickvals": where,
            "ticktext": labels,
            "autorange": False,
            "range": [len(lines) - 0.4, -0.6],
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
        },
        xaxis={
            "title": {"text": metric.title},
            "tickformat": ".3~%" if metric.unit in figures.RATES else ".3~g",
            "zeroline": False,
            "range": _reach(lines, shown),
        },
        annotations=_absences(lines, look),
    )
    return figure


def _reach(lines: Sequence[Line], shown: Sequence[int]) -> list[float] | None:
    """Room at both ends, so that no interval touches the frame."""
    points = [lines[at].point for at in shown]
    seen = [v for p in points for v in (p.estimate, p.low, p.high, p.reference) if v is not None]
    if not seen:
        return None
    room = 0.06 * (max(seen) - min(seen) or 1.0)
    return [min(seen) - room, max(seen) + room]


def height(lines: int) -> int:
    """Pixels of a plot of so many lines."""
    return 40 + _ROW * max(3, lines)


def _intervals(lines: Sequence[Line], shown: Sequence[int], look: Look) -> dict[str, Any]:
    """All intervals as one trace of broken segments: one mark each, whatever their number."""
    x: list[float | None] = []
    y: list[float | None] = []
    for at in shown:
        point = lines[at].point
        if point.low is not None and point.high is not None:
            x += [point.low, point.high, None]
            y += [at, at, None]
    return {
        "x": x,
        "y": y,
        "mode": "lines",
        "line": {"color": look.soft(look.ink, 0.65), "width": 2},
        "hoverinfo": "skip",
        "name": "95 % interval",
    }


def _marks(lines: Sequence[Line], some: Sequence[int], metric: MetricWords, level: Level, look: Look) -> dict[str, Any]:
    colours = [lines[at].colour or look.status[level] for at in some]
    return {
        "x": [lines[at].point.estimate for at in some],
        "y": list(some),
        "mode": "markers",
        "name": f"{MARKS[level]} {WORDS[level]}",
        "marker": {
            "symbol": "circle" if level is Level.GREY else SYMBOL[level],
            "size": 12,
            "color": [look.paper] * len(some) if level is Level.GREY else colours,
            "line": {"color": colours, "width": 2},
        },
        "hovertext": [f"<b>{lines[at].name}</b><br>{hover(lines[at].point, metric)}" for at in some],
        "hoverinfo": "text",
    }


def _references(lines: Sequence[Line], shown: Sequence[int], metric: MetricWords, look: Look) -> dict[str, Any]:
    known = [at for at in shown if lines[at].point.reference is not None]
    return {
        "x": [lines[at].point.reference for at in known],
        "y": known,
        "mode": "markers",
        "name": "its own reference",
        "marker": {
            "symbol": "line-ns-open",
            "size": 15,
            "color": look.reference,
            "line": {"width": 2.5, "color": look.reference},
        },
        "hovertext": [f"{lines[at].name}, reference: {metric.figure(lines[at].point.reference)}" for at in known],
        "hoverinfo": "text",
    }


def _absences(lines: Sequence[Line], look: Look) -> list[dict[str, Any]]:
    """A population without a figure keeps its line and says why."""
    return [
        {
            "xref": "paper",
            "x": 0.01,
            "xanchor": "left",
            "y": at,
            "yref": "y",
            "showarrow": False,
            "text": f"{MARKS[Level.GREY]} {line.note or line.point.reason}",
            "font": {"size": 12, "color": look.muted},
        }
        for at, line in enumerate(lines)
        if line.point.estimate is None
    ]


def vertical(value: float, text: str, colour: str, dash: str = "dash") -> tuple[dict[str, Any], dict[str, Any]]:
    """A named vertical line: (shape, annotation on top of it)."""
    shape = {
        "type": "line",
        "x0": value,
        "x1": value,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": colour, "width": 1.5, "dash": dash},
        "layer": "below",
    }
    label = {
        "x": value,
        "yref": "paper",
        "y": 1.0,
        "yanchor": "bottom",
        "text": text,
        "showarrow": False,
        "font": {"size": 11, "color": colour},
    }
    return shape, label
