"""Values a reference never held: exact tails by counting orders, and tests that hold their size in simulation."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.stats.novelty import beyond_tail, expected_beyond, expected_unseen, unseen_tail


@pytest.mark.parametrize(("n", "m"), [(1, 1), (3, 4), (5, 3), (4, 6)])
def test_the_tail_beyond_a_range_counts_the_orders_of_the_rows(n: int, m: int) -> None:
    outside = [
        sum(place < min(earlier) or place > max(earlier) for place in range(n + m))
        for earlier in combinations(range(n + m), m)
    ]
    for k in range(n + 1):
        assert beyond_tail(k, n, m)[0] == pytest.approx(np.mean([each >= k for each in outside]))
    assert expected_beyond(m)[0] == pytest.approx(min(np.mean(outside) / n, 1.0))


@given(n=st.integers(1, 10**8), m=st.integers(1, 10**8), part=st.floats(0, 1))
def test_a_tail_is_a_probability_and_falls(n: int, m: int, part: float) -> None:
    k = int(part * (n - 1))
    here, further = beyond_tail([k, k + 1], [n, n], [m, m])
    assert 0 <= here <= 1
    assert 0 <= further <= here * (1 + 1e-5)


@pytest.mark.parametrize("n", [250, 5_000, 100_000])
def test_a_range_is_left_by_chance_as_often_as_the_test_says(n: int) -> None:
    chance = np.random.default_rng(20)
    limits = np.sort(chance.random((2_000, 500)), axis=1)
    beyond = chance.binomial(n, 1 - (limits[:, -1] - limits[:, 0]))
    p = beyond_tail(beyond, np.full(2_000, n), np.full(2_000, 500))
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.015)


@pytest.mark.parametrize("n", [250, 5_000, 100_000])
@pytest.mark.parametrize("levels", [150, 300, 3_000])
def test_new_levels_come_by_chance_no_more_often_than_the_test_says(n: int, levels: int) -> None:
    chance, shares = np.random.default_rng(levels + n), 1 / np.arange(1, levels + 1)
    p = []
    for _ in range(400):
        reference, current = (chance.multinomial(rows, shares / shares.sum()) for rows in (5_000, n))
        p.append(unseen_tail(current[reference == 0].sum(), n, reference[reference > 0])[0])
    assert np.mean(np.array(p) < 0.05) <= 0.065


def test_the_share_of_unseen_levels_is_expected_as_it_comes() -> None:
    chance, shares = np.random.default_rng(3), 1 / np.arange(1, 301)
    expected, found = [], []
    for _ in range(400):
        reference, current = (chance.multinomial(5_000, shares / shares.sum()) for _ in range(2))
        expected.append(expected_unseen(reference[reference > 0]))
        found.append(current[reference == 0].sum() / 5_000)
    assert np.mean(expected) == pytest.approx(np.mean(found), rel=0.05)


def test_many_new_levels_are_no_chance() -> None:
    assert unseen_tail(30, 500, [400, 300, 200, 99, 1])[0] < 1e-6
