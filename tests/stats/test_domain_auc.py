"""The area over folds against scikit-learn's, and a test that is honest about folds that learn from each other."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from plumbline.stats.domain_auc import domain_auc
from plumbline.stats.intervals import Interval


def folds(rng: np.random.Generator, *, count: int = 5, rows: int = 60, apart: int = 0) -> list[np.ndarray]:
    """Rows of either side by one of ten scores, the second side's `apart` scores higher."""
    below, above = (rng.integers(0, 10, (count, rows)) + by for by in (1, 1 + apart))
    return [np.array([np.bincount(side[at], minlength=20) for side in (below, above)]) for at in range(count)]


def test_it_is_the_mean_of_the_areas_within_folds() -> None:
    found = folds(np.random.default_rng(1), apart=2)
    areas = [
        roc_auc_score(np.repeat([0, 1], fold.sum(axis=1)), np.repeat(np.tile(np.arange(20), 2), fold.ravel()))
        for fold in found
    ]
    made = domain_auc(found)
    assert made is not None
    assert made.value == pytest.approx(float(np.mean(areas)), abs=1e-12)
    assert made.interval.low < made.value < made.interval.high


def test_what_is_told_apart_every_time_and_what_never_is() -> None:
    perfect, none = domain_auc([np.array([[9, 0], [0, 9]])] * 5), domain_auc([np.array([[9], [9]])] * 5)
    assert perfect is not None
    assert none is not None
    assert (perfect.value, perfect.p_value, perfect.interval.high) == (1.0, 0.0, 1.0)
    assert 0.9 < perfect.interval.low < 1.0
    assert (none.value, none.p_value) == (0.5, 1.0)


def test_worse_than_chance_is_chance() -> None:
    made = domain_auc(folds(np.random.default_rng(2), apart=-1))
    assert made is not None
    assert made.value < 0.5
    assert made.p_value > 0.5


@pytest.mark.parametrize("found", [[], [np.array([[3, 2], [0, 0]])], [np.array([[1, 2], [2, 1]]), np.zeros((2, 2))]])
def test_a_fold_without_rows_of_a_side_has_no_area(found: list[np.ndarray]) -> None:
    assert domain_auc([each.astype(np.int64) for each in found]) is None


def test_limits_are_wider_than_independent_folds_would_give() -> None:
    """Five folds that learn from each other know little more than two that do not."""
    fold = folds(np.random.default_rng(3), count=1, rows=400, apart=1)[0]
    one, five = domain_auc([fold]), domain_auc([fold] * 5)
    assert one is not None
    assert five is not None

    def width(interval: Interval) -> float:
        return interval.high - interval.low

    assert width(one.interval) / width(five.interval) == pytest.approx((1 / 0.45) ** 0.5, rel=0.01)
