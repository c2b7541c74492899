"""Axes, horizontal lines and their names in the by-window chart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from plumbline.charts.theme import Look
from plumbline.domain.results import Level
from plumbline.services.views import figures
from plumbline.services.views.by_window import Limit, Trend

_MAIN, _ROWS = (0.27, 1.0), (0.0, 0.17)  # where the figure and its rows stand in the chart
MOST_TICKS = 6
_LONGEST = 26  # letters of a clause beside the chart


def value_range(trend: Trend) -> tuple[float, float]:
    """Room for points, intervals, reference and limits nearby; a far limit is not allowed to flatten the rest."""
    seen = [v for p in trend.points for v in (p.estimate, p.low, p.high, p.lowest, p.highest) if v is not None]
    if trend.reference is not None and trend.reference.estimate is not None:
        seen.append(trend.reference.estimate)
    if not seen:
        return 0.0, 1.0
    low, high = min(seen), max(seen)
    spread = (high - low) or abs(high) or 1.0
    near = [limit.value for limit in trend.limits if low - 2 * spread <= limit.value <= high + 2 * spread]
    low, high = min([low, *near]), max([high, *near])
    room = 0.06 * ((high - low) or spread)
    floor = 0.0 if low >= 0 and low - room < 0 else low - room
    return floor, high + room


def axes(trend: Trend) -> dict[str, Any]:
    windows = [point.window for point in trend.points]
    step = max(1, -(-len(windows) // MOST_TICKS))
    ticks = windows[::-1][::step][::-1]
    rate = trend.metric.unit in figures.RATES
    return {
        "xaxis": {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": windows,
            "tickvals": ticks,
            "ticktext": [figures.window_short(label) for label in ticks],
            "tickangle": 0,
            "anchor": "y2",
            "showgrid": False,
        },
        "yaxis": {
            "domain": _MAIN,
            "range": value_range(trend),
            "title": {"text": trend.metric.title},
            "tickformat": ".3~%" if rate else ".3~g",
        },
        "yaxis2": {"domain": _ROWS, "title": {"text": "Rows"}, "nticks": 3, "rangemode": "tozero", "tickformat": "~s"},
        # Only stretches the hatching over the height of the chart; it measures nothing and shows no ticks.
        "yaxis3": {"domain": _MAIN, "range": [0, 1], "overlaying": "y", "visible": False, "fixedrange": True},
        "barmode": "overlay",
    }


def room(trend: Trend) -> int:
    """Pixels at the right edge for the names of the lines."""
    return 150 if trend.limits or trend.reference else 16


def shapes(trend: Trend, window: str, look: Look) -> list[dict[str, Any]]:
    shapes = []
    across = {"xref": "paper", "x0": 0, "x1": 1, "yref": "y", "layer": "below"}
    reference = trend.reference
    if reference and reference.low is not None and reference.high is not None:
        band = {"y0": reference.low, "y1": reference.high, "fillcolor": look.soft(look.reference, 0.22)}
        shapes.append({"type": "rect", **across, **band, "line": {"width": 0}})
    if reference and reference.estimate is not None:
        line = {"color": look.reference, "width": 1.5}
        shapes.append({"type": "line", **across, "y0": reference.estimate, "y1": reference.estimate, "line": line})
    for limit in _drawn(trend):
        line = {
            "color": look.status[limit.level],
            "width": 1.5,
            "dash": "dash" if limit.level is Level.RED else "dot",
        }
        shapes.append({"type": "line", **across, "y0": limit.value, "y1": limit.value, "line": line})
    if trend.noise_floor is not None:
        line = {"color": look.muted, "width": 1, "dash": "dashdot"}
        shapes.append({"type": "line", **across, "y0": trend.noise_floor, "y1": trend.noise_floor, "line": line})
    at = [point.window for point in trend.points]
    if window in at:
        chosen = {
            "x0": at.index(window) - 0.5,
            "x1": at.index(window) + 0.5,
            "xref": "x",
            "yref": "paper",
            "y0": 0,
            "y1": 1,
        }
        shapes.append(
            {"type": "rect", **chosen, "fillcolor": look.soft(look.ink, 0.05), "line": {"width": 0}, "layer": "below"}
        )
    return shapes


def _drawn(trend: Trend) -> list[Limit]:
    low, high = value_range(trend)
    return [limit for limit in trend.limits if low <= limit.value <= high]


def labels(trend: Trend, look: Look) -> list[dict[str, Any]]:
    """Names of the horizontal lines at the right edge, pushed apart where they would lie on each other."""
    wanted = [
        (
            limit.value,
            f"{limit.level} {trend.metric.figure(limit.value)}<br><i>{_short(limit.clause)}</i>",
            look.status[limit.level],
        )
        for limit in _drawn(trend)
    ]
    if trend.reference and trend.reference.estimate is not None:
        wanted.append(
            (trend.reference.estimate, f"reference {trend.metric.figure(trend.reference.estimate)}", look.muted)
        )
    if trend.noise_floor is not None:
        wanted.append((trend.noise_floor, f"noise floor {trend.metric.figure(trend.noise_floor)}", look.muted))
    low, high = value_range(trend)
    places = spread([(value - low) / (high - low) for value, _, _ in wanted], 0.115)
    return [
        {
            "xref": "paper",
            "x": 1.01,
            "xanchor": "left",
            "yref": "paper",
            "yanchor": "middle",
            "align": "left",
            "y": _MAIN[0] + place * (_MAIN[1] - _MAIN[0]),
            "text": text,
            "showarrow": False,
            "font": {"size": 11, "color": colour},
        }
        for (_, text, colour), place in zip(wanted, places, strict=True)
    ]


def _short(clause: str) -> str:
    """A clause's name as far as it fits at the edge: without the family that the policy files it under.

    >>> _short("credit_pd.auc_drop"), _short("insurance_pricing.actual_expected")
    ('credit_pd.auc_drop', 'actual_expected')
    """
    return clause if len(clause) <= _LONGEST else clause.rpartition(".")[2]


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Places in [0, 1] moved as little as needed to stand at least `gap` apart, in the same order.

    >>> [round(place, 2) for place in spread([0.5, 0.52, 0.9], 0.1)]
    [0.5, 0.6, 0.9]
    """
    order = sorted(range(len(places)), key=lambda at: places[at])
    moved = [min(max(place, 0.0), 1.0) for place in places]
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + gap)
    top = 1.0
    for at in reversed(order):
        moved[at] = min(moved[at], top)
        top = moved[at] - gap
    return moved
