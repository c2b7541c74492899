"""Drift charts: a column through time, its two distributions, and importance against drift."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from plumbline.charts import theme
from plumbline.charts.by_window import by_window
from plumbline.charts.findings import trend_title
from plumbline.charts.heading import describe, lines
from plumbline.charts.theme import SYMBOL
from plumbline.domain.results import Level
from plumbline.services.views import figures
from plumbline.services.views.by_window import Trend
from plumbline.services.views.drift import ColumnDrift, Distribution
from plumbline.services.views.status import MARKS, WORDS

_MOST_NAMED = 6
_HEAVY = 0.05  # share of attribution from which a column is leant on
_OUT = (Level.AMBER, Level.RED)


@theme.drawn_once
def column_by_window(trend: Trend, *, window: str = "", dark: bool = False) -> go.Figure:
    return by_window(trend, title=trend_title(trend), window=window, dark=dark)


@theme.drawn_once
def distributions(view: Distribution, *, dark: bool = False) -> go.Figure:
    """Reference as outline, current filled, on the bins that the statistic is computed on."""
    look, shared = theme.look(dark), {"x": list(view.labels), "hovertext": _bin_words(view), "hoverinfo": "text"}
    figure = go.Figure(
        data=[
            go.Bar(
                **shared,
                y=list(view.current),
                name=f"{figures.window_words(view.window)} (n {figures.count(view.n_current)})",
                marker={"color": look.soft(look.ink, 0.45), "line": {"width": 0}},
                width=0.8,
            ),
            go.Bar(
                **shared,
                y=list(view.reference),
                name=f"reference (n {figures.count(view.n_reference)})",
                marker={"color": "rgba(0,0,0,0)", "line": {"color": look.reference, "width": 2}},
                width=0.8,
            ),
        ]
    )
    left_out = f" · {view.left_out} levels that moved least are not drawn" if view.left_out else ""
    when, n = figures.window_words(view.window), figures.count(view.n_current)
    subtitle = f"{view.column}, share of rows by {'level' if view.categorical else 'reference decile'}"
    subtitle += f" · {when} · n {n}{left_out}"
    alt = f"{view.finding}. Reference against {figures.window_words(view.window)} in {len(view.labels)} bins."
    describe(figure, dark=dark, title=view.finding, subtitle=subtitle, alt=alt)
    share = {"tickformat": ".3~%", "rangemode": "tozero", "title": {"text": "Share of rows"}}
    theme.lay_out(figure, barmode="overlay", xaxis={"type": "category", "showgrid": False}, yaxis=share)
    return figure


def _bin_words(view: Distribution) -> list[str]:
    bins = zip(view.labels, view.reference, view.current, view.contributions, strict=True)
    return [
        f"<b>{lines(label)}</b><br>reference {figures.figure(before, 'rate')}"
        f"<br>current {figures.figure(after, 'rate')}"
        f"<br>{figures.change(after - before, 'rate')}<br>part of PSI {figures.figure(part)}"
        for label, before, after, part in bins
    ]


@theme.drawn_once
def importance_against_drift(ranked: Sequence[ColumnDrift], *, window: str, dark: bool = False) -> go.Figure:
    """Top right is the worry: a column that the model leans on and that has moved."""
    look = theme.look(dark)
    shown = [one for one in ranked if one.importance is not None and one.psi is not None]
    named = _named(shown)
    figure = go.Figure()
    for level in Level:
        some = [one for one in shown if one.level is level]
        if some:
            figure.add_scatter(
                x=[one.importance for one in some],
                y=[one.psi for one in some],
                mode="markers+text",
                name=f"{MARKS[level]} {WORDS[level]}",
                text=[one.column if one.column in named else "" for one in some],
                textposition=[_beside(one, shown) for one in some],
                cliponaxis=False,
                textfont={"color": look.ink, "size": 11},
                marker={"symbol": SYMBOL[level], "size": 11, "color": look.status[level]},
                hovertext=[_words(one) for one in some],
                hoverinfo="text",
            )
    title = _quadrant_title(shown)
    subtitle = f"PSI against share of attribution · {figures.window_words(window)} · {len(shown)} columns"
    describe(figure, dark=dark, title=title, subtitle=subtitle, alt=f"{title}. {subtitle}.")
    theme.lay_out(
        figure,
        xaxis={"title": {"text": "Importance (share of all attribution)"}, "tickformat": ".2~%", "rangemode": "tozero"},
        yaxis={"title": {"text": "Drift (PSI)"}, "tickformat": ".3~g", "rangemode": "tozero"},
    )
    return figure


def _beside(one: ColumnDrift, shown: Sequence[ColumnDrift]) -> str:
    """A name stands over its mark, and away from the axes' ends."""
    widest = max((other.importance or 0.0 for other in shown), default=0.0)
    share = (one.importance or 0.0) / widest if widest else 0.0
    return "middle right" if share < 0.15 else "top left" if share > 0.9 else "top center"


def _named(shown: Sequence[ColumnDrift]) -> set[str]:
    """What has moved, and the two columns that the model leans on most; the others say their name on hover."""
    moved = sorted((one for one in shown if one.psi_level in _OUT), key=_worry, reverse=True)[:_MOST_NAMED]
    heavy = sorted(shown, key=lambda one: one.importance or 0.0, reverse=True)[:2]
    named: list[ColumnDrift] = []
    for one in (*moved, *heavy):
        if all(_apart(one, other, shown) for other in named):
            named.append(one)
    return {one.column for one in named}


def _apart(one: ColumnDrift, other: ColumnDrift, shown: Sequence[ColumnDrift]) -> bool:
    """Whether two names do not run into each other: a name may take a third of the width, a twelfth of the height."""
    across = max(each.importance or 0.0 for each in shown) / 3
    up = max(each.psi or 0.0 for each in shown) / 12
    near = abs((one.importance or 0.0) - (other.importance or 0.0)) <= across
    return not near or abs((one.psi or 0.0) - (other.psi or 0.0)) > up


def _worry(one: ColumnDrift) -> float:
    return (one.importance or 0.0) * (one.psi or 0.0)


def _words(one: ColumnDrift) -> str:
    return (
        f"<b>{lines(one.column)}</b><br>PSI {figures.figure(one.psi)}"
        f"<br>importance {figures.figure(one.importance, 'rate')}"
        f"<br>n {figures.count(one.n)}<br>{MARKS[one.level]} {lines(one.finding, 50)}"
    )


def _quadrant_title(shown: Sequence[ColumnDrift]) -> str:
    out = [one for one in shown if one.psi_level in _OUT]
    if not out:
        return "No column the model leans on has moved past a limit"
    worst = max(out, key=_worry)
    carries = "and carries" if (worst.importance or 0.0) >= _HEAVY else "but carries only"
    return f"{worst.column} has moved, {carries} {figures.figure(worst.importance, 'rate')} of the attribution"
