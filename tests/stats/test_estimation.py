"""Rates learnt from outcomes against scikit-learn's, and expected losses against their mean over many outcomes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from plumbline.stats.estimation import brier, calibrate, isotonic, log_loss

counts = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).filter(any), min_size=1, max_size=30)


@settings(deadline=None)  # scikit-learn's first call takes its time
@given(counts)
def test_isotonic_is_scikit_learns(table: list[tuple[int, int]]) -> None:
    negatives, positives = (np.array(side) for side in zip(*table, strict=True))
    rows = negatives + positives
    expected = IsotonicRegression().fit_transform(np.arange(len(rows)), positives / rows, sample_weight=rows)
    assert isotonic(negatives, positives) == pytest.approx(expected, abs=1e-12)


@given(counts)
def test_isotonic_rises_and_keeps_the_events(table: list[tuple[int, int]]) -> None:
    negatives, positives = (np.array(side) for side in zip(*table, strict=True))
    rates = isotonic(negatives, positives)
    assert (np.diff(rates) >= 0).all()
    assert ((negatives + positives) * rates).sum() == pytest.approx(positives.sum())


def drawn(rows: int, seed: int, power: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(scores of the bins, rows without and with the event) where the event comes at score ** power."""
    rng, scores = np.random.default_rng(seed), (np.arange(200) + 0.5) / 200
    at = np.floor(rng.beta(2, 5, rows) * 200).astype(int)
    event = rng.random(rows) < scores[at] ** power
    return scores, np.bincount(at[~event], minlength=200), np.bincount(at[event], minlength=200)


@pytest.mark.parametrize("seed", range(5))
def test_right_scores_are_kept_and_wrong_ones_are_not(seed: int) -> None:
    scores, negatives, positives = drawn(8_000, seed, 1.0)
    kept = calibrate(np.arange(200), negatives, positives, scores)
    assert kept is not None
    assert not kept.isotonic
    assert kept.rates.tolist() == scores.tolist()
    wrong = calibrate(np.arange(200), *drawn(8_000, seed, 2.0)[1:], scores)
    assert wrong is not None
    assert wrong.isotonic
    assert np.abs(wrong.rates[20:120] - scores[20:120] ** 2).mean() < 0.02


def test_one_outcome_teaches_nothing() -> None:
    assert calibrate([0, 1], [5, 5], [0, 0], np.array([0.2, 0.4])) is None
    assert calibrate([], [], [], np.array([0.2, 0.4])) is None


@pytest.mark.parametrize("at", [0.01, 0.3, 0.99])
def test_a_loss_is_expected_and_its_bound_holds_within_the_bin(at: float) -> None:
    rates, low, high = np.array([0.2]), np.array([at - 0.01]), np.array([at + 0.01])
    inside = np.append(np.linspace(max(at - 0.01, 1e-15), min(at + 0.01, 1 - 1e-15), 101), at)
    for loss, of in (
        (brier(rates, low, high), 0.2 * (1 - inside) ** 2 + 0.8 * inside**2),
        (log_loss(rates, low, high), -0.2 * np.log(inside) - 0.8 * np.log1p(-inside)),
    ):
        assert loss.mean[0] == pytest.approx(of[-1], rel=1e-9)
        assert (np.abs(of - loss.mean[0]) <= loss.bound[0] * (1 + 1e-9)).all()
