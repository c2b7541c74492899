"""The registry's page is fresh, and every figure has words in the policy."""

from __future__ import annotations

from pathlib import Path

from plumbline.policy.load import load_policy
from plumbline.stats.registry import METRICS, as_markdown


def test_page_is_fresh() -> None:
    page = Path(__file__).parents[2] / "docs" / "metrics.md"
    assert page.read_text(encoding="utf-8") == as_markdown(), "python -m plumbline.stats.registry > docs/metrics.md"


def test_policy_words_every_metric_and_no_other() -> None:
    assert set(load_policy().thresholds.metrics) == set(METRICS)


def test_shares_are_bounded() -> None:
    shares = [metric for metric in METRICS.values() if metric.unit == "share" and metric.key != "mape"]
    assert len(shares) > 10
    assert all(metric.high == 1.0 for metric in shares)
