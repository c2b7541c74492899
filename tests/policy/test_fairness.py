"""The impact ratio's rules: small groups, missing evidence, and gaps that large samples hide."""

from __future__ import annotations

import pytest

from plumbline.domain.models import Tier
from plumbline.domain.results import Level, Measurement, Verdict
from plumbline.policy.judge import judge
from plumbline.policy.load import load_policy

POLICY = load_policy()


def ratio(value: float, n: int, p: float, favoured: int | None = None, against: int = 2000) -> Verdict:
    m = Measurement(
        metric="impact_ratio",
        segment_by="sex",
        segment="F",
        estimate=value,
        n=n,
        events=round(n * value * 0.5) if favoured is None else favoured,
        n_reference=against,
        p_value=p,
        p_adjusted=p,
    )
    return judge(m, POLICY, family="credit_pd", tier=Tier.ONE)


@pytest.mark.parametrize(
    ("value", "n", "p", "level"),
    [
        (0.78, 150, 0.09, Level.AMBER),
        (0.78, 150, 0.01, Level.RED),
        (0.60, 60, 0.001, Level.AMBER),
        (0.60, 25, 0.001, Level.GREY),
        (0.85, 500, 0.20, Level.AMBER),
        (0.92, 500, 0.20, Level.GREEN),
        (0.97, 90000, 0.001, Level.WATCH),
    ],
)
def test_levels(value: float, n: int, p: float, level: Level) -> None:
    assert ratio(value, n, p).level is level


def test_without_significance_the_evidence_is_called_insufficient() -> None:
    found = ratio(0.78, 150, 0.09)
    assert "Insufficient evidence" in found.reason
    assert found.rule.endswith(".unproven")


def test_few_favoured_rows_are_never_red_alone() -> None:
    assert ratio(0.1, 150, 1e-6, favoured=4).level is Level.AMBER


def test_a_thin_reference_group_cannot_be_compared_with() -> None:
    found = ratio(0.5, 500, 1e-6, against=60)
    assert found.level is Level.GREY
    assert "100 are needed" in found.reason


def test_a_significant_gap_of_five_points_is_amber_at_any_ratio() -> None:
    found = ratio(0.93, 9000, 1e-9, favoured=6300)
    assert found.level is Level.AMBER
    assert "points" in found.reason


@pytest.mark.parametrize(
    ("value", "n", "p", "level"),
    [
        (-0.12, 450, 0.01, Level.RED),
        (0.12, 450, 0.01, Level.RED),
        (-0.12, 60, 0.001, Level.AMBER),
        (-0.12, 150, 0.01, Level.AMBER),
        (-0.12, 20, 0.001, Level.GREY),
        (-0.12, 150, 0.20, Level.AMBER),
        (0.07, 150, 0.01, Level.AMBER),
        (0.03, 9000, 0.01, Level.WATCH),
        (0.03, 9000, 0.30, Level.GREEN),
    ],
)
def test_a_gap_of_true_positive_rates_has_limits_both_ways(value: float, n: int, p: float, level: Level) -> None:
    m = Measurement(
        metric="equal_opportunity_difference", segment_by="sex", segment="F", estimate=value, n=n,
        events=n // 2, n_reference=2000, p_value=p, p_adjusted=p,
    )  # fmt: skip
    verdict = judge(m, POLICY, family="credit_pd", tier=Tier.ONE)
    assert verdict.level is level
    if n == 60:
        assert "never red alone; 340 more settle it" in verdict.reason
