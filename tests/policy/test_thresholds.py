"""The thresholds pack is refused by file and key when it makes no sense."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plumbline.domain.errors import PolicyError
from plumbline.policy.load import Policy, load_policy


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("red_above = 0.25", "red_above = 0.05", "clauses[drift.psi].red_above"),
        ("amber_above = 0.10", 'amber_above = "0.10"', "clauses[drift.psi].amber_above"),
        ("inclusive = true", "inklusive = true", "clauses[drift.psi].inklusive"),
        ('metric = "psi"', 'metric = "pis"', "clauses[drift.psi].metric"),
        ('on = "value"', 'on = "values"', "clauses[drift.psi].on"),
        ('minimum = "volume"', 'minimum = "volumes"', "metrics.row_count.minimum"),
        ("significance = 0.05     #", "significanse = 0.05     #", "settings.significanse"),
        ('baseline = "expanding"', 'baseline = "moving"', "history.baseline"),
        ("false_reds = 1.0 ", "false_reds = 0 ", "budget.false_reds"),
        ("windows = 1\nof = 1", "windows = 0\nof = 1", "alarm.windows"),
        ("windows = 1\nof = 1", "windows = 3\nof = 2", "alarm.windows"),
        ("show_from = 30 ", "show_from = -30 ", "fairness.show_from"),
    ],
)
def test_refused(spoiled: Callable[[str, str, str], Path], old: str, new: str, key: str) -> None:
    with pytest.raises(PolicyError) as refused:
        load_policy(spoiled("thresholds.toml", old, new))
    assert "thresholds.toml" in str(refused.value)
    assert key in str(refused.value)


def test_the_budget_is_part_of_what_is_judged_by(policy: Policy, spoiled: Callable[[str, str, str], Path]) -> None:
    text = "[budget]\nfalse_reds = 1.0 "
    assert policy.thresholds.budget.false_reds == 1.0
    other = load_policy(spoiled("thresholds.toml", text, "[budget]\nfalse_reds = 0.5 "))
    assert other.thresholds.budget.false_reds == 0.5
    assert other.digest != policy.digest


def test_every_clause_has_a_source_and_its_own_name(policy: Policy) -> None:
    clauses = [clause for found in policy.thresholds.clauses.values() for clause in found]
    assert len({clause.id for clause in clauses}) == len(clauses) > 15
    assert all(clause.source for clause in clauses)


def test_families_of_the_table_are_all_served(policy: Policy) -> None:
    families = {name for found in policy.thresholds.clauses.values() for clause in found for name in clause.families}
    assert families == {"credit_pd", "fraud", "insurance_pricing", "healthcare", "general"}
