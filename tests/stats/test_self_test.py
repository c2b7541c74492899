"""Rates of clusters, the smallest size seen, and mixes at a given distance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.stats.intervals import wilson
from plumbline.stats.self_test import clustered_rate, smallest, tilted

LIVES = st.lists(st.integers(0, 12), min_size=2, max_size=30)


@given(LIVES)
def test_a_clustered_interval_holds_its_share_and_is_never_narrower_than_wilsons(hits: list[int]) -> None:
    found, alone = clustered_rate(hits, [12] * len(hits)), wilson(sum(hits), 12 * len(hits))
    assert found.low <= sum(hits) / (12 * len(hits)) <= found.high
    assert found.high - found.low >= (alone.high - alone.low) * (1 - 1e-9)


def test_clusters_that_part_by_chance_alone_are_hardly_wider_than_wilsons() -> None:
    hits = np.random.default_rng(2).binomial(12, 0.1, 400)
    found, alone = clustered_rate(hits, np.full(400, 12)), wilson(float(hits.sum()), 4_800)
    assert found.high - found.low == pytest.approx(alone.high - alone.low, rel=0.1)


def test_coverage_where_references_are_lucky_and_unlucky() -> None:
    chance, held = np.random.default_rng(5), 0
    for _ in range(400):
        hits = chance.binomial(12, chance.beta(1, 9, 40))
        limits = clustered_rate(hits, np.full(40, 12))
        held += limits.low <= 0.1 <= limits.high
    assert held / 400 > 0.91


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        ([50, 50, 50], 0.1),
        ([0, 45, 50], 0.2),
        ([0, 0, 0], None),
        ([0, 50, 40], 0.2),  # falls by chance: 90 of 100 over both
        ([0, 44, 50], 0.2 * 2 ** (1 / 6)),
    ],
)
def test_the_smallest_size_that_is_seen(seen: list[int], found: float | None) -> None:
    assert smallest([0.1, 0.2, 0.4], seen, [50, 50, 50]) == (None if found is None else pytest.approx(found))


@given(st.lists(st.integers(1, 1_000), min_size=2, max_size=50), st.floats(0.001, 1.0))
def test_a_tilted_mix_is_as_far_as_asked(counts: list[int], psi: float) -> None:
    before = np.array(counts) / sum(counts)
    after = tilted(counts, psi)
    assert after.sum() == pytest.approx(1.0)
    assert float(np.sum((after - before) * np.log(after / before))) == pytest.approx(psi, rel=1e-6)


def test_a_level_that_nobody_had_stays_empty() -> None:
    assert tilted([5, 0, 5], 0.2)[1] == 0
