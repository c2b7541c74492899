"""What if: a window on another mix of its segments, and its decisions at another cut-off; frozen."""

from __future__ import annotations

from dataclasses import dataclass

from plumbline.services.views.by_window import Choice, MetricWords


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A figure as it is and as it would be; `change` has limits of its own, as both stand on the same rows."""

    metric: MetricWords
    now: float
    then: float
    low: float
    high: float
    change: float
    change_low: float | None
    change_high: float | None
    n: int
    rows: str
    method: str


@dataclass(frozen=True, slots=True)
class MixRow:
    """A segment's share of the window now and in the scenario; `rate` is what presets rank it by."""

    segment: str
    now: float
    then: float
    rate: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioView:
    """A scenario and what it would do; `said`: what is assumed, and what cannot be told."""

    finding: str
    mix: tuple[MixRow, ...]
    expected: tuple[Expected, ...]
    ranked_by: str
    ranked_unit: str
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Controls:
    """What may be chosen: the segmenting column, the preset, the segment that is set by hand."""

    dimensions: tuple[Choice, ...]
    presets: tuple[Choice, ...]
    segments: tuple[Choice, ...]
