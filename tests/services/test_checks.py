"""A window's verdicts become one check: past a limit wins, more grey than judged is grey."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from plumbline.domain.models import Tier
from plumbline.domain.results import Level
from plumbline.policy.alarms import Alarm
from plumbline.policy.load import Policy, load_policy
from plumbline.services.checks import check_of, level_of, measured_checks, with_late_data
from plumbline.services.lateness import late_data
from plumbline.services.views.standing import Check
from plumbline.store.standing import Gathered


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy()


def gathered(metric: str = "psi", *, month: int = 1, split: bool = False, **counts: int) -> Gathered:
    return of(counts, metric, month=month, split=split)


def of(counts: dict[str, int], metric: str = "psi", *, month: int = 1, split: bool = False) -> Gathered:
    return Gathered(
        model_id="m",
        version_id="1",
        window=f"2026-{month:02d}",
        window_end=datetime(2026, month + 1, 1, tzinfo=UTC),
        metric=metric,
        split=split,
        counts=tuple((level, counts.get(level.value, 0)) for level in Level),
        column="income",
        segment_by="sector" if split else None,
        segment="retail" if split else None,
        reason="why",
    )


@pytest.mark.parametrize(
    ("counts", "level"),
    [
        ({"green": 9, "red": 1}, Level.RED),
        ({"green": 9, "amber": 1}, Level.AMBER),
        ({"green": 9, "watch": 1}, Level.WATCH),
        ({"green": 2, "grey": 9}, Level.GREY),
        ({"green": 9, "grey": 2}, Level.GREEN),
        ({}, Level.GREY),
    ],
)
def test_the_level_of_a_window(counts: dict[str, int], level: Level) -> None:
    assert level_of([of(counts)]) is level


def test_a_thin_segment_does_not_grey_a_model_and_a_segment_in_breach_is_not_hidden() -> None:
    whole = gathered("roc_auc", green=3)
    assert level_of([whole, gathered("roc_auc", split=True, grey=20)]) is Level.GREEN
    assert level_of([whole, gathered("roc_auc", split=True, grey=20, red=1)]) is Level.RED


def test_a_check_that_is_well_says_what_nobody_could_judge() -> None:
    reasons = {
        state.check: state.reason
        for state in measured_checks(
            [
                gathered("psi", green=5, grey=2),
                gathered("psi", split=True, grey=30),
                gathered("roc_auc", green=3),
                gathered("ece", red=1, grey=1),
            ]
        )
    }
    assert "2 of 7 figures could not be judged." in reasons[Check.DRIFT]
    assert "could not be judged" not in reasons[Check.PERFORMANCE]
    assert "could not be judged" not in reasons[Check.CALIBRATION], "what is past a limit comes first"


def test_while_labels_are_out_the_last_judged_window_speaks_and_says_so() -> None:
    states = measured_checks([gathered("roc_auc", month=1, red=1), gathered("roc_auc", month=2, grey=1)])
    performance = next(state for state in states if state.check is Check.PERFORMANCE)
    assert (performance.level, performance.window) == (Level.RED, "2026-01")
    assert "Later windows up to February 2026 cannot be judged yet." in performance.reason


def test_what_counts_for_less_than_it_was_judged_says_so() -> None:
    damped = replace(gathered("psi", watch=1), judged=Level.RED, times=1)
    drift = next(state for state in measured_checks([damped], Alarm(2, 3)) if state.check is Check.DRIFT)
    assert drift.level is Level.WATCH
    assert drift.reason.endswith(
        "Judged red, it counts as watch: as bad in 1 of its last 3 judged windows, and the policy asks for 2."
    )


def test_what_is_held_back_is_told_before_what_is_a_mere_watch() -> None:
    damped = replace(gathered("wasserstein", watch=1), judged=Level.AMBER, times=1)
    states = measured_checks([gathered("psi", watch=1), damped], Alarm(2, 3))
    drift = next(state for state in states if state.check is Check.DRIFT)
    assert drift.held_back
    assert "Judged amber" in drift.reason
    assert not any(state.held_back for state in measured_checks([gathered("psi", watch=1)]))


@pytest.mark.parametrize(
    ("metric", "check"),
    [
        ("missing_rate", Check.DATA),
        ("psi", Check.DRIFT),
        ("observed_expected", Check.CALIBRATION),
        ("impact_ratio", Check.FAIRNESS),
        ("roc_auc", Check.PERFORMANCE),
        ("complaint_rate", Check.PERFORMANCE),
    ],
)
def test_each_metric_belongs_to_one_check(metric: str, check: Check) -> None:
    assert check_of(metric) is check


def test_the_data_check_is_told_by_its_silent_failure() -> None:
    found = [gathered("missing_rate", red=3), gathered("unit_change", red=1), gathered("silent_failures", red=1)]
    data = next(state for state in measured_checks(found) if state.check is Check.DATA)
    assert (data.level, data.words) == (Level.RED, "unit change")
    assert "Unit change (income)" in data.reason


def test_late_data_leads_the_data_check_unless_something_worse_is_there(policy: Policy) -> None:
    late = late_data(datetime(2026, 8, 1, tzinfo=UTC), Tier.ONE, date(2026, 9, 8), policy)
    assert late is not None
    assert "due by 6 Sep 2026, 2 days ago" in late.says
    well, ill = (measured_checks([one]) for one in (gathered("missing_rate", green=1), gathered("missing_rate", red=1)))
    one, two = (next(c for c in with_late_data(checks, late) if c.check is Check.DATA) for checks in (well, ill))
    assert (one.level, one.words) == (Level.AMBER, "late data")
    assert (two.level, two.words) == (Level.RED, "breach")
    assert late.says in one.reason
    assert late.says in two.reason
    assert with_late_data(well, None) == well


def test_nothing_is_late_before_its_day(policy: Policy) -> None:
    assert late_data(datetime(2026, 8, 1, tzinfo=UTC), Tier.ONE, date(2026, 9, 6), policy) is None
    assert late_data(None, Tier.ONE, date(2026, 9, 6), policy) is None


def told(*windows: dict[str, int]) -> tuple[Level, str]:
    """(level, reason) of performance: a figure that is well, and a divergence of a cohort by month."""
    found = [
        one
        for month, counts in enumerate(windows, start=1)
        for one in (gathered("roc_auc", month=month, green=1), of(counts, "divergence", month=month, split=True))
    ]
    state = next(state for state in measured_checks(found) if state.check is Check.PERFORMANCE)
    return state.level, state.reason


def test_a_divergence_stands_until_a_window_can_say_that_it_is_over() -> None:
    level, reason = told({"green": 2}, {"red": 1}, {"amber": 1, "green": 1}, {"grey": 1, "green": 1})
    assert level is Level.AMBER
    assert reason.startswith("March 2026, Divergence from the proxy: why Since February 2026.")
    assert told({"red": 1}, {"green": 2}) == (Level.GREEN, "February 2026, AUC (income): why")
    assert told({"grey": 2})[0] is Level.GREEN
