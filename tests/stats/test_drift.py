"""Laws of the distances: never negative, zero for the same, symmetric where they say so, exact when merged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from plumbline.stats import distances
from plumbline.stats.drift import chi_square, chi_square_batch, ks, pool, pool_batch, psi, psi_batch

COUNTS = st.integers(2, 12).flatmap(
    lambda bins: st.tuples(*(st.lists(st.integers(0, 500), min_size=bins, max_size=bins) for _ in range(2)))
)
FILLED = COUNTS.filter(lambda table: all(sum(side) > 0 for side in table))


@given(FILLED)
def test_psi_is_never_negative_and_its_limits_hold_it(table: tuple[list[int], list[int]]) -> None:
    found = psi(*table)
    assert found.value >= -1e-12
    assert found.low <= found.value + 1e-12
    assert found.value <= found.high + 1e-12
    assert sum(found.contributions) == pytest.approx(found.value)


@given(FILLED)
def test_psi_is_symmetric(table: tuple[list[int], list[int]]) -> None:
    assert psi(*table).value == pytest.approx(psi(table[1], table[0]).value)


@given(FILLED)
def test_nothing_parts_a_distribution_from_its_own_multiple(table: tuple[list[int], list[int]]) -> None:
    once, thrice = np.asarray(table[0]), 3 * np.asarray(table[0])
    assert psi(once, thrice).value == pytest.approx(0, abs=1e-12)
    assert distances.js_distance(once, thrice).value == pytest.approx(0, abs=1e-6)
    assert ks(once, thrice).value == pytest.approx(0, abs=1e-12)


@given(FILLED)
def test_bounded_distances(table: tuple[list[int], list[int]]) -> None:
    for distance in (distances.js_distance, distances.hellinger, distances.total_variation, distances.l_infinity):
        forth, back = distance(*table), distance(table[1], table[0])
        assert -1e-12 <= forth.value <= 1 + 1e-12
        assert forth.value == pytest.approx(back.value, abs=1e-9)
        assert forth.low <= forth.value + 1e-12
        assert forth.value <= forth.high + 1e-12


@given(FILLED)
def test_pooling_loses_nobody_and_leaves_no_thin_bin(table: tuple[list[int], list[int]]) -> None:
    reference, current = pool(*table)
    assert (reference.sum(), current.sum()) == (sum(table[0]), sum(table[1]))
    expected = (reference + current) * min(reference.sum(), current.sum()) / (reference.sum() + current.sum())
    assert len(expected) == 1 or expected.min() >= 5 - 1e-9


@given(FILLED)
def test_chi_square_is_scipys_contingency_test(table: tuple[list[int], list[int]]) -> None:
    kept = [(r, c) for r, c in zip(*table, strict=True) if r + c > 0]
    if len(kept) < 2:
        assert chi_square(*table).p_value == 1.0
        return
    expected = stats.chi2_contingency(np.asarray(kept).T, correction=False)
    found = chi_square(*table)
    assert (found.statistic, found.p_value) == pytest.approx((expected.statistic, expected.pvalue), abs=1e-9)
    assert found.dof == expected.dof


def test_batches_equal_one_by_one() -> None:
    rng = np.random.default_rng(3)
    reference, current = rng.integers(0, 60, (20, 9)).astype(float), rng.integers(0, 9, (20, 9)).astype(float)
    batch, pooled = psi_batch(reference, current), pool_batch(reference, current)
    statistic, _, _ = chi_square_batch(*pooled)
    for row in range(20):
        assert batch.value[row] == pytest.approx(psi(reference[row], current[row]).value)
        assert statistic[row] == pytest.approx(chi_square(*pool(reference[row], current[row])).statistic)


@pytest.mark.parametrize("seed", range(5))
def test_binned_ks_lies_within_its_bound_of_the_exact_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(0, 1, 3000), rng.normal(0.1, 1.1, 2000)
    edges = np.linspace(-3, 3, 40)
    binned = ks(*(np.bincount(np.searchsorted(edges, x), minlength=41) for x in (a, b)))
    exact = stats.ks_2samp(a, b).statistic
    assert binned.value - 1e-12 <= exact <= binned.value + binned.error_bound + 1e-12
    assert binned.error_bound > 0


def test_psi_without_drift_is_about_its_expectation() -> None:
    rng = np.random.default_rng(8)
    values = [psi(*rng.multinomial(500, [0.1] * 10, 2)) for _ in range(400)]
    assert np.mean([v.value for v in values]) == pytest.approx(values[0].null_expectation, rel=0.1)
    assert values[0].null_expectation == pytest.approx(9 * 2 / 500)


def test_a_bin_that_chance_emptied_is_not_taken_for_drift() -> None:
    """Levels by Zipf's law, the rarest with five of 250 rows: by its floor an empty one alone is worth 0.1."""
    rng = np.random.default_rng(4)
    shares = 1 / np.arange(1.0, 21.0)
    before, after = (rng.multinomial(rows, shares / shares.sum(), 5_000).astype(float) for rows in (5_000, 250))
    reference, current = pool_batch(before, after)
    found = psi_batch(reference, current)
    rate = np.mean(found.value - found.null_expectation > 0.1)
    bins = (reference + current > 0).sum(axis=-1)
    by_formula = np.mean(found.value - (bins - 1) * (1 / 5_000 + 1 / 250) > 0.1)
    assert rate < 0.004 < 0.009 < by_formula


def test_a_bin_that_was_emptied_keeps_its_floor() -> None:
    """Of 500 rows 25 were expected."""
    gone = psi([950, 50], [500, 0])
    assert gone.null_expectation == pytest.approx(1 / 1_000 + 1 / 500)
    assert gone.value > 0.25


def test_empty_share_is_floored_then_renormalised() -> None:
    e, a = np.array([0.5, 0.5]), np.array([1e-4, 1.0]) / 1.0001
    assert psi([50, 50], [0, 100]).value == pytest.approx(float(((a - e) * np.log(a / e)).sum()))
