"""What every analytic figure says of itself: the finding, the measure with window and n, and its words for a reader."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterable
from typing import Any

import plotly.graph_objects as go

from plumbline.charts import theme

_TITLE, _SUBTITLE = 20, 18  # pixels a line
# Characters a line that fit 490 pixels, a chart on the narrowest screen the house supports: 7.5 and 5.4 pixels each.
_WORDS, _SMALL_WORDS = 62, 84
_FOOT = 78  # axis labels, their title and a legend of two rows
_LEGEND = 19  # pixels a further row of the legend


def describe(
    figure: go.Figure,
    *,
    dark: bool,
    title: str,
    subtitle: str,
    alt: str,
    height: int = 300,
    legend: bool = True,
    legend_rows: int = 2,
) -> None:
    """Words wrap by themselves nowhere in Plotly, so they are broken here.

    `height` is that of the picture without its words, of which a legend of more than two rows has more.
    """
    titles = textwrap.wrap(title, _WORDS)
    subtitles = textwrap.wrap(subtitle, _SMALL_WORDS)
    colour = theme.look(dark).muted
    small = f"<span style='font-size:13px;color:{colour}'>{_joined(subtitles)}</span>"
    heading = f"<b>{_joined(titles)}</b><br>{small}"
    head = _TITLE * len(titles) + _SUBTITLE * len(subtitles) + 22
    foot = _FOOT + _LEGEND * max(legend_rows - 2, 0) if legend else _FOOT - 30
    theme.describe(
        figure,
        alt=alt,
        dark=dark,
        margin={"l": 8, "r": 16, "t": head, "b": foot},
        legend={"yref": "container", "y": 0.0, "yanchor": "bottom", "xref": "paper", "x": 0},
        showlegend=legend,
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": colour, "activecolor": colour},
        title={"text": heading, "y": 1 - 12 / (height + head + foot), "yanchor": "top"},
        height=height + head + foot,
    )


def alt(figure: go.Figure) -> str:
    """The words that stand in for the picture."""
    meta: Any = figure.layout.meta
    return str(meta["alt"]) if meta else ""


def lines(text: str, width: int = 60) -> str:
    """Text from outside, safe in Plotly's HTML and broken for a hover label.

    >>> lines("a <b> c", 3)
    'a<br>&lt;b&gt;<br>c'
    """
    return _joined(textwrap.wrap(text, width))


def _joined(parts: Iterable[str]) -> str:
    return "<br>".join(html.escape(part, quote=False) for part in parts)
