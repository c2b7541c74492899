"""The board's appetite: limits both ways, and a change of appetite that judges no model anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plumbline.domain.errors import PolicyError
from plumbline.domain.results import Level
from plumbline.policy.appetite import FIGURES, Limit
from plumbline.policy.load import Policy, load_policy

Spoiled = Callable[[str, str, str], Path]


def test_every_figure_has_its_limits(policy: Policy) -> None:
    assert set(policy.appetite.limits) == set(FIGURES)
    assert all(limit.amber != limit.red for limit in policy.appetite.limits.values())


@pytest.mark.parametrize(
    ("limit", "value", "level"),
    [
        (Limit(0.05, 0.10), 0.05, Level.GREEN),
        (Limit(0.05, 0.10), 0.10, Level.AMBER),
        (Limit(0.05, 0.10), 0.11, Level.RED),
        (Limit(0.95, 0.90), 0.95, Level.GREEN),
        (Limit(0.95, 0.90), 0.90, Level.AMBER),
        (Limit(0.95, 0.90), 0.89, Level.RED),
    ],
)
def test_a_figure_is_held_against_its_limit_on_the_right_side(limit: Limit, value: float, level: Level) -> None:
    assert limit.level(value) is level


def test_another_appetite_leaves_the_digest_of_verdicts_alone(policy: Policy, spoiled: Spoiled) -> None:
    changed = load_policy(spoiled("appetite.toml", "amber = 0.25", "amber = 0.20"))
    assert changed.appetite != policy.appetite
    assert changed.digest == policy.digest


@pytest.mark.parametrize(
    ("old", "new"), [("amber = 0.25", "ambre = 0.25"), ("[remediation]", "[remedies]"), ("red = 0.40", 'red = "much"')]
)
def test_a_spoiled_appetite_is_refused_by_file_and_key(spoiled: Spoiled, old: str, new: str) -> None:
    with pytest.raises(PolicyError) as refused:
        load_policy(spoiled("appetite.toml", old, new))
    assert "appetite.toml" in str(refused.value)
