"""What the performance page says of a change's date, of estimates, and of event rates at equal score."""

from __future__ import annotations

import pytest

from plumbline.domain.results import Level
from plumbline.services.change_dates import change_sentence
from plumbline.services.context import Context
from plumbline.services.performance import overview, performance_view
from plumbline.services.track_record import estimable
from plumbline.services.views.by_window import Maturity, MetricWords, Point, Trend

AUC = MetricWords(key="roc_auc", title="AUC")


def trend(values: list[float], *, unknown: int = 0) -> Trend:
    """AUC by month from January 2026, each with a standard error of 0.01; the reference has 0.80."""
    months = [*(f"2026-{month:02d}" for month in range(1, 13)), *(f"2027-{month:02d}" for month in range(1, 13))]
    points = [
        Point(window=month, estimate=value, low=value - 0.0196, high=value + 0.0196, level=Level.GREEN, n=1000)
        for month, value in zip(months, values, strict=False)
    ]
    waiting = [
        Point(window=month, estimate=0.5, low=0.4, high=0.6, level=Level.GREY, maturity=Maturity.PROVISIONAL)
        for month in months[len(values) : len(values) + unknown]
    ]
    reference = Point(window="reference", estimate=0.8, low=0.7902, high=0.8098, level=Level.GREEN)
    return Trend(metric=AUC, subject="all rows", points=(*points, *waiting), reference=reference)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.80, 0.81, 0.79, 0.80, 0.70, 0.71, 0.69], "left its reference in May 2026, suddenly, and has not come back"),
        ([0.80, 0.81, 0.79, 0.78, 0.76, 0.74, 0.72, 0.70], "left its reference in April 2026, gradually"),
        ([0.80, 0.81, 0.65, 0.65, 0.80, 0.80, 0.80, 0.80, 0.80, 0.80], "suddenly, and came back in May 2026"),
        ([0.75, 0.75, 0.76, 0.74, 0.75], "has stood off its reference since the first window, January 2026"),
        ([0.80, 0.81, 0.79, 0.80], "has not left its reference in 4 windows"),
    ],
    ids=["sudden", "gradual", "back", "from the start", "none"],
)
def test_a_change_is_dated_and_its_manner_named(values: list[float], said: str) -> None:
    sentence = change_sentence(trend(values))
    assert sentence.startswith("AUC ")
    assert said in sentence


def test_windows_that_wait_for_labels_date_nothing() -> None:
    values = [0.80, 0.81, 0.79, 0.80]
    assert change_sentence(trend(values, unknown=4)) == change_sentence(trend(values))


def test_too_few_windows_say_nothing() -> None:
    assert change_sentence(trend([0.80, 0.60, 0.60])) == ""


def test_the_estimate_stands_beside_what_came(measured: Context) -> None:
    view = performance_view(measured, "lender", "1", metric="roc_auc")
    assert view.estimated is not None
    assert [point.window for point in view.estimated.estimated] == ["2026-08", "2026-09", "2026-10"]
    assert [point.window for point in view.estimated.realised] == ["2026-08", "2026-09"]
    assert "has not been tried often enough yet" in view.estimated.finding
    assert "October 2026: Not tried yet" in view.estimated.record
    assert all(point.level is Level.GREY for point in view.estimated.estimated)


def test_a_figure_that_is_not_estimated_shows_one_that_is(measured: Context) -> None:
    view = performance_view(measured, "lender", "1", metric="ece")
    assert view.estimated is not None
    assert view.estimated.metric.key == "roc_auc"


@pytest.mark.parametrize(
    ("figures", "shown"),
    [
        (("ks_separation", "ece", "roc_auc"), "roc_auc"),
        (("interval_coverage", "accuracy", "log_loss"), "accuracy"),
        (("r2", "rmse", "mae"), "rmse"),
        (("r2", "mape"), None),
    ],
    ids=["binary", "several classes", "regression", "none"],
)
def test_of_every_task_the_first_figure_that_is_estimated_is_shown(figures: tuple[str, ...], shown: str | None) -> None:
    assert estimable(figures) == shown


def test_a_concept_shift_is_shown_by_band(measured: Context) -> None:
    bands = performance_view(measured, "lender", "1", window="2026-09", metric="concept_shift").bands
    assert len(bands) >= 5
    assert bands[0]["Scores"] == "lowest"
    assert bands[-1]["Change"].startswith("\u2212"), "women's scores were raised, their outcomes were not"
    assert performance_view(measured, "lender", "1", window="2026-09", metric="roc_auc").bands == ()


def test_an_estimate_is_left_to_its_chart_where_the_figure_itself_is_judged() -> None:
    """In the table; where labels are still to come it is all there is."""
    estimate = MetricWords(key="estimated_roc_auc", title="Estimated AUC")
    months = {"2026-01": Level.GREEN, "2026-02": Level.GREY}
    points = tuple(Point(window=month, estimate=0.8, level=level, n=1000) for month, level in months.items())
    guessed = tuple(Point(window=month, estimate=0.8, level=Level.GREEN, n=1000) for month in months)
    trends = {
        "roc_auc": Trend(metric=AUC, subject="all rows", points=points),
        "estimated_roc_auc": Trend(metric=estimate, subject="all rows", points=guessed),
    }
    assert [line["Measure"] for line in overview(trends, "2026-01")] == ["AUC"]
    assert {line["Measure"] for line in overview(trends, "2026-02")} == {"AUC", "Estimated AUC"}
