"""Estimated against realised: what was expected before outcomes were in, and what came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from plumbline.charts import theme
from plumbline.charts.heading import describe, lines
from plumbline.charts.theme import Look
from plumbline.services.views import figures
from plumbline.services.views.by_window import MetricWords, Point
from plumbline.services.views.performance import Estimated

_TICKS = 6


@theme.drawn_once
def against_realised(view: Estimated, *, dark: bool = False) -> go.Figure:
    """Estimates dotted with their interval, what came solid: where a point leaves the band, the estimate missed."""
    look, words = theme.look(dark), view.metric
    expected = [point for point in view.estimated if point.estimate is not None]
    figure = go.Figure(
        data=[_band(expected, look), _estimates(expected, words, look), _realised(view.realised, words, look)]
    )
    within = f"{len(view.realised)} of {len(view.estimated)} windows have their outcomes"
    n = figures.count(max((point.n for point in expected), default=0))
    subtitle = f"{words.title}, estimated without labels and realised, all rows · {within} · n up to {n} a window"
    describe(figure, dark=dark, title=view.finding, subtitle=subtitle, alt=f"{view.finding}. {within}. {view.record}")
    windows = [point.window for point in view.estimated]
    ticks = windows[:: -max(1, -(-len(windows) // _TICKS))][::-1]
    theme.lay_out(
        figure,
        xaxis={
            "type": "category",
            "categoryorder": "array",
            "categoryarray": windows,
            "tickvals": ticks,
            "ticktext": [figures.window_short(label) for label in ticks],
            "tickangle": 0,
            "showgrid": False,
        },
        yaxis={"title": {"text": words.title}, "tickformat": ".3~%" if words.unit in figures.RATES else ".3~g"},
    )
    return figure


def _band(points: Sequence[Point], look: Look) -> Any:
    there, back = list(points), list(reversed(points))
    return go.Scatter(
        x=[point.window for point in there + back],
        y=[point.low for point in there] + [point.high for point in back],
        fill="toself",
        fillcolor=look.soft(look.reference, 0.22),
        mode="lines",
        line={"width": 0},
        hoverinfo="skip",
        name="interval of the estimate",
    )


def _estimates(points: Sequence[Point], words: MetricWords, look: Look) -> Any:
    return go.Scatter(
        x=[point.window for point in points],
        y=[point.estimate for point in points],
        mode="lines+markers",
        line={"color": look.reference, "width": 2, "dash": "dot"},
        marker={"color": look.paper, "size": 7, "line": {"color": look.reference, "width": 2}},
        name="estimated",
        hovertext=[f"{_hover(point, words, 'Estimated')}<br>{lines(point.reason)}" for point in points],
        hoverinfo="text",
    )


def _realised(points: Sequence[Point], words: MetricWords, look: Look) -> Any:
    return go.Scatter(
        x=[point.window for point in points],
        y=[point.estimate for point in points],
        mode="lines+markers",
        line={"color": look.ink, "width": 2},
        marker={"color": look.ink, "size": 7},
        name="realised",
        hovertext=[_hover(point, words, "Realised") for point in points],
        hoverinfo="text",
    )


def _hover(point: Point, words: MetricWords, what: str) -> str:
    said = f"<b>{figures.window_words(point.window)}</b><br>{what} {words.figure(point.estimate)}"
    return f"{said}<br>Interval: {words.span(point.low, point.high)}<br>n: {figures.count(point.n)}"
