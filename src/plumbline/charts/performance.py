"""Performance charts: the figure by window, calibration, the score by outcome, the confusion at the threshold."""

from __future__ import annotations

import plotly.graph_objects as go

from plumbline.charts import theme
from plumbline.charts.by_window import by_window
from plumbline.charts.findings import trend_title
from plumbline.charts.heading import describe
from plumbline.services.views import figures
from plumbline.services.views.by_window import Trend
from plumbline.services.views.performance import Calibration, ConfusionView, ScoreDistribution


@theme.drawn_once
def metric_by_window(trend: Trend, *, window: str = "", dark: bool = False) -> go.Figure:
    return by_window(trend, title=trend_title(trend), window=window, dark=dark)


@theme.drawn_once
def calibration(view: Calibration, *, dark: bool = False) -> go.Figure:
    """Observed against predicted with the interval of the observed; on the line they agree."""
    look = theme.look(dark)
    top = 1.05 * max([one.high for one in view.bins] + [one.predicted for one in view.bins])
    bottom = min(0.0, *(one.low for one in view.bins))
    figure = go.Figure(
        data=[
            go.Scatter(
                x=[bottom, top],
                y=[bottom, top],
                mode="lines",
                name="predicted = observed",
                hoverinfo="skip",
                line={"color": look.reference, "dash": "dash", "width": 1.5},
            ),
            go.Scatter(
                x=[one.predicted for one in view.bins],
                y=[one.observed for one in view.bins],
                error_y={
                    "array": [one.high - one.observed for one in view.bins],
                    "arrayminus": [one.observed - one.low for one in view.bins],
                    "color": look.ink,
                    "thickness": 1.5,
                    "width": 5,
                },
                mode="markers",
                name="observed, 95 % interval",
                marker={"color": look.ink, "size": 9},
                hovertext=[_band_words(view, at) for at in range(len(view.bins))],
                hoverinfo="text",
            ),
        ]
    )
    when, n = figures.window_words(view.window), figures.count(view.n)
    subtitle = f"Observed by band of prediction · {when} · n {n} with known outcome"
    alt = f"{view.finding}. {len(view.bins)} bands of prediction, {figures.count(view.n)} rows."
    describe(figure, dark=dark, title=view.finding, subtitle=subtitle, alt=alt)
    axis = {"range": [bottom, top], "tickformat": ".3~%" if view.unit in figures.RATES else ".3~g"}
    theme.lay_out(figure, xaxis={"title": {"text": "Predicted"}, **axis}, yaxis={"title": {"text": "Observed"}, **axis})
    return figure


def _band_words(view: Calibration, at: int) -> str:
    one, unit = view.bins[at], view.unit
    return (
        f"Predicted {figures.figure(one.predicted, unit)}<br>Observed {figures.figure(one.observed, unit)}"
        f"<br>Interval {figures.span(one.low, one.high, unit)}<br>n {figures.count(one.n)}"
    )


@theme.drawn_once
def score_distribution(view: ScoreDistribution, *, dark: bool = False) -> go.Figure:
    """Each outcome's rows add up to 100 %, so that a rare outcome can be seen beside a common one."""
    look = theme.look(dark)
    figure = go.Figure()
    x = [edge for edge in view.edges for _ in (0, 1)][1:-1]
    for at, (words, shares) in enumerate(view.shares):
        colour = look.outcomes[at % len(look.outcomes)]
        figure.add_scatter(
            x=x,
            y=[share for share in shares for _ in (0, 1)],
            mode="lines",
            name=f"{words} (n {figures.count(view.counts[at][1])})",
            line={"color": colour, "width": 2, "dash": ("solid", "solid", "dot")[at % 3]},
            fill="tozeroy",
            fillcolor=look.soft(colour, 0.18),
            hovertemplate=f"{view.axis} %{{x:.3~g}}<br>%{{y:.1%}} of these rows<extra></extra>",
        )
    n = sum(number for _, number in view.counts)
    what = "Share of each outcome's rows by score" if len(view.shares) > 1 else "Share of rows"
    subtitle = f"{what} · {figures.window_words(view.window)} · n {figures.count(n)}"
    alt = f"{view.finding}. Distributions of the score by outcome for {figures.count(n)} rows."
    describe(figure, dark=dark, title=view.finding, subtitle=subtitle, alt=alt)
    theme.lay_out(
        figure,
        xaxis={"title": {"text": view.axis}, "tickformat": ".3~g"},
        yaxis={"title": {"text": "Share of rows"}, "tickformat": ".3~%", "rangemode": "tozero"},
    )
    return figure


@theme.drawn_once
def confusion(view: ConfusionView, *, dark: bool = False) -> go.Figure:
    """Four counts with their share of all; shade is the share, so the eye lands where the rows are."""
    look = theme.look(dark)
    total = view.tp + view.fp + view.fn + view.tn
    cells = [[view.tn, view.fn], [view.fp, view.tp]]
    names = [["rightly passed", "missed"], ["wrongly flagged", "rightly flagged"]]
    words = [
        [f"<b>{figures.count(n)}</b><br>{names[r][c]}, {figures.figure(n / total, 'rate')}" for c, n in enumerate(row)]
        for r, row in enumerate(cells)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=[[n / total for n in row] for row in cells],
            x=["Outcome no", "Outcome yes"],
            y=["Not flagged", "Flagged"],
            text=words,
            texttemplate="%{text}",
            textfont={"color": look.ink, "size": 13},
            colorscale=[[0, look.soft(look.reference, 0.05)], [1, look.soft(look.reference, 0.45)]],
            showscale=False,
            hoverinfo="skip",
            xgap=3,
            ygap=3,
            zmin=0,
            zmax=1,
        )
    )
    subtitle = (
        f"Decisions against outcomes, {view.threshold} · {figures.window_words(view.window)} · n {figures.count(total)}"
    )
    describe(
        figure,
        dark=dark,
        title=view.sentence,
        subtitle=subtitle,
        alt=f"{view.sentence} {subtitle}.",
        height=200,
        legend=False,
    )
    theme.lay_out(figure, xaxis={"showgrid": False}, yaxis={"showgrid": False})
    return figure
