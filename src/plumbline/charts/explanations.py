"""Explanation charts: what weighs on the whole, how it pushes row by row, and one row's way to its score."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from plumbline.charts import theme
from plumbline.charts.heading import describe, lines
from plumbline.charts.theme import Look
from plumbline.services.views import figures
from plumbline.services.views.explanations import Importance, Provenance, Swarm, Waterfall

_LANES = 9  # how many places a swarm may stack to either side
_BINS = 60
_FAR = 3  # how many times the way from base value to prediction zero may lie off


@theme.drawn_once
def importance(bars: Sequence[Importance], provenance: Provenance, *, dark: bool = False) -> go.Figure:
    """Mean absolute attribution by column, largest on top, with its interval."""
    look = theme.look(dark)
    figure = go.Figure(
        go.Bar(
            x=[one.value for one in bars],
            y=[one.column for one in bars],
            orientation="h",
            marker={"color": look.soft(look.groups[0], 0.75)},
            error_x=_spread(bars, look),
            hovertext=[_bar_words(one) for one in bars],
            hoverinfo="text",
        )
    )
    title = f"{bars[0].column} weighs most" if bars else "Nothing weighs"
    if len(bars) > 1:
        title += f", then {bars[1].column}"
    _describe(figure, title, "Mean absolute attribution, 95 % interval", provenance, dark, 60 + 26 * len(bars))
    theme.lay_out(
        figure,
        yaxis={"autorange": "reversed", "showgrid": False, "automargin": True},
        xaxis={
            "title": {"text": f"Mean absolute attribution, {provenance.unit}"},
            "tickformat": ".3~g",
            "rangemode": "tozero",
        },
    )
    return figure


def _spread(bars: Sequence[Importance], look: Look) -> dict[str, object]:
    known = all(one.low is not None and one.high is not None for one in bars)
    if not known:
        return {"visible": False}
    return {
        "array": [(one.high or 0.0) - one.value for one in bars],
        "arrayminus": [one.value - (one.low or 0.0) for one in bars],
        "color": look.ink,
        "thickness": 1.5,
        "width": 4,
    }


def _bar_words(one: Importance) -> str:
    said = [f"<b>{lines(one.column)}</b>", f"mean absolute attribution {figures.figure(one.value)}"]
    if one.low is not None:
        said.append(f"interval {figures.span(one.low, one.high)}")
    return "<br>".join([*said, f"{figures.figure(one.share, 'rate')} of all attribution"])


@theme.drawn_once
def beeswarm(swarms: Sequence[Swarm], provenance: Provenance, *, dark: bool = False) -> go.Figure:
    """A mark a row: right raised the score, left lowered it; colour is the value's rank, low to high."""
    look = theme.look(dark)
    figure = go.Figure(data=[_lane(at, swarms, look) for at in range(len(swarms))])
    drawn = figures.count(len(swarms[0].attributions) if swarms else 0)
    measure = f"Attribution of each row, {drawn} rows drawn"
    _describe(figure, _swarm_title(swarms), measure, provenance, dark, 60 + 34 * len(swarms))
    theme.lay_out(
        figure,
        yaxis={
            "tickvals": list(range(len(swarms))),
            "ticktext": [lines(swarm.column) for swarm in swarms],
            "range": [len(swarms) - 0.4, -0.6],
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
        },
        xaxis={
            "title": {"text": f"Attribution, {provenance.unit} (left lowers, right raises)"},
            "tickformat": ".3~g",
            "zeroline": True,
            "zerolinecolor": look.muted,
        },
    )
    return figure


def _lane(at: int, swarms: Sequence[Swarm], look: Look) -> go.Scatter:
    """One column's rows; a column without order is drawn in one quiet colour."""
    swarm = swarms[at]
    ordered = any(position is not None for position in swarm.positions)
    ranks = [0.5 if position is None else position for position in swarm.positions]
    return go.Scatter(
        x=list(swarm.attributions),
        y=[at + offset for offset in _offsets(swarm.attributions, swarms)],
        mode="markers",
        marker={
            "size": 5,
            "color": ranks if ordered else look.muted,
            "colorscale": look.low_to_high,
            "cmin": 0,
            "cmax": 1,
            "showscale": at == _first_ordered(swarms),
            "colorbar": _bar(look),
        },
        hovertext=[
            f"<b>{lines(swarm.column)}</b> = {lines(value)}<br>row {lines(row)}<br>attribution {figures.change(phi)}"
            for value, row, phi in zip(swarm.values, swarm.rows, swarm.attributions, strict=True)
        ],
        hoverinfo="text",
        showlegend=False,
    )


def _first_ordered(swarms: Sequence[Swarm]) -> int:
    return next(
        (lane for lane, swarm in enumerate(swarms) if any(position is not None for position in swarm.positions)), -1
    )


def _bar(look: Look) -> dict[str, object]:
    return {
        "title": {"text": "Value", "side": "right"},
        "tickvals": [0, 1],
        "ticktext": ["low", "high"],
        "thickness": 10,
        "len": 0.6,
        "outlinewidth": 0,
        "tickfont": {"color": look.ink},
    }


def _offsets(attributions: Sequence[float], swarms: Sequence[Swarm]) -> list[float]:
    """Rows of nearly the same attribution are stacked around the lane's middle, alternately above and below."""
    every = [phi for swarm in swarms for phi in swarm.attributions]
    width = (max(every) - min(every)) / _BINS or 1.0
    filled: dict[int, int] = {}
    offsets = []
    for phi in attributions:
        at = round(phi / width)
        number = filled.get(at, 0)
        filled[at] = number + 1
        step = (number + 1) // 2 * (1 if number % 2 else -1)
        offsets.append(0.4 * max(-_LANES, min(_LANES, step)) / _LANES)
    return offsets


def _swarm_title(swarms: Sequence[Swarm]) -> str:
    if not swarms:
        return "No row was explained"
    first = swarms[0]
    pairs = [
        (position, phi)
        for position, phi in zip(first.positions, first.attributions, strict=True)
        if position is not None
    ]
    if len(pairs) < 2:
        return f"{first.column} moves scores most"
    high = [phi for position, phi in pairs if position >= 0.5]
    low = [phi for position, phi in pairs if position < 0.5]
    if not high or not low:
        return f"{first.column} moves scores most"
    way = "raise" if sum(high) / len(high) > sum(low) / len(low) else "lower"
    return f"High values of {first.column} {way} the score"


@theme.drawn_once
def waterfall(view: Waterfall, provenance: Provenance, *, dark: bool = False) -> go.Figure:
    """From the base value over each column's step to the prediction."""
    look = theme.look(dark)
    names = ["base value", *(_step_name(step.column, step.value) for step in view.steps), "prediction"]
    figure = go.Figure(
        go.Waterfall(
            orientation="h",
            measure=["absolute", *("relative" for _ in view.steps), "total"],
            y=names,
            x=[view.base_value, *(step.attribution for step in view.steps), view.prediction],
            text=[
                figures.figure(view.base_value),
                *(figures.change(step.attribution) for step in view.steps),
                figures.figure(view.prediction),
            ],
            textposition="outside",
            cliponaxis=False,
            increasing={"marker": {"color": look.groups[1]}},
            decreasing={"marker": {"color": look.groups[0]}},
            totals={"marker": {"color": look.reference}},
            connector={"line": {"color": look.muted, "width": 1}},
            hoverinfo="y+text",
        )
    )
    subtitle = f"One row from base value {figures.figure(view.base_value)} to {figures.figure(view.prediction)}"
    _describe(figure, view.sentence.rstrip("."), subtitle, provenance, dark, 60 + 30 * len(names))
    theme.lay_out(
        figure,
        yaxis={"autorange": "reversed", "showgrid": False, "automargin": True, "type": "category"},
        xaxis={"title": {"text": provenance.axis}, "tickformat": ".3~g", "range": _reach(view)},
    )
    return figure


def _step_name(column: str, value: str) -> str:
    shown = value if len(value) <= 24 else f"{value[:23]}…"
    return f"{column} = {shown}" if value else column


def _reach(view: Waterfall) -> list[float]:
    """Room for the words at the bars' ends."""
    levels = [view.base_value]
    for step in view.steps:
        levels.append(levels[-1] + step.attribution)
    low, high = min(levels), max(levels)
    if min(abs(low), abs(high)) < _FAR * (high - low):
        # The bars of base value and prediction start at zero, which is left out only where it would dwarf the rest.
        low, high = min(low, 0.0), max(high, 0.0)
    room = 0.18 * ((high - low) or 1.0)
    return [low - room, high + room]


def _describe(figure: go.Figure, title: str, measure: str, provenance: Provenance, dark: bool, height: int) -> None:
    subtitle = f"{measure} · n {figures.count(provenance.n)} · {provenance.words}"
    describe(
        figure,
        dark=dark,
        title=title,
        subtitle=subtitle,
        alt=f"{title}. {subtitle}.",
        height=height,
        legend=False,
    )
