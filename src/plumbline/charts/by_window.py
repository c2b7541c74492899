"""The by-window chart: one figure through time with its reference, limits, interval, maturity and rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import plotly.graph_objects as go

from plumbline.charts import horizontals, theme
from plumbline.charts.heading import describe, lines
from plumbline.charts.theme import SYMBOL, Look
from plumbline.domain.results import Level
from plumbline.services.views import figures
from plumbline.services.views.by_window import Maturity, MetricWords, Point, Trend
from plumbline.services.views.status import MARKS, WORDS

# What stands in grey windows: both hollow, neither to be read as a verdict.
HOLLOW = {Maturity.PROVISIONAL: "circle", Maturity.THIN: "circle-dot"}
ACROSS = 2  # names that stand side by side in the legend on the narrowest screen
UNJUDGED = {Maturity.PROVISIONAL: "provisional", Maturity.THIN: "not judged"}


def by_window(trend: Trend, *, title: str, window: str = "", dark: bool = False) -> go.Figure:
    """Mature points solid and joined; provisional ones hollow, apart, each with its own interval; grey windows hatched
    with the reason on hover; rows beneath, those whose outcome is not known in outline.
    """
    look = theme.look(dark)
    figure = go.Figure(
        data=[
            *_hatched(trend, look),
            *_over_all_rows(trend, look),
            *_interval_band(trend, look),
            *_line(trend, look),
            *_marks(trend, look),
            *_rows(trend, look),
        ]
    )
    theme.lay_out(figure, **horizontals.axes(trend))
    named = sum(1 for trace in figure.data if trace.showlegend is not False)
    describe(
        figure,
        dark=dark,
        title=title,
        subtitle=_subtitle(trend),
        alt=alt_text(trend, title),
        height=340,
        legend_rows=-(-named // ACROSS),
    )
    theme.lay_out(
        figure,
        margin={"r": horizontals.room(trend)},
        shapes=horizontals.shapes(trend, window, look),
        annotations=horizontals.labels(trend, look),
    )
    return figure


def _subtitle(trend: Trend) -> str:
    rows = [point.n for point in trend.points if point.n]
    n = f"n {_between(min(rows), max(rows))} a window" if rows else "no rows"
    span = (
        f"{figures.window_words(trend.points[0].window)} to {figures.window_words(trend.points[-1].window)}"
        if trend.points
        else "no window"
    )
    described = any(point.population for point in trend.points)
    subject = "rows with an outcome" if described and trend.subject == "all rows" else trend.subject
    return f"{trend.metric.title}, {subject} · {span} · {n}"


def _between(low: int, high: int) -> str:
    return figures.count(low) if low == high else f"{figures.count(low)} to {figures.count(high)}"


def alt_text(trend: Trend, title: str) -> str:
    """What the picture says, for whoever cannot see it."""
    if not trend.points:
        return f"{title}. No window was measured."
    last = trend.points[-1]
    grey = sum(1 for point in trend.points if point.level is Level.GREY)
    said = f"{title}. {len(trend.points)} windows; the last, {figures.window_words(last.window)}: "
    said += f"{trend.metric.figure(last.estimate)}, {last.level.value}."
    return f"{said} {grey} windows cannot be judged." if grey else said


def hover(point: Point, metric: MetricWords) -> str:
    """Value, interval, n, verdict, rule: the same everywhere."""
    lines = [f"<b>{figures.window_words(point.window)}</b>", f"{metric.title}: {metric.figure(point.estimate)}"]
    if point.low is not None:
        lines.append(f"Interval: {metric.span(point.low, point.high)}")
    if point.lowest is not None:
        lines.append(f"Over all rows: {metric.span(point.lowest, point.highest)}")
    lines.append(f"n: {figures.count(point.n)}")
    if point.label_share is not None and point.label_share < 1:
        lines.append(f"Labels in: {figures.figure(point.label_share, 'rate')}")
    lines.append(f"{MARKS[point.level]} {WORDS[point.level]}: {_wrapped(point.reason)}")
    if point.rule:
        lines.append(f"Rule: {point.rule}")
    return "<br>".join(lines)


def _wrapped(text: str) -> str:
    return lines(text, 60)


def _hatched(trend: Trend, look: Look) -> list[Any]:
    grey = [point for point in trend.points if point.level is Level.GREY]
    if not grey:
        return []
    return [
        go.Bar(
            x=[point.window for point in grey],
            y=[1.0] * len(grey),
            yaxis="y3",
            width=1.0,
            name=f"{MARKS[Level.GREY]} not measured",
            marker={"color": "rgba(0,0,0,0)", "line": {"width": 0}, "pattern": look.hatch()},
            hovertext=[hover(point, trend.metric) for point in grey],
            hoverinfo="text",
            **_opening(grey),
        )
    ]


def _runs(points: Sequence[Point]) -> Iterator[list[Point]]:
    for has, run in groupby(points, key=lambda point: _judged(point) and point.low is not None):
        if has:
            yield list(run)


def _interval_band(trend: Trend, look: Look) -> list[Any]:
    """One closed shape for each unbroken run, so that a gap in the data stays a gap in the band."""
    return [
        go.Scatter(
            x=[point.window for point in run] + [point.window for point in reversed(run)],
            y=[point.low for point in run] + [point.high for point in reversed(run)],
            fill="toself",
            fillcolor=look.soft(look.ink, 0.13),
            mode="lines",
            line={"width": 0},
            hoverinfo="skip",
            showlegend=number == 0,
            name=_band_name(trend),
        )
        for number, run in enumerate(_runs(trend.points))
    ]


def _judged(point: Point) -> bool:
    return point.maturity is Maturity.MATURE


def _over_all_rows(trend: Trend, look: Look) -> list[Any]:
    """From worst to best over the unseen outcomes, where outcomes exist after one decision alone."""
    bounded = [point for point in trend.points if point.lowest is not None]
    if not bounded:
        return []
    return [
        go.Scatter(
            x=[at for point in bounded for at in (point.window, point.window, None)],
            y=[end for point in bounded for end in (point.lowest, point.highest, None)],
            mode="lines+markers",
            line={"color": look.reference, "width": 1, "dash": "dot"},
            marker={"symbol": "line-ew-open", "size": 9, "color": look.reference},
            hoverinfo="skip",
            name="over all rows, worst to best",
        )
    ]


def _band_name(trend: Trend) -> str:
    confidence = next((point.confidence for point in trend.points if point.confidence), None)
    return f"{100 * confidence:.0f} % interval" if confidence else "interval"


def _line(trend: Trend, look: Look) -> list[Any]:
    return [
        go.Scatter(
            x=[point.window for point in trend.points],
            y=[point.estimate if _judged(point) else None for point in trend.points],
            mode="lines",
            line={"color": look.ink, "width": 1.5},
            hoverinfo="skip",
            showlegend=False,
        )
    ]


def _marks(trend: Trend, look: Look) -> list[Any]:
    traces = []
    for level in Level:
        for maturity in (Maturity.MATURE, Maturity.PROVISIONAL, Maturity.THIN):
            some = [p for p in trend.points if p.level is level and p.maturity is maturity and p.estimate is not None]
            if some:
                traces.append(_mark_trace(some, trend.metric, level, maturity, look))
    return traces


def _mark_trace(points: Sequence[Point], metric: MetricWords, level: Level, maturity: Maturity, look: Look) -> Any:
    hollow = maturity is not Maturity.MATURE
    colour = look.status[level]
    return go.Scatter(
        x=[point.window for point in points],
        y=[point.estimate for point in points],
        mode="markers",
        name=UNJUDGED.get(maturity, f"{MARKS[level]} {WORDS[level]}"),
        marker={
            "symbol": HOLLOW.get(maturity, SYMBOL[level]),
            "size": 10,
            "color": look.paper if hollow else colour,
            "line": {"color": colour, "width": 2},
        },
        error_y=_own_intervals(points, colour) if hollow else None,
        hovertext=[hover(point, metric) for point in points],
        hoverinfo="text",
        **_opening(points),
    )


def _own_intervals(points: Sequence[Point], colour: str) -> dict[str, Any]:
    """What has no verdict belongs to no band: each interval stands alone, and narrows as labels come in."""
    spans = [(p.estimate or 0.0, p.low, p.high) for p in points]
    return {
        "array": [0.0 if high is None else high - at for at, _, high in spans],
        "arrayminus": [0.0 if low is None else at - low for at, low, _ in spans],
        "color": colour,
        "thickness": 1.5,
        "width": 4,
    }


def _opening(points: Sequence[Point]) -> dict[str, Any]:
    """A click on a mark names its result; it changes nobody's looks."""
    as_it_was = {"marker": {"opacity": 1.0}}
    return {"customdata": [point.result_id for point in points], "selected": as_it_was, "unselected": as_it_was}


def _rows(trend: Trend, look: Look) -> list[Any]:
    """The rows behind each figure, and on top of them those whose outcome is still to come."""
    behind = go.Bar(
        x=[point.window for point in trend.points],
        y=[point.n for point in trend.points],
        yaxis="y2",
        width=0.35,
        name="rows",
        marker={"color": look.soft(look.reference, 0.6), "line": {"width": 0}},
        hovertext=[f"{figures.window_words(point.window)}: {figures.count(point.n)} rows" for point in trend.points],
        hoverinfo="text",
        showlegend=False,
    )
    waiting = [point for point in trend.points if point.unlabelled]
    return [behind, _unlabelled(waiting, look)] if waiting else [behind]


def _unlabelled(points: Sequence[Point], look: Look) -> Any:
    return go.Bar(
        x=[point.window for point in points],
        y=[point.unlabelled for point in points],
        base=[point.n for point in points],
        yaxis="y2",
        width=0.35,
        name="outcome to come",
        marker={"color": "rgba(0,0,0,0)", "line": {"color": look.reference, "width": 1}},
        hovertext=[_waiting_words(point) for point in points],
        hoverinfo="text",
    )


def _waiting_words(point: Point) -> str:
    share = figures.figure(point.label_share, "share")
    waiting = figures.count(point.unlabelled)
    return f"{figures.window_words(point.window)}: {waiting} rows without an outcome yet, {share} of the labels in"
