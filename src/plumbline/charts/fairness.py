"""Fairness charts: rates and ratios by group with the reference named, and the ratio through time."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from plumbline.charts import theme
from plumbline.charts.by_window import by_window
from plumbline.charts.findings import trend_title
from plumbline.charts.forest import Line, forest, height, vertical
from plumbline.charts.heading import describe
from plumbline.charts.theme import Look
from plumbline.domain.results import Level
from plumbline.services.views import figures
from plumbline.services.views.by_window import MetricWords, Point, Trend
from plumbline.services.views.fairness import FairnessView, GroupRow


@theme.drawn_once
def rates(view: FairnessView, *, dark: bool = False) -> go.Figure:
    """The rate of every group, each in its own hue; groups too small for a rate are a count."""
    look = theme.look(dark)
    metric = view.rate or MetricWords(key="", title="Rate", unit="rate")
    figure = forest([_rate_line(view, row, look) for row in view.rows], metric, look)
    title = _rates_title(view, metric)
    _describe(figure, view, title, f"{metric.title} by {view.attribute} with 95 % interval", dark)
    base = next((row.rate for row in view.rows if row.is_reference and row.rate), None)
    if base is not None and base.estimate is not None:
        _add(figure, base.estimate, f"{view.reference_group} {metric.figure(base.estimate)}", look.muted, "dot")
    return figure


@theme.drawn_once
def ratios(view: FairnessView, *, dark: bool = False) -> go.Figure:
    """Each group's rate over the reference group's, with the band of four fifths and its inverse."""
    look = theme.look(dark)
    metric = view.ratio or MetricWords(key="", title="Ratio")
    compared = [row for row in view.rows if not row.is_reference]
    figure = forest([_ratio_line(row) for row in compared], metric, look)
    low, high = view.band
    figure.add_shape(
        type="rect",
        x0=low,
        x1=high,
        yref="paper",
        y0=0,
        y1=1,
        fillcolor=look.soft(look.reference, 0.16),
        line={"width": 0},
        layer="below",
    )
    _add(figure, 1.0, f"{view.reference_group} = 1", look.muted, "dot")
    _add(figure, low, figures.figure(low), look.muted, "dash")
    _add(figure, high, figures.figure(high), look.muted, "dash")
    title = _ratios_title(compared, view)
    _describe(figure, view, title, f"{metric.title} against {view.reference_group}, band {low} to {high}", dark)
    seen = [
        v
        for row in compared
        if row.ratio and not row.count_only
        for v in (row.ratio.estimate, row.ratio.low, row.ratio.high)
        if v is not None
    ]
    theme.lay_out(figure, xaxis={"range": [min([*seen, low]) - 0.05, min(max([*seen, high]) + 0.05, 3.0)]})
    return figure


@theme.drawn_once
def ratio_by_window(trend: Trend, *, window: str = "", dark: bool = False) -> go.Figure:
    return by_window(trend, title=trend_title(trend), window=window, dark=dark)


def _rate_line(view: FairnessView, row: GroupRow, look: Look) -> Line:
    hue = look.groups[[one.group for one in view.rows].index(row.group) % len(look.groups)]
    name = f"{row.group} (reference)" if row.is_reference else row.group
    return Line(name, _shown(row, row.rate), colour=hue, note=_note(row))


def _ratio_line(row: GroupRow) -> Line:
    return Line(row.group, _shown(row, row.ratio), note=_note(row))


def _shown(row: GroupRow, point: Point | None) -> Point:
    """A group under the policy's minimum has no rate: a ratio of three people says nothing and names them."""
    if point is None or row.count_only:
        reason = point.reason if point else "not measured"
        return Point(window=point.window if point else "", level=Level.GREY, n=row.n, reason=reason)
    return point


def _note(row: GroupRow) -> str:
    return f"{figures.count(row.n)} people: too few for a rate" if row.count_only else ""


def _add(figure: go.Figure, value: float, text: str, colour: str, dash: str) -> None:
    shape, label = vertical(value, text, colour, dash)
    figure.add_shape(**shape)
    figure.add_annotation(**label)


def _describe(figure: go.Figure, view: FairnessView, title: str, measure: str, dark: bool) -> None:
    n = sum(row.n for row in view.rows)
    subtitle = f"{measure} · {figures.window_words(view.window)} · n {figures.count(n)}"
    alt = f"{title}. {len(view.rows)} groups; {view.label}."
    describe(figure, dark=dark, title=title, subtitle=subtitle, alt=alt, height=height(len(view.rows)))


def _rates_title(view: FairnessView, metric: MetricWords) -> str:
    known = [row for row in view.rows if row.rate and row.rate.estimate is not None and not row.count_only]
    if len(known) < 2:
        return f"Too few groups can be compared on {metric.title}"
    ordered = sorted(known, key=lambda row: row.rate.estimate if row.rate and row.rate.estimate is not None else 0.0)
    low, high = ordered[0], ordered[-1]
    lowest, highest = (row.rate.estimate if row.rate else None for row in (low, high))
    return f"{metric.title} runs from {metric.figure(lowest)} ({low.group}) to {metric.figure(highest)} ({high.group})"


def _ratios_title(compared: Sequence[GroupRow], view: FairnessView) -> str:
    past = [row for row in compared if row.ratio and row.ratio.level in (Level.AMBER, Level.RED)]
    judged = [row for row in compared if row.ratio and row.ratio.level is not Level.GREY]
    if not judged:
        return f"No group has enough data to be compared with {view.reference_group}"
    if not past:
        return f"No group is past a limit against {view.reference_group}"
    named = ", ".join(row.group for row in past[:3])
    return f"{named}: past a limit against {view.reference_group}"
