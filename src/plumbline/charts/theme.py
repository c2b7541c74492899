"""One look for every figure: verdict colours with their marks, reference against current, groups in a fixed order."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, ParamSpec, cast

import plotly.graph_objects as go
import plotly.io as pio

from plumbline.domain.results import Level
from plumbline.services.views.status import MARKS as MARK
from plumbline.services.views.status import WORDS as WORD

__all__ = ["DASH", "MARK", "SYMBOL", "WORD", "Look", "describe", "drawn_once", "lay_out", "look", "wrap"]

P = ParamSpec("P")
# Plotly's own look would travel with each figure, 6,500 letters of it, and take as long to check as all the rest.
pio.templates.default = None
FONT = '"Source Sans", sans-serif'
# Shape and dash carry the verdict where colour does not reach: grey print, colour-blind readers.
SYMBOL = {
    Level.GREEN: "circle",
    Level.WATCH: "diamond",
    Level.AMBER: "triangle-up",
    Level.RED: "square",
    Level.GREY: "circle-open",
}
DASH = {Level.AMBER: "dash", Level.RED: "dot"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The colours of one theme; `groups` are eight hues in fixed order, red and green are kept for verdicts."""

    status: Mapping[Level, str]
    tint: Mapping[Level, str]
    ink: str
    muted: str
    grid: str
    paper: str
    reference: str
    reference_text: str
    groups: tuple[str, ...]
    lowers: str
    raises: str

    @property
    def outcomes(self) -> tuple[str, str]:
        """Hues of the two outcomes of a label: neither is a verdict."""
        return self.groups[0], self.groups[1]

    @property
    def low_to_high(self) -> list[list[Any]]:
        """A colour scale for a column's values."""
        return [[0.0, self.lowers], [0.5, self.muted], [1.0, self.raises]]

    def soft(self, colour: str, opacity: float) -> str:
        """
        >>> look(dark=False).soft("#1B2430", 0.5)
        'rgba(27,36,48,0.5)'
        """
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return f"rgba({red},{green},{blue},{opacity})"

    def hatch(self) -> dict[str, Any]:
        """The pattern of what was not measured."""
        return {
            "shape": "/",
            "size": 7,
            "solidity": 0.12,
            "fgcolor": self.status[Level.GREY],
            "bgcolor": "rgba(0,0,0,0)",
        }


LIGHT = Look(
    status={
        Level.GREEN: "#0B7A5B",
        Level.WATCH: "#2F6FB7",
        Level.AMBER: "#9A5B00",
        Level.RED: "#A61B1B",
        Level.GREY: "#6B7280",
    },
    tint={
        Level.GREEN: "#E6F4EF",
        Level.WATCH: "#E8F1FB",
        Level.AMBER: "#FBF0DF",
        Level.RED: "#FBE9E7",
        Level.GREY: "#EEF0F3",
    },
    ink="#1B2430",
    muted="#565D69",
    grid="#E3E8EE",
    paper="#FFFFFF",
    reference="#7D8FA6",
    reference_text="#52657D",
    groups=("#2F5FA8", "#B4661A", "#6A4C93", "#0E7C86", "#8C5A3C", "#B03A78", "#5B6B1F", "#4A5568"),
    lowers="#2F5FA8",
    raises="#B4661A",
)
DARK = Look(
    status={
        Level.GREEN: "#3CC79A",
        Level.WATCH: "#7FB2EE",
        Level.AMBER: "#F0A93B",
        Level.RED: "#FF7A5C",
        Level.GREY: "#9CA3AF",
    },
    tint={
        Level.GREEN: "#12302A",
        Level.WATCH: "#17293D",
        Level.AMBER: "#36280F",
        Level.RED: "#3A1C17",
        Level.GREY: "#252E38",
    },
    ink="#E6EBF1",
    muted="#A6ADB8",
    grid="#2A3542",
    paper="#10161D",
    reference="#8FA3BC",
    reference_text="#A9BACF",
    groups=("#8AB4F8", "#F2B36B", "#C3A6E8", "#5FD0D8", "#D9AE8F", "#F08CC0", "#BCCB6A", "#B6C2D1"),
    lowers="#8AB4F8",
    raises="#F2B36B",
)


class Drawn(go.Figure):  # type: ignore[misc]
    """A finished figure, whose description for the browser is made once."""

    def to_dict(self) -> dict[str, Any]:
        if not hasattr(self, "_description"):
            self._description: dict[str, Any] = super().to_dict()
        return self._description


def drawn_once(draw: Callable[P, go.Figure]) -> Callable[P, go.Figure]:
    """A figure is a pure function of its frozen view and takes 50 ms to build: the same view is drawn once a process.

    Whoever receives it must not change it; arguments must be hashable.
    """

    @lru_cache(maxsize=256)
    def drawn(*args: Any, **kwargs: Any) -> go.Figure:
        figure = draw(*args, **kwargs)
        # A second figure made from the first would take as long as the first.
        figure.__class__ = Drawn
        return figure

    return cast(Callable[P, go.Figure], wraps(draw)(drawn))


def look(dark: bool) -> Look:
    return DARK if dark else LIGHT


def wrap(text: str, width: int) -> str:
    """Lines for a hover, which does not break them itself.

    >>> wrap("past the red limit", 10)
    'past the<br>red limit'
    """
    return "<br>".join(textwrap.wrap(text, width))


def describe(figure: go.Figure, *, alt: str, title: Mapping[str, Any], dark: bool = False, **layout: Any) -> None:
    """Give a figure the house's look, and its words: `alt` for who cannot see it.

    `layout` is what the figure wants beyond the house's look or instead of it.
    """
    colours = look(dark)
    axis = {
        "gridcolor": colours.grid,
        "linecolor": colours.muted,
        "zerolinecolor": colours.grid,
        "automargin": True,
        "ticks": "",
        "tickfont": {"color": colours.muted},
    }
    own = figure.layout.to_plotly_json()
    house: dict[str, Any] = {
        "title": {
            "font": {"size": 16, "color": colours.ink},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "yref": "container",
        },
        "meta": {"alt": alt},
        "font": {"family": FONT, "size": 13, "color": colours.ink},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {
            "bgcolor": colours.paper,
            "bordercolor": colours.muted,
            "font": {"family": FONT, "color": colours.ink},
            "align": "left",
        },
        "legend": {"orientation": "h", "xanchor": "left"},
        "colorway": list(colours.groups),
        **{name: axis for name in ("xaxis", "yaxis", *own) if name[1:5] == "axis"},
    }
    lay_out(figure, **_merged(house, {"title": title, **layout}))


def lay_out(figure: go.Figure, **layout: Any) -> None:
    """Lay these properties over the figure's own. Plotly's `update_layout` does so one by one, in 20 ms for 2."""
    figure.layout = _merged(figure.layout.to_plotly_json(), layout)


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """
    >>> _merged({"x": {"a": 1, "b": 2}}, {"x": {"b": 3}, "y": 4})
    {'x': {'a': 1, 'b': 3}, 'y': 4}
    """
    both = {key: _merged(under[key], over[key]) for key in over if isinstance(over[key], dict) and key in under}
    return {**under, **over, **both}
