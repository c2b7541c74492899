"""Rates learnt from outcomes against scikit-learn's, and expected losses against their mean over many outcomes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from plumbline.stats.classification import shares
from plumbline.stats.estimation import brier, calibrate, isotonic, log_loss, unequal_shares

counts = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).filter(any), min_size=1, max_size=30)


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
@pytest.mark.parametrize("power", [1.0, 1.15])
def test_scores_that_are_off_a_little_are_mended_by_a_curve(seed: int, power: float) -> None:
    scores, negatives, positives = drawn(8_000, seed, power)
    found = calibrate(np.arange(200), negatives, positives, scores)
    assert found is not None
    assert not found.isotonic
    assert np.abs(found.rates[20:120] - scores[20:120] ** power).mean() < 0.015
    assert ((negatives + positives) * found.rates).sum() == pytest.approx(positives.sum()), "as many events as came"


def test_what_no_curve_follows_is_followed_in_steps() -> None:
    rows = np.full(4, 1_000)
    found = calibrate(np.arange(4), rows - [50, 50, 600, 610], [50, 50, 600, 610], np.array([0.1, 0.4, 0.6, 0.9]))
    assert found is not None
    assert found.isotonic
    assert found.rates.tolist() == [0.05, 0.05, 0.6, 0.61]


def test_outcomes_that_the_score_parts_have_no_curve() -> None:
    found = calibrate([0, 1], [50, 0], [0, 50], np.array([0.2, 0.8]))
    assert found is not None
    assert found.rates.tolist() == [0.0, 1.0]


def test_a_score_the_wrong_way_round_is_taken_at_its_word() -> None:
    found = calibrate([0, 1, 2], [100, 500, 900], [900, 500, 100], np.array([0.1, 0.5, 0.9]))
    assert found is not None
    assert found.rates.round(9).tolist() == [0.9, 0.5, 0.1]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_rows_of_unequal_chances_vary_less_and_never_not_at_all(chances: list[float]) -> None:
    p, n = np.array(chances), float(len(chances))
    found, equal = unequal_shares([(p, np.ones_like(p))]), shares(np.array([p.sum()]), np.array([n]))
    assert found.value.tolist() == equal.value.tolist()
    assert found.variance.tolist() == equal.variance.tolist(), "of rows drawn anew"
    width, widest = (float((each.interval.high - each.interval.low)[0]) for each in (found, equal))
    assert 0 < width <= widest * (1 + 1e-12)
    if np.ptp(p) == 0:
        assert width == pytest.approx(widest)


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
