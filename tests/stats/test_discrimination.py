"""Ranking figures against scikit-learn on every row, and DeLong's spread against its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from plumbline.stats.discrimination import average_precision, gini, ks_separation, roc_auc

COUNTS = st.integers(1, 12).flatmap(
    lambda bins: st.tuples(*(st.lists(st.integers(0, 30), min_size=bins, max_size=bins) for _ in range(2)))
)


def rows(table: tuple[list[int], list[int]]) -> tuple[list[int], list[int]]:
    """(labels, scores) of each row: the bin's place is its score."""
    labels = [0] * sum(table[0]) + [1] * sum(table[1])
    return labels, [place for side in table for place, count in enumerate(side) for _ in range(count)]


# The first example pays for the import of scikit-learn.
@given(COUNTS)
def test_counts_give_what_the_rows_give(table: tuple[list[int], list[int]]) -> None:
    auc = roc_auc(*table, exact=True)
    if not (sum(table[0]) and sum(table[1])):
        assert auc is None
        assert average_precision(*table) is None
        assert ks_separation(*table) is None
        return
    precision = average_precision(*table, exact=True)
    assert auc is not None
    assert precision is not None
    assert auc.value == pytest.approx(roc_auc_score(*rows(table)))
    assert precision.value == pytest.approx(average_precision_score(*rows(table)))
    assert 0 <= auc.interval.low <= auc.value + 1e-9
    assert auc.value <= auc.interval.high + 1e-9 <= 1 + 1e-8


@pytest.mark.parametrize("seed", range(5))
def test_binning_costs_no_more_than_the_bound(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(2000) < 0.2).astype(int)
    score = 1 / (1 + np.exp(-rng.normal(y * 1.2 - 1, 1)))
    table = [np.bincount((score[y == side] * 50).astype(int), minlength=50) for side in (0, 1)]
    auc, ap = roc_auc(*table), average_precision(*table)
    assert auc is not None
    assert ap is not None
    assert abs(auc.value - roc_auc_score(y, score)) <= auc.error_bound
    assert abs(ap.value - average_precision_score(y, score)) <= ap.error_bound
    gap = ks_separation(*table)
    assert gap is not None
    thresholds = np.unique(score)
    exact = max(abs((score[y == 0] <= t).mean() - (score[y == 1] <= t).mean()) for t in thresholds)
    assert gap.value - 1e-12 <= exact <= gap.value + gap.error_bound + 1e-12


def test_delong_variance_is_that_of_the_placement_values() -> None:
    rng = np.random.default_rng(4)
    neg, pos = rng.integers(0, 8, 60), rng.integers(2, 10, 40)
    table = [np.bincount(side, minlength=10) for side in (neg, pos)]
    wins = (pos[:, None] > neg) + 0.5 * (pos[:, None] == neg)
    auc = roc_auc(*table)
    assert auc is not None
    assert auc.variance == pytest.approx(wins.mean(1).var(ddof=1) / 40 + wins.mean(0).var(ddof=1) / 60)


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng, truth, hits = np.random.default_rng(5), 0.7602499389065233, 0  # Phi(1 / sqrt 2)
    for _ in range(300):
        samples = rng.normal(0, 1, 150), rng.normal(1, 1, 60)
        edges = np.linspace(-4, 5, 400)
        auc = roc_auc(*(np.bincount(np.searchsorted(edges, x), minlength=401) for x in samples))
        assert auc is not None
        hits += auc.interval.low <= truth <= auc.interval.high
    assert 0.91 <= hits / 300 <= 0.985


def test_perfect_ranking_has_a_finite_interval() -> None:
    auc = roc_auc([50, 0], [0, 20])
    assert auc is not None
    assert (auc.value, auc.interval.high) == (1.0, 1.0)
    assert 0.8 < auc.interval.low < 1.0
    assert gini(auc.value) == 1.0
