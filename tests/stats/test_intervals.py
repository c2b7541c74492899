"""Laws of intervals and corrections: they hold the estimate, stay finite at the ends, keep the order."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from plumbline.stats.fairness import fisher_exact, impact_ratio
from plumbline.stats.intervals import mean_normal, newcombe, ratio_log, two_proportions, wilson
from plumbline.stats.multiplicity import benjamini_hochberg, holm

SHARES = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@given(SHARES)
def test_wilson_holds_the_share_within_its_bounds(share: tuple[int, int]) -> None:
    k, n = share
    limits = wilson(k, n)
    assert 0 <= limits.low <= k / n <= limits.high <= 1
    assert limits.low < limits.high


@given(SHARES, SHARES)
def test_differences_and_ratios_hold_their_estimate(one: tuple[int, int], two: tuple[int, int]) -> None:
    difference = newcombe(*one, *two)
    assert -1 <= difference.low <= one[0] / one[1] - two[0] / two[1] <= difference.high <= 1
    ratio = ratio_log(*one, *two)
    assert 0 <= ratio.low <= ratio.high < math.inf
    if two[0]:
        value = (one[0] / one[1]) / (two[0] / two[1])
        assert ratio.low <= value * (1 + 1e-12)
        assert value <= ratio.high * (1 + 1e-12)


@given(SHARES, SHARES)
def test_two_proportions_is_symmetric_and_a_probability(one: tuple[int, int], two: tuple[int, int]) -> None:
    p = two_proportions(*one, *two)
    assert 0 <= p <= 1
    assert p == pytest.approx(two_proportions(*two, *one))


@given(st.integers(1, 25).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), SHARES)
def test_fisher_is_scipys(one: tuple[int, int], two: tuple[int, int]) -> None:
    (a, n), (b, m) = one, two
    assert fisher_exact(a, n, b, m) == pytest.approx(
        stats.fisher_exact(np.array([[a, n - a], [b, m - b]])).pvalue, abs=1e-7
    )


@given(P_VALUES)
def test_corrections_keep_places_order_and_never_help(p_values: list[float]) -> None:
    for correct in (benjamini_hochberg, holm):
        adjusted = correct(p_values)
        assert (adjusted >= np.asarray(p_values) - 1e-12).all()
        assert (adjusted <= 1).all()
        order = np.argsort(p_values, kind="stable")
        assert (np.diff(adjusted[order]) >= -1e-12).all()
    assert (benjamini_hochberg(p_values) <= holm(p_values) + 1e-12).all()


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=40))
def test_mean_interval_is_the_normal_one(values: list[float]) -> None:
    x = np.asarray(values)
    limits = mean_normal(float(x.sum()), float((x**2).sum()), len(x))
    half = 1.959963984540054 * x.std(ddof=1) / math.sqrt(len(x))
    assert limits.high - limits.low == pytest.approx(2 * half, abs=1e-3)


def test_a_group_without_anybody_has_no_ratio() -> None:
    assert impact_ratio(0, 0, 5, 10) is None
    assert impact_ratio(3, 10, 0, 10) is None
