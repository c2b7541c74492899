"""Fairness: what the page shows, frozen."""

from __future__ import annotations

from dataclasses import dataclass

from plumbline.services.views.by_window import Choice, Headline, MetricWords, Point, StatusLine, Trend


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group of the forest plot; `count_only` groups are too small for a rate and shown as a count."""

    group: str
    rate: Point | None
    ratio: Point | None
    n: int
    is_reference: bool = False
    count_only: bool = False


@dataclass(frozen=True, slots=True)
class GapRow:
    """A line of the table of gaps: any other disparity indicator of the group."""

    group: str
    metric: MetricWords
    point: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class FairnessView:
    headline: Headline
    label: str  # disparity indicator under policy X, jurisdiction Y
    windows: tuple[Choice, ...]
    window: str
    attributes: tuple[Choice, ...]
    attribute: str = ""
    rate: MetricWords | None = None
    ratio: MetricWords | None = None
    rows: tuple[GroupRow, ...] = ()
    reference_group: str = ""
    band: tuple[float, float] = (0.8, 1.25)
    groups: tuple[Choice, ...] = ()
    group: str = ""
    trend: Trend | None = None
    status: StatusLine | None = None
    gaps: tuple[GapRow, ...] = ()
    figures: tuple[Choice, ...] = ()  # of the window, by the id of their result
