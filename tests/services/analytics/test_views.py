"""What the analytics pages say of a log whose truths are known: the sentence, the limits, the reasons."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plumbline.domain.errors import NotFound
from plumbline.domain.explanations import Explanation
from plumbline.domain.results import Level, Measurement, Result, Verdict, Window
from plumbline.policy.alarms import Alarm
from plumbline.services import by_window, explanation_view, stored
from plumbline.services.context import Context
from plumbline.services.domain_auc import DOMAIN_AUC
from plumbline.services.drift import drift_view, headline, ranking
from plumbline.services.fairness import fairness_view
from plumbline.services.model import model
from plumbline.services.performance import performance_view
from plumbline.services.segments import segments_view
from plumbline.services.views.by_window import Limit, Maturity, MetricWords, Point, Trend
from plumbline.store.measurements import Stored

HELD_BACK = (
    "Lender 1 is proposed; on performance, calibration and fairness it is past a limit, though not often enough yet to "
    "count against it."
)
AUC = MetricWords(key="roc_auc", title="AUC")


def _point(window: str, level: Level, estimate: float | None = 0.7, *, rule: str = "drop") -> Point:
    return Point(window=window, level=level, estimate=estimate, n=900, rule=rule, reason="Too few rows.")


def test_performance_opens_on_the_last_window_whose_labels_are_in(measured: Context) -> None:
    view = performance_view(measured, "lender", "1")
    assert view.window == "2026-09"
    assert "September 2026" in view.headline.sentence
    assert "The last window waits for labels." in view.headline.sentence
    assert view.trend is not None
    assert [point.window for point in view.trend.points] == ["2026-08", "2026-09", "2026-10"]
    assert view.trend.points[-1].maturity is Maturity.ABSENT


def test_performance_shows_the_figure_that_the_sentence_names(measured: Context) -> None:
    view = performance_view(measured, "lender", "1")
    assert view.trend is not None
    assert view.headline.sentence.startswith(view.trend.metric.title)
    assert view.status is not None
    assert view.status.level is view.headline.level


def test_performance_lists_the_houses_own_figures(measured: Context) -> None:
    view = performance_view(measured, "lender", "1")
    assert "Complaint rate" in {line["Measure"] for line in view.overview}


def test_performance_draws_from_the_profile(measured: Context) -> None:
    view = performance_view(measured, "lender", "1", window="2026-08")
    assert view.calibration is not None
    assert sum(one.n for one in view.calibration.bins) == 3000
    assert view.confusion is not None
    assert view.confusion.tp + view.confusion.fp + view.confusion.fn + view.confusion.tn == 3000
    assert view.distribution is not None
    for _, shares in view.distribution.shares:
        assert sum(shares) == pytest.approx(1.0)


def test_what_is_said_of_columns_is_no_measure_of_performance(measured: Context) -> None:
    view = performance_view(measured, "lender", "1")
    assert view.overview
    assert "Drifted columns" not in {line["Measure"] for line in view.overview}


def test_a_limit_that_no_figure_can_reach_is_not_drawn(measured: Context) -> None:
    """A share of missing values does not fall by ten points from nought."""
    trend = drift_view(measured, "lender", "1", metric="missing_rate").trend
    assert trend is not None
    assert trend.metric.key == "missing_rate"
    assert trend.limits
    assert all(0 <= limit.value <= 1 for limit in trend.limits)


def test_a_limit_on_a_change_is_drawn_around_the_reference(measured: Context) -> None:
    trend = performance_view(measured, "lender", "1", metric="roc_auc").trend
    assert trend is not None
    reference = trend.points[0].reference
    drops = {limit.level: limit.value for limit in trend.limits if limit.clause == "credit_pd.auc_drop"}
    assert reference is not None
    assert drops[Level.AMBER] == pytest.approx(reference - 0.025)
    assert drops[Level.RED] == pytest.approx(reference - 0.05)


def test_an_unknown_window_or_metric_falls_back_to_the_first_thing_to_know(measured: Context) -> None:
    asked = performance_view(measured, "lender", "1", window="1999-01", metric="nonsense")
    assert asked == performance_view(measured, "lender", "1")


def test_a_version_that_is_not_registered_is_named(measured: Context) -> None:
    with pytest.raises(NotFound, match="no version '9' of model 'lender'"):
        performance_view(measured, "lender", "9")


def test_drift_puts_the_silent_failure_first_and_opens_on_it(measured: Context) -> None:
    view = drift_view(measured, "lender", "1", window="2026-09")
    assert view.ranked[0].column == "income"
    assert view.ranked[0].silent
    assert view.ranked[0].missing_rate == pytest.approx(0.3, abs=0.03)
    assert view.column == "income"
    assert "silently: income, missing in" in view.headline.sentence
    assert view.trend is not None
    assert view.trend.metric.key == "missing_rate"


def test_distributions_stand_on_the_bins_of_the_statistic(measured: Context) -> None:
    view = drift_view(measured, "lender", "1", window="2026-09", column="income", metric="psi")
    overlay = view.distribution
    assert overlay is not None
    assert view.status is not None
    assert sum(overlay.current) == pytest.approx(1.0)
    assert overlay.labels[-1] == "missing"
    psi = next(one.psi for one in view.ranked if one.column == "income")
    assert sum(overlay.contributions) == pytest.approx(psi, abs=1e-9)
    assert view.trend is not None
    assert view.trend.noise_floor == pytest.approx(overlay.noise_floor)


def test_quiet_columns_are_not_called_drifted(measured: Context) -> None:
    view = drift_view(measured, "lender", "1", window="2026-08")
    assert view.headline.sentence.startswith("No column has drifted past a limit in August 2026")

    assert view.order.startswith("Silent failures first, then by verdict, then by PSI. 0 of 2 columns judged (0 %)")


def test_all_columns_at_once_are_a_measure_of_the_drift_page_alone(measured: Context) -> None:
    view = drift_view(measured, "lender", "1", window="2026-09", metric=DOMAIN_AUC)
    assert view.trend is not None
    assert (view.trend.metric.key, view.trend.subject) == (DOMAIN_AUC, "all columns at once")
    assert [limit.value for limit in view.trend.limits] == [0.6, 0.75]
    assert [point.n for point in view.trend.points] == [500, 500, 500]
    assert view.status is not None
    assert "What tells them apart: income" in view.status.reason
    assert DOMAIN_AUC in {choice.key for choice in view.metrics}
    assert "By all columns at once rows are told from the reference's with an AUC of 0.6" in view.order
    assert "Domain-classifier AUC" not in {
        line["Measure"] for line in performance_view(measured, "lender", "1", window="2026-09").overview
    }


def test_what_no_single_column_shows_leads_where_no_column_does() -> None:
    columns = {name: _psi(name, 0.01, Level.GREEN) for name in ("a", "b")}
    m = Measurement(metric=DOMAIN_AUC, estimate=0.7, low=0.66, high=0.74, n=900)
    verdict = Verdict(Level.AMBER, "Past it, by a and b.", "drift.domain_auc", "p")
    past = Stored(Result(Window("2026-08"), m, verdict), "r")
    said = headline(ranking(columns, {}), "2026-08", past)
    assert said.level is Level.AMBER
    assert said.sentence.endswith("(2 looked at, n 900). But all of them at once have: Past it, by a and b.")
    moved = headline(ranking(columns | {"c": _psi("c", 0.4, Level.RED)}, {}), "2026-08", past)
    assert (moved.level, "all of them" in moved.sentence) == (Level.RED, False)


def _psi(column: str, value: float, level: Level) -> dict[str, Stored]:
    m = Measurement(metric="psi", column=column, estimate=value, n=900)
    return {"psi": Stored(Result(Window("2026-08"), m, Verdict(level, "Said.", "drift.psi", "p")), column)}


def test_drift_is_weighed_by_what_the_model_makes_of_the_column() -> None:
    columns = {
        name: _psi(name, value, level)
        for name, value, level in (
            ("loud", 2.0, Level.RED), ("heavy", 0.4, Level.RED), ("score", 0.3, Level.RED),
            ("quiet", 0.01, Level.GREEN),
        )
    }  # fmt: skip
    importance = {"loud": 0.01, "heavy": 0.3, "quiet": 0.69}
    weighed, bare = ranking(columns, importance), ranking(columns, {})
    assert [one.column for one in weighed] == ["score", "heavy", "loud", "quiet"]
    assert [one.column for one in bare] == ["loud", "heavy", "score", "quiet"]
    assert headline(weighed, "2026-08").sentence.endswith("(n 900). They carry 31.0 % of the attribution.")
    assert headline(bare, "2026-08").sentence.endswith("(n 900).")


def test_segments_name_the_worst_and_keep_protected_groups_out(measured: Context) -> None:
    view = segments_view(measured, "lender", "1", window="2026-08")
    assert [choice.key for choice in view.dimensions] == ["region"]
    assert {row.segment for row in view.rows} == {"north", "south"}
    assert view.cells is not None
    assert view.cells.windows == ("2026-08", "2026-09", "2026-10")
    assert "August 2026" in view.headline.sentence


def test_fairness_compares_with_the_declared_group_and_counts_the_small_one(measured: Context) -> None:
    view = fairness_view(measured, "lender", "1", window="2026-09")
    assert view.reference_group == "M"
    assert view.group == "F"
    small = next(row for row in view.rows if row.group == "X")
    assert small.count_only
    assert small.n == 12
    assert view.headline.level is Level.RED
    assert "for F and" in view.headline.sentence
    assert "limit of 0.8" in view.headline.sentence


def test_fairness_is_an_indicator_under_a_policy_never_a_violation(measured: Context) -> None:
    view = fairness_view(measured, "lender", "1")
    assert view.label.startswith("Disparity indicator under policy ")
    assert view.label.endswith("jurisdiction GB.")
    assert "violation" not in str(view).lower()


def test_nothing_explained_yet_is_said(measured: Context) -> None:
    view = explanation_view.explanations_view(measured, "lender", "1")
    assert view.headline.sentence == explanation_view.NOTHING_EXPLAINED
    assert view.remedy == explanation_view.NO_ARTEFACT, "what cannot be done is not advised"
    assert view.waterfall is None


def test_a_waterfall_leads_from_base_value_to_prediction(explanation: Explanation) -> None:
    fall = explanation_view.waterfall(explanation, 3)
    total = fall.base_value + sum(step.attribution for step in fall.steps)
    assert total == pytest.approx(fall.prediction)
    assert fall.sentence.startswith("Row row-3: ")


def test_a_swarm_orders_numbers_and_leaves_words_unordered(explanation: Explanation) -> None:
    income, channel = explanation_view.swarms(explanation)
    assert min(p for p in income.positions if p is not None) == 0.0
    assert max(p for p in income.positions if p is not None) == 1.0
    assert set(channel.positions) == {None}


def test_a_swarm_stays_under_the_marks_of_the_house(explanation: Explanation) -> None:
    many = 3000
    column = replace(explanation.columns[0], values=("1.0",) * many, attributions=(0.1,) * many)
    large = replace(explanation, columns=(column,), row_ids=tuple(map(str, range(many))), importance=())
    large = replace(large, predictions=(0.0,) * many, base_values=(0.0,) * many, importance=explanation.importance[:1])
    assert sum(len(one.attributions) for one in explanation_view.swarms(large)) <= 2000


def test_out_since_looks_past_grey_windows() -> None:
    levels = [Level.GREEN, Level.RED, Level.GREY, Level.AMBER]
    trend = Trend(metric=AUC, subject="all rows", points=tuple(_point(str(at), one) for at, one in enumerate(levels)))
    assert by_window.out_since(trend, "3") == "1"
    assert by_window.out_since(trend, "0") is None


def test_green_asks_for_the_strictest_amber_limit_on_the_side_that_was_passed() -> None:
    limits = [Limit(0.75, Level.AMBER, "level"), Limit(0.70, Level.RED, "level"), Limit(0.52, Level.RED, "drop")]
    point = _point("1", Level.RED, 0.573, rule="level")
    assert by_window.nearest_limit(point, limits) == limits[1]
    assert by_window.remedy(point, AUC, limits) == "AUC of at least 0.750."


def test_a_grey_figure_is_never_worded_as_within_limits() -> None:
    trend = Trend(metric=AUC, subject="all rows", points=(_point("2026-10", Level.GREY, None),))
    assert by_window.sentence(trend, "2026-10") == "AUC cannot be judged in October 2026: too few rows."


def test_the_subject_carries_what_limits_and_words_depend_on(measured: Context) -> None:
    subject = stored.subject(measured, "lender", "1")
    assert subject.windows == ("2026-08", "2026-09", "2026-10")
    assert subject.attributes == ("sex",)
    assert subject.threshold == "flagged from a score of 0.5"


def test_a_measure_without_a_limit_is_not_called_within_limits(measured: Context) -> None:
    sentence = segments_view(measured, "lender", "1", window="2026-08", metric="base_rate").headline.sentence
    assert "the policy sets no limit on it" in sentence
    assert "within limits" not in sentence


def test_a_house_figure_is_held_against_its_worse_direction(measured: Context) -> None:
    trend = performance_view(measured, "lender", "1", window="2026-08", metric="complaint_rate").trend
    assert trend is not None
    reference = trend.points[0].reference
    assert reference is not None
    assert {limit.level: limit.value for limit in trend.limits} == {
        Level.AMBER: pytest.approx(1.1 * reference),
        Level.RED: pytest.approx(1.2 * reference),
    }


def test_a_figure_without_a_limit_is_never_said_to_be_within_one() -> None:
    point = Point(window="2026-10", level=Level.GREEN, estimate=0.8, low=0.7, high=0.9, n=100, rule="no-limit")
    said = by_window.sentence(Trend(metric=AUC, subject="all rows", points=(point,)), "2026-10")
    assert said.startswith("AUC shows no change beyond chance in October 2026")
    assert "within" not in said


def test_what_no_number_of_rows_settles_does_not_ask_for_more_of_them() -> None:
    points = Point(window="2026-10", level=Level.GREY, n=2500, reason="This figure needs a probability.")
    few = replace(points, estimate=0.8, reason="Too little data to judge: 94 more settle it.")
    assert by_window.remedy(points, AUC, ()) == "No more data would: it takes what the reason names."
    assert by_window.remedy(few, AUC, ()) == "More data: the reason says how much."


def test_a_window_that_waits_says_how_far_its_labels_have_come_and_what_it_takes(measured: Context) -> None:
    view = performance_view(measured, "lender", "1", window="2026-10", metric="roc_auc")
    assert view.status is not None
    assert view.status.labels.startswith("0 % in, 0 days after its end.")
    assert "100 % are expected in the end, the mean of the 2 last windows whose labels are in" in view.status.labels
    assert view.status.remedy == "The labels still to come: judged once 80.0 % are in."
    assert view.trend is not None
    assert [point.unlabelled for point in view.trend.points] == [None, None, 3000]


def test_a_window_whose_labels_are_in_does_not_speak_of_them(measured: Context) -> None:
    view = performance_view(measured, "lender", "1", window="2026-09", metric="roc_auc")
    assert view.status is not None
    assert view.status.labels == ""


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Alarm(), "Lender 1 is in breach on performance, calibration and fairness; it is proposed."),
        (Alarm(2, 2), "Lender 1 is past an amber limit on performance; it is proposed."),
        (
            Alarm(3, 3),
            HELD_BACK,
        ),
    ],
)
def test_a_model_whose_alarms_are_held_back_is_not_said_to_be_within_its_limits(
    measured: Context, asked: Alarm, says: str
) -> None:
    damped = replace(measured.policy, thresholds=replace(measured.policy.thresholds, alarm=asked))
    assert model(replace(measured, policy=damped), "lender", "1").sentence == says
