"""The life line: versions, signatures, approvals, findings and monitoring verdicts of one model on one time axis."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from plumbline.charts import theme
from plumbline.charts.heading import describe
from plumbline.domain.results import Level
from plumbline.services.views.model import LifeEvent

LANES = ("Monitoring", "Findings", "Approvals", "Signatures", "Versions")


@theme.drawn_once
def life_line(events: Sequence[LifeEvent], *, title: str, dark: bool = False) -> go.Figure:
    """One lane a kind; verdicts carry their mark, approvals run to their last day."""
    look = theme.look(dark)
    lanes = [lane for lane in LANES if any(event.lane == lane for event in events)]
    figure = go.Figure(data=[*_spans(events, look), *(_lane(events, lane, look) for lane in lanes)])
    alt = f"{title}. " + " ".join(f"{lane}: {sum(e.lane == lane for e in events)} marks." for lane in lanes)
    describe(
        figure,
        dark=dark,
        title=title,
        subtitle=_subtitle(events),
        alt=alt,
        height=30 + 36 * max(len(lanes), 1),
        legend=False,
    )
    theme.lay_out(
        figure,
        xaxis={"type": "date", "showgrid": True},
        yaxis={"categoryorder": "array", "categoryarray": list(reversed(lanes)), "type": "category", "showgrid": False},
    )
    return figure


def title(events: Sequence[LifeEvent]) -> str:
    """What the line shows, said as a finding."""
    judged = [event for event in events if event.lane == "Monitoring" and event.level is not Level.GREY]
    past = sum(1 for event in judged if event.level in (Level.AMBER, Level.RED))
    if not judged:
        return "No window of this version has been judged yet"
    return f"{len(judged)} windows judged, {past or 'none'} {'counts' if past < 2 else 'count'} against it"


def _subtitle(events: Sequence[LifeEvent]) -> str:
    """The measure and its time; the marks in words, because no legend stands beneath."""
    marks = ", ".join(f"{theme.MARK[level]} {theme.WORD[level]}" for level in Level)
    span = f"{events[0].at:%b %Y} to {events[-1].at:%b %Y}" if events else "no event"
    return f"Worst verdict of each window ({marks}), approvals until their last day · {span}"


def rows(events: Sequence[LifeEvent]) -> list[dict[str, str]]:
    """The table behind the line, newest first."""
    return [
        {
            "Date": f"{event.at:%Y-%m-%d}",
            "Kind": event.lane,
            "What": event.words,
            "Until": f"{event.until:%Y-%m-%d}" if event.until else "",
        }
        for event in reversed(events)
    ]


def _lane(events: Sequence[LifeEvent], lane: str, look: theme.Look) -> go.Scatter:
    some = [event for event in events if event.lane == lane]
    return go.Scatter(
        x=[event.at for event in some],
        y=[lane] * len(some),
        mode="markers",
        marker={
            "size": 11,
            "symbol": [theme.SYMBOL[event.level] if event.level else "line-ns" for event in some],
            "color": [look.status[event.level] if event.level else look.ink for event in some],
            "line": {
                "width": 2,
                "color": [look.status[event.level] if event.level else look.ink for event in some],
            },
        },
        hovertext=[f"{event.at.day} {event.at:%b %Y}<br>{theme.wrap(event.words, 60)}" for event in some],
        hoverinfo="text",
        name=lane,
    )


def _spans(events: Sequence[LifeEvent], look: theme.Look) -> list[go.Scatter]:
    return [
        go.Scatter(
            x=[event.at, event.until],
            y=[event.lane, event.lane],
            mode="lines",
            line={"color": look.soft(look.reference, 0.6), "width": 8},
            hoverinfo="skip",
        )
        for event in events
        if event.until
    ]
