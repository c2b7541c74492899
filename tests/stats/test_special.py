"""The tails of special.py against scipy's, and against mpmath's where scipy's own last digits are in doubt."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import special

from plumbline.stats.special import beta_cdf, binomial_tail, chi_square_tail, kolmogorov_tail

CLOSE = 1e-12  # relative
CHANCE = st.floats(1e-6, 1 - 1e-6)


@given(st.floats(0, 13))
def test_kolmogorov(z: float) -> None:
    assert kolmogorov_tail(z) == pytest.approx(special.kolmogorov(z), rel=CLOSE, abs=1e-300)


@given(st.lists(st.floats(0, 13), min_size=1, max_size=40))
def test_a_tail_hangs_on_no_other(z: list[float]) -> None:
    assert kolmogorov_tail(z).tolist() == [float(kolmogorov_tail(each)) for each in z]
    freedom = [1 + int(each) for each in z]
    assert chi_square_tail(freedom, z).tolist() == [
        float(chi_square_tail(*each)) for each in zip(freedom, z, strict=True)
    ]


def test_kolmogorov_is_1_at_nothing_and_0_far_out() -> None:
    assert kolmogorov_tail([0.0, 1e-9, 0.02]).tolist() == [1.0, 1.0, 1.0]
    assert kolmogorov_tail([50.0, math.inf]).tolist() == [0.0, 0.0]


@given(st.integers(1, 1_200), st.floats(0.2, 3.0))
@example(1_188, 2.383953351729263)
def test_chi_square(freedom: int, times: float) -> None:
    # Far out scipy's own tail is off by 1e-12 of itself; this one has fifty digits.
    with mpmath.workdps(50):
        exact = float(mpmath.gammainc(mpmath.mpf(freedom) / 2, mpmath.mpf(times * freedom) / 2, regularized=True))
    assert float(chi_square_tail(freedom, times * freedom)) == pytest.approx(exact, rel=CLOSE, abs=1e-250)


def test_chi_square_at_its_ends() -> None:
    assert chi_square_tail([1, 2, 300], 0.0).tolist() == [1.0, 1.0, 1.0]
    assert chi_square_tail([1, 2, 300], [1e6, math.inf, 1e6]).tolist() == [0.0, 0.0, 0.0]


@st.composite
def _seen(draw: st.DrawFn) -> tuple[int, int, float]:
    """(events, rows, chance): events anywhere, or within ten standard deviations of what is expected."""
    n, chance = draw(st.integers(1, 2_000_000)), draw(CHANCE)
    if draw(st.booleans()):
        return draw(st.integers(0, n)), n, chance
    off = draw(st.floats(-10, 10)) * math.sqrt(n * chance * (1 - chance))
    return min(max(round(n * chance + off), 0), n), n, chance


@given(_seen())
def test_binomial(seen: tuple[int, int, float]) -> None:
    k, n, chance = seen
    exact = float(special.betainc(k, n - k + 1, chance)) if k else 1.0
    # Both round the chance's complement; far out, each such digit is worth `n` in the exponent.
    assert float(binomial_tail(k, n, chance)) == pytest.approx(exact, rel=1e-10, abs=1e-250)


@given(_seen())
@example((730_456, 730_512, 0.9987077045523591))
@example((10_743, 10_746, 0.9900125764727656))
def test_jeffreys_posterior(seen: tuple[int, int, float]) -> None:
    k, n, chance = seen
    exact = float(special.betainc(k + 0.5, n - k + 0.5, chance))
    # Where the chance is over 0.99 it is one less its complement, and the complement's rounding is left.
    assert float(beta_cdf(k + 0.5, n - k + 0.5, chance)) == pytest.approx(exact, rel=1e-10, abs=1e-12)


@given(st.integers(1, 400), st.integers(1, 400), CHANCE)
def test_small_tails_keep_their_digits(twice_a: int, twice_b: int, x: float) -> None:
    a, b = twice_a / 2, twice_b / 2
    if x <= 0.99:
        assert float(beta_cdf(a, b, x)) == pytest.approx(special.betainc(a, b, x), rel=CLOSE, abs=1e-250)
    assert float(beta_cdf(a, b, x) + beta_cdf(b, a, 1 - x)) == pytest.approx(1, rel=1e-9)


def test_exact_sums_of_few_draws() -> None:
    n, chance = 12, 0.3
    mass = [math.comb(n, k) * chance**k * (1 - chance) ** (n - k) for k in range(n + 1)]
    tails = [math.fsum(mass[k:]) for k in range(n + 1)]
    np.testing.assert_allclose(binomial_tail(np.arange(n + 1), n, chance), tails, rtol=1e-14)


def test_certainties_and_shapes() -> None:
    assert beta_cdf([0.5, 0.5, 3], [1, 1, 3], [0.0, 1.0, 0.5]).round(12).tolist() == [0.0, 1.0, 0.5]
    assert binomial_tail([[0, 5], [5, 5]], 5, [[0.0, 0.0], [1.0, 0.5]]).round(12).tolist() == [[1, 0], [1, 0.03125]]
    assert np.isnan(chi_square_tail(3, math.nan))
