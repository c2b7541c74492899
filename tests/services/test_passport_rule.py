"""What a passport says of the rule behind a verdict: the rule that judged it, and no other."""

from __future__ import annotations

import pytest

from plumbline.domain.models import Tier
from plumbline.domain.results import Level, Measurement, Result, Verdict, Window
from plumbline.domain.silent import SILENT_FAILURES, SilentFailure
from plumbline.policy.judge import judge_window
from plumbline.policy.load import load_policy
from plumbline.services.passport_rule import rule
from plumbline.services.views.passport import Rule
from plumbline.services.views.status import marked

POLICY = load_policy()


def _rule(metric: str) -> Rule:
    verdict = Verdict(Level.RED, "", "", POLICY.digest)
    return rule(Result(Window("2026-09"), Measurement(metric=metric), verdict), POLICY, "general", Tier.ONE, "")


def _takes(metric: str, level: Level) -> str:
    return dict(_rule(metric).levels)[marked(level)]


@pytest.mark.parametrize("failure", list(SilentFailure))
def test_a_silent_failure_has_a_clause_of_the_level_that_it_is_judged_at(failure: SilentFailure) -> None:
    (clause,) = _rule(failure).clauses
    level = POLICY.thresholds.silent.levels[failure]
    assert clause.id == f"silent.{failure}"
    assert {Level.AMBER: clause.amber, Level.RED: clause.red}[level]
    assert not {Level.AMBER: clause.red, Level.RED: clause.amber}[level]


def test_the_number_of_silent_failures_is_as_bad_as_the_worst_of_them() -> None:
    (clause,) = _rule(SILENT_FAILURES).clauses
    for failure, level in POLICY.thresholds.silent.levels.items():
        assert failure.replace("_", " ") in {Level.AMBER: clause.amber, Level.RED: clause.red}[level]
    assert "no limit" not in " ".join(takes for _, takes in _rule(SILENT_FAILURES).levels)


def test_an_unproven_divergence_is_grey_and_said_to_be() -> None:
    assert "not shown real" in _takes("divergence", Level.GREY)
    assert "not yet" not in _takes("divergence", Level.AMBER)


def test_an_estimate_is_grey_until_earlier_ones_came_true() -> None:
    assert "earlier estimates" in _takes("estimated_roc_auc", Level.GREY)


def test_a_gap_between_groups_is_red_from_rows_of_its_own() -> None:
    (clause,) = _rule("calibration_gap").clauses
    assert f"red from {POLICY.thresholds.fairness.gap_from:,} rows" in clause.minimum


def test_a_distance_may_be_ordinary_by_its_own_history() -> None:
    assert "own history" in _takes("psi", Level.GREEN)
    assert "own history" not in _takes("roc_auc", Level.GREEN)


def test_new_levels_may_be_ordinary_without_any_history() -> None:
    assert "or 0.02 % of windows without any drift show as much" in _takes("unseen_rate", Level.GREEN)


@pytest.mark.parametrize("metric", ["psi", "unseen_rate", "out_of_range_rate", "concept_shift"])
def test_what_is_judged_less_its_noise_is_said_to_be(metric: str) -> None:
    over = _rule(metric).clauses[0]
    limit = next(clause for clause in POLICY.thresholds.clauses[metric] if clause.id == over.id).amber.above or 0.0
    noisy = Measurement(
        metric=metric, estimate=1.5 * limit, null_expectation=limit, p_value=1e-9, n=10**6, n_reference=10**6,
        events=10**5,
    )  # fmt: skip
    (verdict,) = judge_window([noisy], POLICY, family="general", tier=Tier.ONE)
    assert verdict.level is Level.WATCH
    assert "less what so few rows show" in over.held
