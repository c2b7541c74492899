"""Segments: what the page shows, frozen."""

from __future__ import annotations

from dataclasses import dataclass

from plumbline.domain.results import Level
from plumbline.services.views.by_window import Choice, Headline, Limit, MetricWords, Point, StatusLine, Trend


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One line of the forest plot."""

    segment: str
    point: Point


@dataclass(frozen=True, slots=True)
class SegmentCells:
    """The heat map: verdict and figure of each segment in each window; a missing point is an empty cell."""

    segments: tuple[str, ...]
    windows: tuple[str, ...]
    points: tuple[tuple[Point | None, ...], ...]  # segment x window


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnColumn:
    """A column of the segment: the worst thing about it, where it comes from, and who else reads from there."""

    level: Level
    column: str
    finding: str
    psi: float | None
    low: float | None
    high: float | None
    n: int
    importance: float | None
    source: str
    shared_with: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnColumns:
    """The segment's own columns in the chosen window; without any, what would count them."""

    sentence: str
    columns: tuple[OwnColumn, ...] = ()
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentsView:
    headline: Headline
    windows: tuple[Choice, ...]
    window: str
    dimensions: tuple[Choice, ...]
    dimension: str = ""
    metrics: tuple[Choice, ...] = ()
    metric: MetricWords | None = None
    rows: tuple[SegmentRow, ...] = ()
    overall: Point | None = None
    limits: tuple[Limit, ...] = ()
    cells: SegmentCells | None = None
    segments: tuple[Choice, ...] = ()
    segment: str = ""
    trend: Trend | None = None
    status: StatusLine | None = None
    own: OwnColumns | None = None  # where the segment carries a red, or its columns were counted
    left_out: str = ""  # what the picture does not show, in words
