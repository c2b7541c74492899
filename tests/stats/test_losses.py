"""Calibration, regression and several classes from sums alone, against scikit-learn on the rows."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

from plumbline.stats import calibration, multiclass, regression
from plumbline.stats.discrimination import roc_auc

RNG = np.random.default_rng(11)
ACTUAL = RNG.gamma(2, 3, 500)
PREDICTED = ACTUAL * 0.9 + RNG.normal(0.5, 1, 500)
ERROR = PREDICTED - ACTUAL
N = 500


def test_errors() -> None:
    squares = ERROR**2
    root = regression.rmse(squares.sum(), (squares**2).sum(), N)
    absolute = regression.mae(np.abs(ERROR).sum(), squares.sum(), N)
    fit = regression.r2(squares.sum(), ACTUAL.sum(), (ACTUAL**2).sum(), N)
    assert root is not None
    assert absolute is not None
    assert fit is not None
    assert root.value == pytest.approx(mean_squared_error(ACTUAL, PREDICTED) ** 0.5)
    assert absolute.value == pytest.approx(mean_absolute_error(ACTUAL, PREDICTED))
    assert fit.value == pytest.approx(r2_score(ACTUAL, PREDICTED))
    for figure in (root, absolute, fit):
        assert figure.interval.low < figure.value < figure.interval.high


def test_actual_over_expected_spreads_like_its_bootstrap() -> None:
    found = regression.actual_expected(ACTUAL.sum(), PREDICTED.sum(), ERROR.sum(), (ERROR**2).sum(), N)
    draws = RNG.integers(0, N, (2000, N))
    bootstrap = ACTUAL[draws].sum(1) / PREDICTED[draws].sum(1)
    assert found is not None
    assert found.variance**0.5 == pytest.approx(bootstrap.std(), rel=0.15)


def test_ratio_of_sums_spreads_like_its_bootstrap() -> None:
    x, y = ACTUAL, PREDICTED
    found = regression.ratio_of_sums(x.sum(), y.sum(), (x**2).sum(), (y**2).sum(), (x * y).sum(), N)
    draws = RNG.integers(0, N, (2000, N))
    assert found is not None
    assert found.variance**0.5 == pytest.approx((x[draws].sum(1) / y[draws].sum(1)).std(), rel=0.15)


def test_nothing_to_measure_is_none() -> None:
    assert regression.rmse(0.0, 0.0, 0) is None
    assert regression.r2(0.0, 6.0, 12.0, 3) is None, "a constant outcome"
    assert regression.actual_expected(1.0, 0.0, 0.0, 0.0, 3) is None
    assert calibration.ece([0] * 10, [0.0] * 10, [0.0] * 10) is None
    assert calibration.observed_expected(0, 0.0, 5) is None
    assert multiclass.accuracy([[0, 0], [0, 0]]) is None
    assert multiclass.macro_auc([roc_auc([1], [1]), roc_auc([1], [0])]) is None


def test_true_probabilities_are_found_calibrated() -> None:
    p = RNG.beta(2, 5, 20000)
    y = RNG.random(20000) < p
    ratio = calibration.observed_expected(int(y.sum()), p.sum(), len(p))
    assert ratio is not None
    assert ratio.interval.low < 1 < ratio.interval.high
    assert calibration.miscalibration(int(y.sum()), p.sum(), (p * (1 - p)).sum()) > 0.01
    assert calibration.miscalibration(int(y.sum()) + 400, p.sum(), (p * (1 - p)).sum()) < 1e-6


def test_calibration_error_is_the_bands_own_gap() -> None:
    p = RNG.beta(2, 5, 3000)
    y = RNG.random(3000) < p**2
    band = (p * 10).astype(int)
    found = calibration.ece(
        np.bincount(band, minlength=10), np.bincount(band, p, minlength=10), np.bincount(band, y, minlength=10)
    )
    expected = sum((band == b).mean() * abs(p[band == b].mean() - y[band == b].mean()) for b in np.unique(band))
    assert found is not None
    assert found.value == pytest.approx(expected)
