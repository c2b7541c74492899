"""The wrong target: a counter-figure that worsens in a cohort while the proxy holds, window by window."""

from __future__ import annotations

from typing import Any

import pytest

from plumbline.domain.house_metric import HouseMetric
from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.domain.models import Tier
from plumbline.domain.results import Level, Measurement, Verdict
from plumbline.policy.divergence import Judged
from plumbline.policy.load import load_policy
from plumbline.services.divergence import of_window

POLICY = load_policy()
COMPLAINTS = HouseMetric(key="complaint_rate", direction="lower", mean_of="complained", role="counter")
REFUNDS = HouseMetric(key="refund_rate", direction="lower", mean_of="refunded", role="counter")
WELFARE = HouseMetric(key="welfare", direction="higher", mean_of="welfare", role="counter")
CLICKS = HouseMetric(key="clicks", direction="higher", mean_of="clicked", role="proxy")
Cohort = tuple[str | None, str | None]
ALL: Cohort = (None, None)
NEW: Cohort = ("tenure", "new")
SETTLED: Cohort = ("tenure", "settled")


def log(*metrics: HouseMetric) -> LogSpec:
    return LogSpec(
        task=Task.BINARY,
        score="score",
        classes={},
        score_kind=ScoreKind.PROBABILITY,
        score_range=None,
        higher_is="riskier",
        label="label",
        segments=("tenure",),
        groups=("sex",),
        metrics=metrics,
    )


def judged(metric: str, of: Cohort = ALL, level: Level = Level.GREEN, rule: str = "rule", **figure: Any) -> Judged:
    by, segment = of
    given: dict[str, Any] = {"estimate": 0.04, "reference": 0.04, "p_value": 1.0, "n": 1_000, "n_reference": 5_000}
    m = Measurement(metric=metric, segment_by=by, segment=segment, low=0.03, high=0.05, **(given | figure))
    return m, Verdict(level, "its own reason", rule, "p")


def auc(of: Cohort = ALL, level: Level = Level.GREEN, rule: str = "rule") -> Judged:
    return judged("roc_auc", of, level, rule, estimate=0.75, reference=0.74)


def found(of: LogSpec, *figures: Judged) -> dict[Cohort, tuple[Measurement, Verdict]]:
    results = of_window(of, figures, POLICY, family="general", tier=Tier.TWO)
    return {(m.segment_by, m.segment): (m, verdict) for m, verdict in results}


def doubled(of: Cohort, **figure: Any) -> Judged:
    return judged("complaint_rate", of, **{"estimate": 0.08, "p_value": 1e-6, **figure})


def test_a_cohort_whose_complaints_double_while_ranking_holds_is_named_with_both_figures() -> None:
    got = found(log(COMPLAINTS), judged("complaint_rate"), auc(), doubled(NEW), auc(NEW))
    m, verdict = got[NEW]
    assert verdict.level is Level.RED
    assert verdict.reason == (
        "Complaint rate where tenure = new worsened by 100 %, from 0.04 (n 5,000) to 0.08 (0.03 to 0.05, n 1,000) "
        "(corrected p < 0.001), past the red limit of 50 %, while the proxy holds: "
        "AUC is 0.75 (0.03 to 0.05, n 1,000), on the reference 0.74."
    )
    assert (m.metric, m.estimate, m.n) == ("divergence", 1.0, 1_000)
    assert m.low is not None
    assert 0 < m.low < 1.0
    assert got[ALL][1].level is Level.GREEN


@pytest.mark.parametrize(
    ("counter", "proxy", "level", "says"),
    [
        ({"estimate": 0.055}, auc(), Level.AMBER, "past the amber limit"),
        ({"estimate": 0.045}, auc(), Level.WATCH, "more than chance explains"),
        ({"estimate": 0.02}, auc(), Level.GREEN, "improved by 50 %"),
        ({"p_value": 0.2}, auc(), Level.GREY, "Unproven"),
        ({"n": 50}, auc(), Level.GREY, "150 more settle it"),
        ({"estimate": None, "why_not": "No row has a value."}, auc(), Level.GREY, "No row has a value."),
        ({"reference": 0.0}, auc(), Level.RED, "worsened, from 0 (n 5,000) to 0.08"),
        ({"reference": 0.0, "estimate": 0.0, "p_value": 1.0}, auc(), Level.GREEN, "held"),
        ({"reference": None}, auc(), Level.GREY, "no such figure to worsen from"),
        ({}, auc(level=Level.GREY), Level.GREY, "Whether AUC holds cannot be judged: its own reason"),
        ({}, auc(level=Level.RED), Level.GREEN, "the proxy with it"),
        ({}, auc(level=Level.AMBER), Level.GREEN, "the proxy with it"),
        ({}, auc(level=Level.AMBER, rule="auc.unproven"), Level.RED, "while the proxy holds"),
        ({}, judged("log_loss"), Level.GREY, "neither a performance figure nor a proxy"),
    ],
)
def test_verdicts(counter: dict[str, Any], proxy: Judged, level: Level, says: str) -> None:
    verdict = found(log(COMPLAINTS), doubled(ALL, **counter), proxy)[ALL][1]
    assert (verdict.level, says in verdict.reason) == (level, True), verdict.reason


def test_cohorts_are_corrected_together_and_counters_by_their_number() -> None:
    figures = [doubled(each, p_value=0.02) for each in (ALL, NEW, SETTLED)]
    assert [m.p_adjusted for m, _ in found(log(COMPLAINTS), *figures).values()] == [0.06, 0.06, 0.06]
    both = found(log(COMPLAINTS, REFUNDS), doubled(ALL, p_value=0.02), judged("refund_rate"))
    assert both[ALL][0].p_adjusted == 0.04
    assert "complaint_rate" in both[ALL][0].method


def test_of_several_counters_the_one_that_worsened_most_surely_is_told() -> None:
    surer = judged("refund_rate", estimate=0.07, p_value=1e-9)
    improved = judged("welfare", estimate=0.9, reference=0.5, p_value=1e-12)
    got = found(log(WELFARE, COMPLAINTS, REFUNDS), improved, doubled(ALL), surer, auc())
    assert "Refund rate" in got[ALL][1].reason


def test_a_figure_that_should_be_high_worsens_when_it_falls() -> None:
    fell = judged("welfare", estimate=0.3, reference=0.8, p_value=1e-9)
    assert found(log(WELFARE), fell, auc())[ALL][1].level is Level.RED


def test_the_proxy_of_the_house_goes_before_performance() -> None:
    clicks = judged("clicks", level=Level.RED)
    assert found(log(COMPLAINTS, CLICKS), doubled(ALL), auc(), clicks)[ALL][1].level is Level.GREEN


def test_without_a_counter_and_for_protected_groups_nothing_is_claimed() -> None:
    assert found(log(CLICKS), judged("clicks"), auc()) == {}
    assert ("sex", "F") not in found(log(COMPLAINTS), doubled(ALL), doubled(("sex", "F")))
