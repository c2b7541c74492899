"""Verdicts in their order: grey, red, amber, unproven, watch, green; each in words that name value, limit and rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.domain.models import Tier
from plumbline.domain.results import Level, Measurement, Verdict
from plumbline.policy.judge import UNPROVEN, judge, judge_window, next_step
from plumbline.policy.load import Policy, load_policy
from plumbline.policy.thresholds import History, Minimum

POLICY = load_policy()


def psi(value: float, **changes: Any) -> Measurement:
    given_values: dict[str, Any] = {"n": 5000, "n_reference": 5000, "p_adjusted": 1e-8, "null_expectation": 0.004}
    return Measurement(metric="psi", column="x", estimate=value, **given_values | changes)


def gini(estimate: float, reference: float, p: float = 1e-6, **changes: Any) -> Measurement:
    given_values: dict[str, Any] = {"n": 5000, "events": 800, "low": estimate - 0.03, "high": estimate + 0.03}
    return Measurement(metric="gini", estimate=estimate, reference=reference, p_adjusted=p, **given_values | changes)


def verdict(m: Measurement, family: str = "credit_pd", policy: Policy = POLICY) -> Verdict:
    return judge(m, policy, family=family, tier=Tier.TWO)


@pytest.mark.parametrize(
    ("measurement", "level"),
    [
        (psi(0.31), Level.RED),
        (psi(0.25), Level.AMBER),
        (psi(0.12), Level.AMBER),
        (psi(0.05), Level.WATCH),
        (psi(0.05, p_adjusted=0.4), Level.GREEN),
        (psi(0.12, p_adjusted=0.4), Level.AMBER),
        (psi(0.31, n=120), Level.GREY),
        (psi(0.31, n_reference=499), Level.GREY),
    ],
)
def test_psi(measurement: Measurement, level: Level) -> None:
    assert verdict(measurement).level is level


@pytest.mark.parametrize(
    ("share", "level", "words"),
    [
        (0.36, Level.RED, "rose by 6 points, from 30 % to 36 %, past the red limit of 5 points"),
        (0.33, Level.AMBER, "rose by 3 points, from 30 % to 33 %, past the amber limit of 2 points"),
        (0.22, Level.WATCH, "Within the limits, yet the change is more than chance explains"),
        (0.18, Level.AMBER, "fell by 12 points, from 30 % to 18 %, past the amber limit of 10 points"),
        (0.02, Level.RED, "fell by 28 points, from 30 % to 2 %, past the red limit of 20 points"),
    ],
)
def test_values_that_vanish_or_appear(share: float, level: Level, words: str) -> None:
    found = verdict(Measurement(metric="missing_rate", column="x", estimate=share, reference=0.3, n=5000, p_adjusted=0))
    assert found.level is level
    assert words in found.reason


def test_too_few_rows_are_grey_and_say_how_many_would_settle_it() -> None:
    found = verdict(psi(0.13, n=120, null_expectation=0.09))
    assert found.level is Level.GREY
    assert "500 rows are needed, 120 are here; 380 more settle it" in found.reason
    assert "0.09 is expected" in found.reason


def test_noise_of_small_windows_is_not_taken_for_drift() -> None:
    found = verdict(psi(0.11, n=600, n_reference=600, null_expectation=0.03))
    assert found.level is Level.WATCH
    assert "PSI is 0.11, of which chance alone shows 0.03" in found.reason


def test_what_ordinary_windows_of_a_column_show_is_no_alarm() -> None:
    found = verdict(psi(0.31, p_adjusted=0.4, ordinary=0.2))
    assert found.level is Level.GREEN
    assert "Within the column's own band: PSI is 0.31, past the limit of 0.1, and 20 % of its ordinary" in found.reason
    assert verdict(psi(0.31, p_adjusted=0.01, ordinary=0.001)).level is Level.WATCH
    assert verdict(psi(0.31, ordinary=1e-5)).level is Level.RED


def unseen(k: int, n: int) -> Measurement:
    return Measurement(metric="unseen_rate", column="x", estimate=k / n, low=k / n / 2, high=2 * k / n, n=n)


def test_a_limit_of_a_few_rows_judges_no_share() -> None:
    """However low the house sets its minimum: three rows of 250 are 1.2 %, and so are three rows by chance."""
    clauses = {"unseen_rate": tuple(replace(c, minimum=Minimum()) for c in POLICY.thresholds.clauses["unseen_rate"])}
    anything_goes = replace(POLICY, thresholds=replace(POLICY.thresholds, clauses=clauses))
    found = verdict(unseen(3, 250), policy=anything_goes)
    assert found.level is Level.GREY
    assert "the amber limit of 1 % is 2.5 of 250 rows, 5 are needed; 250 more rows settle it" in found.reason
    assert verdict(unseen(6, 500), policy=anything_goes).level is Level.AMBER


def test_new_levels_that_windows_without_drift_show_too_are_no_alarm() -> None:
    """A reference of 5,000 rows lacks some of 300 levels: 7 rows of 500 with them come once in a hundred months."""
    ordinary = verdict(replace(unseen(7, 500), null_expectation=0.002, p_value=0.011, p_adjusted=0.2))
    assert ordinary.level is Level.GREEN
    assert "and 1.1 % of its ordinary windows show as much" in ordinary.reason
    assert verdict(replace(unseen(7, 500), p_value=0.002, p_adjusted=0.04)).level is Level.WATCH
    rare = verdict(replace(unseen(7, 500), null_expectation=0.002, p_value=0.0001, p_adjusted=0.002))
    assert (rare.level, rare.rule) == (Level.AMBER, "quality.unseen" + UNPROVEN)
    assert verdict(replace(unseen(100, 500), p_value=1e-40, p_adjusted=1e-38)).level is Level.RED


def test_new_levels_shown_to_be_past_a_limit_are_an_alarm_whatever_the_reference_had_met() -> None:
    """A reference whose column was empty has met no level: by itself it makes any number of new ones likely."""
    assert verdict(replace(unseen(433, 500), p_value=0.9, p_adjusted=1.0)).level is Level.RED


def test_a_policy_without_a_band_holds_new_levels_to_the_bare_limit() -> None:
    without = replace(POLICY, thresholds=replace(POLICY.thresholds, history=History()))
    assert verdict(replace(unseen(7, 500), p_value=0.011, p_adjusted=0.2), policy=without).level is Level.AMBER


def test_what_is_past_a_limit_beyond_noise_and_may_be_chance_is_unproven() -> None:
    found = verdict(psi(0.15, n=600, n_reference=600, null_expectation=0.03, p_adjusted=0.2))
    assert found.level is Level.AMBER
    assert found.rule.endswith(UNPROVEN)
    assert "chance may explain it" in found.reason
    assert "rows would settle it" in found.reason


def test_a_fall_is_past_red_only_beyond_chance() -> None:
    proven = verdict(gini(0.40, 0.52))
    assert proven.level is Level.RED
    assert proven.rule == "credit_pd.gini_drop"
    assert "fell by 0.12, from 0.52 to 0.4, past the red limit of 0.1" in proven.reason
    open_question = verdict(gini(0.40, 0.52, p=0.08))
    assert open_question.level is Level.AMBER
    assert open_question.reason.startswith("Unproven: ")
    assert "rows would settle it" in open_question.reason


def test_a_rise_is_no_drop() -> None:
    assert verdict(gini(0.62, 0.50)).level is Level.WATCH


def test_level_and_drop_are_both_held_and_the_worse_one_speaks() -> None:
    found = verdict(gini(0.18, 0.20, p=0.5))
    assert found.level is Level.RED
    assert found.rule == "credit_pd.gini_level"


def test_level_needs_the_whole_interval_beyond_the_limit() -> None:
    wide = verdict(gini(0.33, 0.34, p=0.5, low=0.25, high=0.41))
    assert (wide.level, wide.rule) == (Level.AMBER, "credit_pd.gini_level" + UNPROVEN)


def test_both_sides_count_where_the_level_matters() -> None:
    ratio = Measurement(metric="observed_expected", estimate=0.6, n=5000, events=300, p_adjusted=1e-9)
    assert verdict(ratio).level is Level.RED
    assert verdict(replace(ratio, estimate=1.3)).level is Level.AMBER
    assert verdict(replace(ratio, estimate=1.0, p_adjusted=0.9)).level is Level.GREEN


def test_families_have_their_own_limits() -> None:
    recall = Measurement(metric="recall", estimate=0.70, reference=0.82, n=400, events=280, p_adjusted=1e-4)
    assert verdict(recall, "fraud").level is Level.RED
    assert verdict(recall, "credit_pd").level is Level.WATCH


def test_what_could_not_be_made_is_grey_with_its_reason() -> None:
    found = verdict(Measurement(metric="roc_auc", why_not="Only one outcome is present."))
    assert (found.level, found.reason) == (Level.GREY, "Only one outcome is present.")


def test_immature_labels_are_grey_before_all_else() -> None:
    found = verdict(gini(0.1, 0.6, mature=False, label_share=0.31))
    assert found.level is Level.GREY
    assert "31 % of the labels are in" in found.reason


def test_levels_without_a_limit_never_alarm() -> None:
    rows = Measurement(metric="row_count", estimate=10.0, reference=90000.0, n=10)
    assert verdict(rows).level is Level.GREEN
    rate = Measurement(metric="base_rate", estimate=0.4, reference=0.1, n=9000, p_adjusted=1e-12)
    assert verdict(rate).level is Level.WATCH


@pytest.mark.parametrize(
    ("direction", "estimate", "level"),
    [
        ("lower", 0.13, Level.RED),
        ("lower", 0.08, Level.WATCH),
        ("higher", 0.085, Level.AMBER),
        ("higher", 0.07, Level.RED),
    ],
)
def test_house_metrics_are_judged_in_their_worse_direction(direction: str, estimate: float, level: Level) -> None:
    m = Measurement(
        metric="complaint_rate", estimate=estimate, reference=0.10, n=5000, p_adjusted=1e-6, direction=direction
    )
    assert verdict(m).level is level


@pytest.mark.parametrize(("p", "level"), [(1e-6, Level.RED), (0.4, Level.AMBER)])
def test_a_house_metric_that_comes_up_from_nothing_is_judged(p: float, level: Level) -> None:
    m = Measurement(
        metric="complaint_rate", estimate=0.08, reference=0.0, n=5000, n_reference=5000, p_adjusted=p, direction="lower"
    )
    found = verdict(m)
    assert found.level is level
    assert "Complaint rate rose, from 0 to 0.08" in found.reason


def test_window_keeps_its_order() -> None:
    found = judge_window([psi(0.31), gini(0.5, 0.5, p=0.9)], POLICY, family="credit_pd", tier=Tier.ONE)
    assert [each.level for each in found] == [Level.RED, Level.GREEN]
    assert all(each.policy == POLICY.digest for each in found)


def test_every_limited_metric_has_a_next_step() -> None:
    limited = [metric for metric, clauses in POLICY.thresholds.clauses.items() if clauses]
    assert len(limited) > 10
    assert all(next_step(metric, POLICY).endswith(".") for metric in [*limited, "complaint_rate"])


@given(st.floats(0, 2), st.floats(0, 2), st.floats(0, 1))
def test_more_drift_is_never_judged_milder(one: float, other: float, p: float) -> None:
    small, large = sorted((one, other))
    ranks = [verdict(psi(value, p_adjusted=p)).level.rank for value in (small, large)]
    assert ranks[0] <= ranks[1]


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 1), st.integers(0, 5000), st.integers(0, 5000))
def test_every_verdict_has_words(estimate: float, reference: float, p: float, n: int, events: int) -> None:
    m = gini(estimate, reference, p, n=n, events=min(n, events))
    for family in ("credit_pd", "insurance_pricing", "general"):
        found = verdict(m, family)
        assert found.reason.endswith(".")
        assert "nan" not in found.reason
