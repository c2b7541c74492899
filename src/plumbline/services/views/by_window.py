"""One figure through time: the points, limits and words that every by-window chart and status line is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from plumbline.domain.results import Level
from plumbline.policy.judge import NO_LIMIT
from plumbline.services.views import figures
from plumbline.services.views.status import marked


class Maturity(StrEnum):
    """How a point is drawn: solid, hollow, or hatched with the reason on hover."""

    MATURE = "mature"
    PROVISIONAL = "provisional"  # an estimate exists, but its labels are not all in
    THIN = "thin"  # an estimate exists and no verdict: of too little data, or an estimate that is not tried yet
    ABSENT = "absent"  # grey: nothing that may be read as a verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricWords:
    """What a metric is called and how its figures are written; taken from the registry."""

    key: str
    title: str
    unit: str = ""
    direction: str = ""
    definition: str = ""
    meaning: str = ""
    needs_labels: bool = False

    def figure(self, value: float | None) -> str:
        return figures.figure(value, self.unit)

    def change(self, value: float | None) -> str:
        return figures.change(value, self.unit)

    def span(self, low: float | None, high: float | None) -> str:
        return figures.span(low, high, self.unit)


@dataclass(frozen=True, slots=True)
class Limit:
    """A policy limit in the metric's own unit, drawn dashed; `below`: figures under it are past it."""

    value: float
    level: Level
    clause: str
    below: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A measured or missing figure of one window, with its verdict."""

    window: str
    start: datetime | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    confidence: float | None = None
    method: str = ""
    n: int = 0
    events: int | None = None
    label_share: float | None = None
    reference: float | None = None
    effect: float | None = None
    error_bound: float | None = None
    population: str | None = None  # whom it describes where outcomes exist after one decision alone; else all rows
    lowest: float | None = None  # then the truth over all rows lies between these
    highest: float | None = None
    level: Level
    reason: str = ""
    rule: str = ""
    policy: str = ""
    maturity: Maturity = Maturity.MATURE
    result_id: str = ""
    unlabelled: int | None = None  # rows of its population whose outcome is not known, where some are

    @property
    def waits(self) -> bool:
        """There is no verdict, and labels are still to come; what is thin lacks rows, whatever its labels."""
        missing = self.label_share is not None and self.label_share < 1
        return self.level is Level.GREY and self.maturity is not Maturity.THIN and missing

    @property
    def unlimited(self) -> bool:
        """The policy sets no limit on this figure: it may be said to have moved, never to be within."""
        return self.rule == NO_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A metric of one subject over the windows, in order; `reference` is the same figure on the reference."""

    metric: MetricWords
    subject: str  # "all rows", "column income", "sex: F"
    points: tuple[Point, ...]
    reference: Point | None = None
    limits: tuple[Limit, ...] = ()
    noise_floor: float | None = None  # what the metric shows when nothing changed (PSI's null expectation)

    @property
    def latest(self) -> Point | None:
        return self.points[-1] if self.points else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusLine:
    """The panel beside a main chart: now, reference, interval, verdict, reason, and what would turn it green."""

    level: Level
    window: str
    now: str
    reference: str
    change: str
    interval: str
    n: str
    limit: str
    reason: str
    remedy: str
    rule: str
    policy: str
    result_id: str = ""
    labels: str = ""  # how far they have come, where they are still to come
    population: str = ""


@dataclass(frozen=True, slots=True)
class Headline:
    """The first thing to know on a page, in a sentence, with the verdict it rests on (None: nothing to judge)."""

    sentence: str
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a control: its key in the address, its words, and the verdict that stands beside it."""

    key: str
    words: str
    level: Level | None = None


def told(point: Point, metric: MetricWords) -> str:
    """The figure in its unit, and that it is provisional where labels are still to come.

    >>> waiting = Point(window="2026-10", estimate=0.7, level=Level.GREY, maturity=Maturity.PROVISIONAL)
    >>> told(waiting, MetricWords(key="roc_auc", title="AUC"))
    '0.700, provisional'
    """
    provisional = ", provisional" if point.maturity is Maturity.PROVISIONAL else ""
    return f"{metric.figure(point.estimate)}{provisional}"


def row(point: Point, metric: MetricWords) -> dict[str, str]:
    """A point as a line of the table behind a chart."""
    over_all = {"Over all rows": metric.span(point.lowest, point.highest)} if point.population else {}
    return {
        "Window": figures.window_words(point.window),
        metric.title: told(point, metric),
        "Interval": metric.span(point.low, point.high),
        **over_all,
        "Rows": figures.count(point.n),
        "Labels in": "" if point.label_share is None else figures.figure(point.label_share, "rate"),
        "Verdict": marked(point.level),
        "Reason": point.reason,
        "Rule": point.rule,
    }
