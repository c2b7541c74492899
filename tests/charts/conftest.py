"""Views as the services make them, small and fixed, so that a figure's marks can be told by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from plumbline.domain.results import Level
from plumbline.services.views.by_window import Choice, Headline, Limit, Maturity, MetricWords, Point, Trend
from plumbline.services.views.drift import ColumnDrift, Distribution
from plumbline.services.views.explanations import Importance, Provenance, Step, Swarm, Waterfall
from plumbline.services.views.fairness import FairnessView, GroupRow
from plumbline.services.views.performance import (
    Calibration,
    CalibrationBin,
    ConfusionView,
    Estimated,
    ScoreDistribution,
)
from plumbline.services.views.segments import SegmentCells, SegmentRow

AUC = MetricWords(key="roc_auc", title="AUC", direction="higher", needs_labels=True)
RATE = MetricWords(key="selection_rate", title="Favourable rate", unit="share")
RATIO = MetricWords(key="impact_ratio", title="Impact ratio")
MONTHS = tuple(f"2025-{month:02d}" for month in range(11, 13)) + tuple(f"2026-{month:02d}" for month in range(1, 11))


def point(window: str, estimate: float | None, level: Level, *, n: int = 8000, half: float = 0.015) -> Point:
    """A point with a symmetric interval; without an estimate it is absent, grey with one is provisional."""
    mature = Maturity.PROVISIONAL if level is Level.GREY else Maturity.MATURE
    return Point(
        window=window,
        estimate=estimate,
        low=None if estimate is None else estimate - half,
        high=None if estimate is None else estimate + half,
        confidence=0.95,
        method="DeLong",
        n=n,
        reference=0.731,
        level=level,
        reason="Said in words, with the rows that would settle it.",
        rule="credit_pd.auc_drop",
        policy="4f2a",
        maturity=Maturity.ABSENT if estimate is None else mature,
    )


def _trend_points() -> Sequence[Point]:
    values = [0.733, 0.729, 0.731, 0.728, 0.722, 0.715, 0.704, 0.697, 0.671, 0.662]
    levels = [Level.GREEN] * 4 + [Level.WATCH, Level.WATCH, Level.AMBER, Level.AMBER, Level.RED, Level.RED]
    solid = [point(window, value, level) for window, value, level in zip(MONTHS, values, levels, strict=False)]
    return [*solid, point(MONTHS[10], 0.659, Level.GREY, n=2100), point(MONTHS[11], None, Level.GREY, n=40)]


@pytest.fixture
def trend() -> Trend:
    """AUC over twelve months: within, watched, amber, red, one provisional month and one without a figure."""
    return Trend(
        metric=AUC,
        subject="all rows",
        points=tuple(_trend_points()),
        reference=point("reference", 0.731, Level.GREEN),
        limits=(
            Limit(0.706, Level.AMBER, "credit_pd.auc_drop"),
            Limit(0.681, Level.RED, "credit_pd.auc_drop"),
        ),
    )


@pytest.fixture
def estimated(trend: Trend) -> Estimated:
    """AUC as it was estimated each month; the last two have no outcomes, the last but one no estimate."""
    expected = [point(window, 0.73, Level.GREEN) for window in MONTHS]
    expected[-2] = replace(point(MONTHS[-2], None, Level.GREY), n=40)
    return Estimated(AUC, tuple(expected), trend.points[:10], "AUC is estimated at 0.730", "It came true in 9 of 10.")


@pytest.fixture
def psi_trend() -> Trend:
    """PSI of a column whose limits lie far above all that was seen but the last window."""
    values = [0.012, 0.011, 0.014, 0.02, 0.018, 0.022, 0.05, 0.09, 0.14, 0.21, 0.27, 0.31]
    points = [
        replace(point(window, value, Level.RED if value > 0.25 else Level.GREEN, half=0.008), reference=None)
        for window, value in zip(MONTHS, values, strict=True)
    ]
    return Trend(
        metric=MetricWords(key="psi", title="Population stability index"),
        subject="column income",
        points=tuple(points),
        limits=(Limit(0.1, Level.AMBER, "drift.psi"), Limit(0.25, Level.RED, "drift.psi")),
        noise_floor=0.0012,
    )


@pytest.fixture
def calibration() -> Calibration:
    bins = tuple(
        CalibrationBin(at / 10 + 0.05, at / 9, max(0.0, at / 9 - 0.03), min(1.0, at / 9 + 0.03), 500, 50 * at)
        for at in range(9)
    )
    return Calibration("2026-10", bins, 4500, "In 7 of 9 bands outcomes are more frequent than predicted")


@pytest.fixture
def distribution() -> ScoreDistribution:
    edges = tuple(at / 20 for at in range(21))
    no = [max(0.0, 20 - 1.6 * at) for at in range(20)]
    yes = [max(0.0, 4 + 0.5 * at - 0.03 * at * at) for at in range(20)]
    shares = tuple((words, tuple(v / sum(some) for v in some)) for words, some in (("No event", no), ("Event", yes)))
    return ScoreDistribution("2026-10", edges, shares, (("No event", 7000), ("Event", 1000)), "Events score higher")


@pytest.fixture
def confusion() -> ConfusionView:
    return ConfusionView(
        "2026-10", "flagged from a score of 0.5", 310, 420, 190, 7080, "62.0 % were flagged (n 8 000)."
    )


@pytest.fixture
def overlay() -> Distribution:
    labels = ("under 10", "10 to 20", "20 to 30", "30 and over", "missing")
    return Distribution(
        column="income",
        window="2026-10",
        labels=labels,
        reference=(0.25, 0.25, 0.25, 0.24, 0.01),
        current=(0.18, 0.2, 0.24, 0.26, 0.12),
        contributions=(0.02, 0.01, 0.0, 0.0, 0.27),
        n_reference=10_000,
        n_current=8_000,
        categorical=False,
        finding="'missing' rose from 1.00 % to 12.0 % of rows",
        noise_floor=0.0012,
    )


def _column(name: str, level: Level, psi: float, importance: float, *, silent: bool = False) -> ColumnDrift:
    return ColumnDrift(
        column=name,
        level=level,
        finding=f"PSI {psi}",
        psi=psi,
        psi_level=level,
        missing_rate=0.01,
        missing_change=0.0,
        unseen_rate=None,
        n=8000,
        silent=silent,
        importance=importance,
    )


@pytest.fixture
def ranked() -> tuple[ColumnDrift, ...]:
    return (
        _column("income", Level.RED, 0.31, 0.42, silent=True),
        _column("region", Level.AMBER, 0.14, 0.05),
        _column("age", Level.GREEN, 0.01, 0.3),
    )


@pytest.fixture
def forest() -> tuple[SegmentRow, ...]:
    return (
        SegmentRow("75 and over", point("2026-10", 0.552, Level.RED, n=1200, half=0.04)),
        SegmentRow("65 to 74", point("2026-10", 0.701, Level.GREEN, n=2900)),
        SegmentRow("Under 65", point("2026-10", 0.735, Level.GREEN, n=5200)),
        SegmentRow("(missing)", point("2026-10", None, Level.GREY, n=11)),
    )


@pytest.fixture
def cells(forest: tuple[SegmentRow, ...]) -> SegmentCells:
    names = tuple(row.segment for row in forest)
    points = tuple(tuple(replace(row.point, window=window) for window in MONTHS) for row in forest)
    return SegmentCells(names, MONTHS, points)


@pytest.fixture
def fairness() -> FairnessView:
    """Three groups: the reference, one past the red limit, one too small for a rate."""

    def rate(value: float, n: int) -> Point:
        return replace(point("2026-10", value, Level.GREEN, n=n, half=0.02), reference=None)

    ratio = replace(point("2026-10", 0.74, Level.RED, n=900, half=0.05), reference=0.97)
    return FairnessView(
        headline=Headline("One group is past the red limit.", Level.RED),
        label="Disparity indicator under policy thresholds 1, jurisdiction EU.",
        windows=(Choice("2026-10", "October 2026"),),
        window="2026-10",
        attributes=(Choice("origin", "origin"),),
        attribute="origin",
        rate=RATE,
        ratio=RATIO,
        rows=(
            GroupRow("A", rate(0.61, 4000), None, 4000, is_reference=True),
            GroupRow("B", rate(0.45, 900), ratio, 900),
            GroupRow("C", rate(0.33, 12), None, 12, count_only=True),
        ),
        reference_group="A",
        group="B",
    )


@pytest.fixture
def provenance() -> Provenance:
    return Provenance(
        n=1000,
        sample="sampled of 24 000 rows (seed 7)",
        perturbation="absent columns are drawn from the background (interventional)",
        scale="on the model's margin (log-odds, or the raw prediction)",
        background="background of 2 000 rows",
        unit="log-odds",
        axis="Log-odds of the outcome (not the probability)",
    )


@pytest.fixture
def bars() -> tuple[Importance, ...]:
    return (
        Importance("income", 0.62, 0.58, 0.66, 0.51),
        Importance("age", 0.4, 0.37, 0.43, 0.33),
        Importance("region", 0.2, 0.18, 0.22, 0.16),
    )


@pytest.fixture
def swarms() -> tuple[Swarm, ...]:
    marks = range(200)
    rows = tuple(str(at) for at in marks)
    places = tuple(at / 199 for at in marks)
    low = tuple(-0.6 + 1.2 * at / 199 for at in marks)
    return (
        Swarm("income", low, places, tuple(str(1000 * at) for at in marks), rows),
        Swarm("region", tuple(v / 4 for v in low), (None,) * 200, ("north",) * 200, rows),
    )


@pytest.fixture
def waterfall() -> Waterfall:
    steps = (Step("income", "12000", 0.8), Step("age", "71", 0.35), Step("region", "north", -0.2))
    return Waterfall("row-17", -1.2, -0.25, steps, "Row row-17: raised most by income = 12000.")
