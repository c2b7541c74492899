"""Tiers follow the matrix of materiality and inherent risk, and floors only make them stricter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.domain.errors import PolicyError
from plumbline.domain.models import Automation, Tier, TierInputs
from plumbline.policy.load import Policy, load_policy
from plumbline.policy.tiering import tier

POLICY = load_policy()
ORDER = list(Tier)


KEYS = (*POLICY.tiering.materiality, *POLICY.tiering.inherent)


def answers(score: int, **changes: int) -> TierInputs:
    values: dict[str, Any] = dict.fromkeys(KEYS, score) | changes
    return TierInputs(**values)


@pytest.mark.parametrize(
    ("materiality", "inherent", "expected"),
    [(5, 5, "1"), (5, 3, "1"), (5, 1, "2"), (3, 5, "1"), (3, 3, "2"), (3, 1, "3"), (1, 5, "2"), (1, 3, "3")],
)
def test_matrix(policy: Policy, materiality: int, inherent: int, expected: str) -> None:
    inputs = answers(inherent, exposure=materiality, purpose=materiality)
    result = tier(inputs, policy, automation=Automation.ADVISORY, affects_people=False)
    assert result.tier.value == expected
    assert result.floors == ()


def test_lowest_answers_are_negligible(policy: Policy) -> None:
    result = tier(answers(1), policy, automation=Automation.ADVISORY, affects_people=True)
    assert result.tier is Tier.NEGLIGIBLE
    assert "low" in result.because


def test_band_edge_belongs_to_the_higher_band(policy: Policy) -> None:
    result = tier(answers(3, exposure=3, purpose=4), policy, automation=Automation.ADVISORY, affects_people=False)
    assert (result.materiality, result.materiality_band) == (3.5, "H")


def test_flag_and_automation_are_floors(policy: Policy) -> None:
    flagged = replace(answers(1), flags=("patient_safety",))
    result = tier(flagged, policy, automation=Automation.ADVISORY, affects_people=False)
    assert result.tier is Tier.ONE
    assert result.floors == ("patient_safety",)
    alone = tier(answers(1), policy, automation=Automation.FULLY_AUTOMATED, affects_people=True)
    assert alone.tier is Tier.TWO
    assert "fully automated and affects people" in alone.because


@pytest.mark.parametrize("wrong", [answers(3, purpose=6), replace(answers(3), flags=("sox",))])
def test_unusable_answers_are_refused_by_name(policy: Policy, wrong: TierInputs) -> None:
    with pytest.raises(PolicyError, match=r"purpose|sox"):
        tier(wrong, policy, automation=Automation.ADVISORY, affects_people=False)


@given(st.lists(st.integers(1, 5), min_size=7, max_size=7), st.integers(0, 6))
def test_a_higher_answer_never_loosens_the_tier(scores: list[int], raised: int) -> None:
    given_answers = dict(zip(KEYS, scores, strict=True))
    raised_answers = given_answers | {KEYS[raised]: min(5, scores[raised] + 1)}
    both = (answers(1, **given_answers), answers(1, **raised_answers))
    results = [tier(each, POLICY, automation=Automation.ADVISORY, affects_people=True).tier for each in both]
    assert ORDER.index(results[1]) <= ORDER.index(results[0])
