"""Segment charts: the forest plot of one window, and the heat map of segments through time."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from plumbline.charts import theme
from plumbline.charts.by_window import by_window, hover
from plumbline.charts.findings import trend_title
from plumbline.charts.forest import Line, forest, height, vertical
from plumbline.charts.heading import describe, lines
from plumbline.charts.horizontals import MOST_TICKS
from plumbline.charts.theme import Look
from plumbline.domain.results import Level
from plumbline.services.views import figures
from plumbline.services.views.by_window import MetricWords, Point, Trend
from plumbline.services.views.segments import SegmentCells, SegmentRow
from plumbline.services.views.status import MARKS

_MOST_CELLS = 1900
_SHORT = 7  # columns of cells that are wide enough to carry their figure


@theme.drawn_once
def by_segment(
    rows: Sequence[SegmentRow], metric: MetricWords, *, overall: Point | None, window: str, dark: bool = False
) -> go.Figure:
    """What needs attention on top; the figure of all rows as a line through the plot."""
    look = theme.look(dark)
    figure = forest([Line(row.segment, row.point) for row in rows], metric, look)
    title = _title(rows, metric)
    n = sum(row.point.n for row in rows)
    subtitle = f"{metric.title} by segment with 95 % interval · {figures.window_words(window)} · n {figures.count(n)}"
    alt = f"{title}. {len(rows)} segments in {figures.window_words(window)}."
    describe(figure, dark=dark, title=title, subtitle=subtitle, alt=alt, height=height(len(rows)))
    if overall is not None and overall.estimate is not None:
        shape, label = vertical(overall.estimate, f"all rows {metric.figure(overall.estimate)}", look.muted, "dot")
        figure.add_shape(**shape)
        figure.add_annotation(**label)
    return figure


def _title(rows: Sequence[SegmentRow], metric: MetricWords) -> str:
    past = [row for row in rows if row.point.level in (Level.AMBER, Level.RED)]
    judged = [row for row in rows if row.point.level is not Level.GREY]
    if not judged:
        waits = any(row.point.waits for row in rows)
        lacking = "its labels in" if waits else "enough data"
        return f"No segment has {lacking}, so {metric.title} cannot be judged"
    if all(row.point.unlimited for row in judged):
        return _range(judged, metric)
    if not past:
        return f"{metric.title} is within limits in all {len(judged)} segments that can be judged"
    named = ", ".join(row.segment for row in past[:3])
    rest = f" and {len(past) - 3} more" if len(past) > 3 else ""
    return f"{metric.title} is past a limit for {named}{rest}"


def _range(judged: Sequence[SegmentRow], metric: MetricWords) -> str:
    """What can be said where the policy sets no limit."""
    ordered = sorted(judged, key=lambda row: row.point.estimate or 0.0)
    low, high = (f"{metric.figure(row.point.estimate)} ({row.segment})" for row in (ordered[0], ordered[-1]))
    return f"{metric.title} runs from {low} to {high}; the policy sets no limit on it"


@theme.drawn_once
def through_time(view: SegmentCells, metric: MetricWords, *, dark: bool = False) -> go.Figure:
    """A cell a segment and window: colour and mark are the verdict, the figure stands in the cell where it fits."""
    look = theme.look(dark)
    windows = view.windows[-max(1, _MOST_CELLS // max(1, len(view.segments))) :]
    points = [row[len(view.windows) - len(windows) :] for row in view.points]
    figure = go.Figure(_heat(view.segments, windows, points, metric, look))
    title = _heat_title(view, points)
    when = f"{figures.window_words(windows[0])} to {figures.window_words(windows[-1])}" if windows else "no window"
    subtitle = f"Verdict on {metric.title} by segment and window · {when} · n on hover"
    describe(
        figure,
        dark=dark,
        title=title,
        subtitle=subtitle,
        alt=f"{title}. {subtitle}.",
        height=height(len(view.segments)),
        legend=False,
    )
    step = max(1, -(-len(windows) // MOST_TICKS))
    ticks = list(windows)[::-1][::step][::-1]
    theme.lay_out(
        figure,
        xaxis={
            "type": "category",
            "tickvals": ticks,
            "ticktext": [figures.window_short(label) for label in ticks],
            "showgrid": False,
            "tickangle": 0,
        },
        yaxis={"autorange": "reversed", "type": "category", "showgrid": False, "automargin": True},
    )
    return figure


def _heat(
    segments: Sequence[str],
    windows: Sequence[str],
    points: Sequence[Sequence[Point | None]],
    metric: MetricWords,
    look: Look,
) -> go.Heatmap:
    return go.Heatmap(
        x=list(windows),
        y=list(segments),
        z=[[None if point is None else point.level.rank for point in row] for row in points],
        text=[[_cell(point, metric, len(windows)) for point in row] for row in points],
        hovertext=[
            [_hover(segment, point, metric) for point in row] for segment, row in zip(segments, points, strict=True)
        ],
        hoverinfo="text",
        texttemplate="%{text}",
        textfont={"color": look.ink, "size": 12},
        colorscale=_levels(look),
        zmin=-0.5,
        zmax=len(Level) - 0.5,
        showscale=False,
        xgap=2,
        ygap=2,
    )


def _cell(point: Point | None, metric: MetricWords, columns: int) -> str:
    if point is None:
        return ""
    mark = MARKS[point.level]
    return f"{mark} {metric.figure(point.estimate)}" if columns <= _SHORT and point.estimate is not None else mark


def _hover(segment: str, point: Point | None, metric: MetricWords) -> str:
    return (
        f"<b>{lines(segment)}</b><br>not measured in this window"
        if point is None
        else f"<b>{lines(segment)}</b><br>{hover(point, metric)}"
    )


def _levels(look: Look) -> list[tuple[float, str]]:
    """Five flat steps, one a verdict, in the order of their rank."""
    number = len(Level)
    scale: list[tuple[float, str]] = []
    for level in Level:
        colour = look.soft(look.status[level], 0.14 if level in (Level.GREEN, Level.GREY) else 0.5)
        scale += [(level.rank / number, colour), ((level.rank + 1) / number, colour)]
    return scale


def _heat_title(view: SegmentCells, points: Sequence[Sequence[Point | None]]) -> str:
    out = {
        segment: sum(1 for point in row if point and point.level in (Level.AMBER, Level.RED))
        for segment, row in zip(view.segments, points, strict=True)
    }
    worst = max(out, key=lambda segment: out[segment], default="")
    if not worst or not out[worst]:
        return "No segment left its limits in any window"
    judged = [point for row in points for point in row if point and point.level is not Level.GREY]
    if judged and all(point.unlimited for point in judged):
        return "The policy sets no limit on this figure: colours tell what moved beyond chance"
    times = "one window" if out[worst] == 1 else f"{out[worst]} of {len(points[0])} windows"
    alike = sum(1 for number in out.values() if number == out[worst])
    if alike > 1:
        return f"{alike} segments, {worst} among them, were past a limit in {times}, more than any other"
    return f"{worst} was past a limit in {times}" + (", more than any other segment" if len(out) > 1 else "")


@theme.drawn_once
def one_segment(trend: Trend, *, window: str = "", dark: bool = False) -> go.Figure:
    return by_window(trend, title=trend_title(trend), window=window, dark=dark)
