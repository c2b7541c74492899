"""Performance: what the page shows, frozen."""

from __future__ import annotations

from dataclasses import dataclass

from plumbline.services.views.by_window import Choice, Headline, MetricWords, Point, StatusLine, Trend


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Predicted against observed in one band of the score, with the interval of the observed rate."""

    predicted: float
    observed: float
    low: float
    high: float
    n: int
    events: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Reliability of one window; `note` says what is left out and what binning costs."""

    window: str
    bins: tuple[CalibrationBin, ...]
    n: int
    finding: str
    note: str = ""
    unit: str = "rate"  # of predicted and observed: rate for a probability, none for a quantity


@dataclass(frozen=True, slots=True)
class ScoreDistribution:
    """Share of rows by score bin for each outcome; `edges` has one more entry than each share list."""

    window: str
    edges: tuple[float, ...]
    shares: tuple[tuple[str, tuple[float, ...]], ...]  # outcome words -> share of that outcome's rows
    counts: tuple[tuple[str, int], ...]
    finding: str
    axis: str = "Score"


@dataclass(frozen=True, slots=True)
class ConfusionView:
    """Decisions against outcomes at the threshold in use."""

    window: str
    threshold: str
    tp: int
    fp: int
    fn: int
    tn: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Estimated:
    """What was expected of a figure before outcomes were in, and what came; `record` says how far to believe it."""

    metric: MetricWords
    estimated: tuple[Point, ...]
    realised: tuple[Point, ...]  # of windows whose outcomes are in
    finding: str
    record: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceView:
    headline: Headline
    windows: tuple[Choice, ...]
    window: str
    metrics: tuple[Choice, ...]
    metric: MetricWords | None = None
    trend: Trend | None = None
    status: StatusLine | None = None
    change: str = ""  # since when the figure has left its reference, and how
    estimated: Estimated | None = None
    bands: tuple[dict[str, str], ...] = ()  # event rates at equal score, of a concept shift
    classes: tuple[dict[str, str], ...] = ()  # figures of each class of a model with several
    calibration: Calibration | None = None
    distribution: ScoreDistribution | None = None
    confusion: ConfusionView | None = None
    described: str = ""  # whom figures and pictures describe where outcomes exist after one decision alone
    divergence: Headline | None = None  # a counter-figure that worsens while the proxy holds
    absent: tuple[str, ...] = ()  # why a picture is not drawn, and what it would take
    overview: tuple[dict[str, str], ...] = ()
    figures: tuple[Choice, ...] = ()  # those of the overview by the id of their result
