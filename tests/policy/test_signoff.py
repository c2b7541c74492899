"""Quorums, due days and cadences come from the pack, checked when read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plumbline.domain.errors import PolicyError
from plumbline.domain.models import Tier
from plumbline.domain.people import Seat
from plumbline.domain.signoff import Severity
from plumbline.policy.load import Policy, load_policy
from plumbline.policy.signoff import finding_due, monitoring_cadence, quorum, revalidate_months


def test_tier_one_needs_three_people_and_three_seats(policy: Policy) -> None:
    rule = quorum(Tier.ONE, policy)
    assert rule.quorum == 3
    assert rule.must_include == (Seat.MODEL_RISK_OFFICER, Seat.ACCOUNTABLE_EXECUTIVE, Seat.INDEPENDENT_MEMBER)
    assert rule.expiry_months == 12


def test_negligible_models_are_revalidated_on_a_trigger(policy: Policy) -> None:
    assert revalidate_months(Tier.NEGLIGIBLE, policy) is None
    assert quorum(Tier.NEGLIGIBLE, policy).expiry_months is None
    assert monitoring_cadence(Tier.NEGLIGIBLE, policy).months == 12


def test_severe_findings_are_due_sooner_and_block(policy: Policy) -> None:
    rules = [finding_due(severity, policy) for severity in Severity]
    assert [rule.days for rule in rules] == [30, 90, 180, 365]
    assert [rule.blocks for rule in rules] == [True, True, False, False]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("quorum = 3", "quorum = 2", "tiers.1.quorum"),
        ("quorum = 3", 'quorum = "3"', "tiers.1.quorum"),
        ("due_days = 30", "dew_days = 30", "findings.critical.dew_days"),
        ("revalidate_m = 12", "revalidate = 12", "tiers.1.revalidate"),
        ('monitor = "monthly"', 'monitor = "daily"', "cadence.daily"),
        ("blocks = true", "blocks = 1", "findings.critical.blocks"),
        ("effective = 2026-11-21", 'effective = "soon"', "pack.effective"),
        ('name = "signoff"', 'name = "other"', "pack.name"),
    ],
)
def test_a_spoiled_pack_is_refused_by_file_and_key(
    spoiled: Callable[[str, str, str], Path], old: str, new: str, key: str
) -> None:
    with pytest.raises(PolicyError) as refused:
        load_policy(spoiled("signoff.toml", old, new))
    assert "signoff.toml" in str(refused.value)
    assert key in str(refused.value)
