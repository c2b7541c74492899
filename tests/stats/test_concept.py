"""A base rate that the scores foretell is no shift; the same rate at other scores is one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.stats.concept import Bands, concept_shift

BINS = 1_000
SCORES = (np.arange(BINS) + 0.5) / BINS
band = st.tuples(st.integers(50, 2_000), st.floats(0.05, 0.95))
bands = st.lists(band, min_size=1, max_size=10)


def of(table: list[tuple[int, float]]) -> Bands:
    rows, rate = (np.array(side) for side in zip(*table, strict=True))
    return Bands.of(rows, np.round(rows * rate), np.round(rows * rate))


@given(bands)
def test_the_reference_has_not_shifted_from_itself(table: list[tuple[int, float]]) -> None:
    found = concept_shift(of(table), of(table))
    if found is not None:
        assert found.value == pytest.approx(0.0, abs=1e-9)
        assert found.p_value == pytest.approx(1.0)


@given(bands, st.lists(st.integers(1, 5), min_size=10, max_size=10))
def test_another_mix_of_the_same_bands_is_no_shift(table: list[tuple[int, float]], times: list[int]) -> None:
    before = of(table)
    more = np.array(times[: len(table)])
    found = concept_shift(before, Bands(before.rows * more, before.events * more, before.expected * more))
    if found is not None and len(found.groups) == len(table):
        assert found.value == pytest.approx(0.0, abs=1e-9)


@given(bands, bands)
def test_the_signed_shift_is_never_past_the_whole(one: list[tuple[int, float]], two: list[tuple[int, float]]) -> None:
    size = min(len(one), len(two))
    found = concept_shift(of(one[:size]), of(two[:size]))
    if found is not None:
        assert abs(found.signed) <= found.value + 1e-12
        assert 0 <= found.low <= found.value <= found.high <= 1


def test_too_few_outcomes_are_not_compared() -> None:
    assert concept_shift(Bands.of([100], [2], [2]), Bands.of([100], [1], [1])) is None
    assert concept_shift(Bands.of([0], [0], [0]), Bands.of([100], [50], [50])) is None


def sample(rng: np.random.Generator, rows: int, a: float, b: float, factor: float = 1.0) -> Bands:
    """Scores from Beta(a, b), events `factor` times as often as they say, on ten bands of Beta(2, 8)."""
    at = np.floor(rng.beta(a, b, rows) * BINS).astype(int)
    event = rng.random(rows) < np.minimum(SCORES[at] * factor, 1)
    of_band = np.searchsorted([0.06, 0.09, 0.12, 0.15, 0.18, 0.21, 0.25, 0.29, 0.36], SCORES[at], side="right")
    sums = (np.bincount(of_band, weights=each, minlength=10) for each in (np.ones(rows), event, SCORES[at]))
    return Bands.of(*sums)


def test_of_stable_months_a_twentieth_is_thought_to_have_shifted() -> None:
    """Though their scores moved, and with them the base rate, from 20 % to 30 %."""
    rng = np.random.default_rng(11)
    found = [concept_shift(sample(rng, 8_000, 2, 8), sample(rng, 2_000, 3, 7)) for _ in range(400)]
    p = np.array([each.p_value for each in found if each])
    over = np.array([each.value - each.null_expectation for each in found if each])
    assert len(p) == 400
    assert 0.02 < (p < 0.05).mean() < 0.09
    assert abs(over.mean()) < 0.003
    assert (over > 0.03).mean() < 0.005


def test_more_events_at_the_same_scores_are_found() -> None:
    rng = np.random.default_rng(12)
    found = [concept_shift(sample(rng, 8_000, 2, 8), sample(rng, 2_000, 2, 8, factor=1.4)) for _ in range(50)]
    assert all(each and each.p_value < 1e-4 for each in found)
    assert np.mean([each.signed for each in found if each]) == pytest.approx(0.08, abs=0.01)


def test_a_band_in_which_nothing_else_was_expected_and_nothing_else_came_is_no_shift() -> None:
    """The scores of the band have risen so far that the reference's rate, moved along, is 1."""
    before, now = Bands.of([400, 400], [370, 100], [330, 100]), Bands.of([400, 400], [400, 100], [390, 100])
    found = concept_shift(before, now)
    assert found is not None
    assert found.groups == (0, 1)
    assert (found.value, found.p_value) == (0.0, 1.0)
