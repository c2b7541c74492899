"""A figure on another mix: that of the rows counted as often, with limits that hold what they say."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from plumbline.stats.decomposition import SegmentSums, decompose
from plumbline.stats.discrimination import roc_auc
from plumbline.stats.elementwise import Floats
from plumbline.stats.standardisation import standardised, standardised_auc, standardised_change

RATES = np.array([0.05, 0.2, 0.5])
NOW = np.array([0.6, 0.3, 0.1])
THEN = np.array([0.2, 0.3, 0.5])
BINS = 40


def shares(n: Floats, k: Floats) -> SegmentSums:
    return SegmentSums(n.astype(float), k.astype(float), k.astype(float))


def scored(rng: np.random.Generator, rows: int) -> tuple[Floats, Floats]:
    """Rows by segment and score bin, without and with the event; segments differ in level and in ranking."""
    segment = rng.choice(3, rows, p=NOW)
    event = rng.random(rows) < RATES[segment]
    signal = rng.normal(0.4 * segment + np.array([1.5, 1.0, 0.3])[segment] * event, 1.0)
    place = np.clip(((signal + 3) / 8 * BINS).astype(int), 0, BINS - 1)
    table = np.zeros((2, 3, BINS))
    np.add.at(table, (event.astype(int), segment, place), 1)
    return table[0], table[1]


def test_the_same_mix_gives_the_same_figure() -> None:
    segments = shares(np.array([600, 300, 100]), np.array([30, 60, 50]))
    found, change = standardised(segments, segments.n), standardised_change(segments, segments.n)
    assert found is not None
    assert change is not None
    assert found.value == pytest.approx(0.14)
    assert change.value == pytest.approx(0.0)
    assert change.interval.high == pytest.approx(0.0), "what is as it is needs no guess"


def test_rows_counted_twice_are_rows_that_stand_there_twice() -> None:
    segments = SegmentSums(np.array([4.0, 2.0]), np.array([8.0, 10.0]), np.array([18.0, 52.0]))
    twice = standardised(segments, segments.n * [1, 2])
    assert twice is not None
    assert twice.value == pytest.approx((8 + 20) / (4 + 4))


def test_a_share_keeps_its_limits_within_0_and_1_even_where_nothing_happened() -> None:
    found = standardised(shares(np.array([50, 30]), np.array([0, 0])), [0.1, 0.9])
    assert found is not None
    assert found.interval.low == 0
    assert 0.05 < found.interval.high < 0.2, "about 36 effective rows without an event"


@pytest.mark.parametrize(
    ("rows", "rates"), [((400, 8), (0.3, 0.9)), ((400, 30), (0.3, 0.95)), ((200, 50), (0.1, 0.05))]
)
def test_limits_hold_where_one_segment_has_few_rows(rows: tuple[int, int], rates: tuple[float, float]) -> None:
    """A thin segment in which all were hits has no spread of its own, and is not certain for that."""
    rng, n, half = np.random.default_rng(9), np.array(rows), np.array([0.5, 0.5])
    truth, change = float(half @ rates), float((half - n / n.sum()) @ rates)
    held = np.zeros(2)
    for _ in range(1_000):
        segments = shares(n, rng.binomial(n, rates).astype(float))
        for at, (made, at_last) in enumerate(((standardised, truth), (standardised_change, change))):
            found = made(segments, half)
            assert found is not None
            held[at] += found.interval.low <= at_last <= found.interval.high
    assert (held / 1_000 > 0.92).all(), held


def test_a_segment_that_nobody_has_seen_cannot_be_reweighted() -> None:
    segments = shares(np.array([50, 0]), np.array([5, 0]))
    assert standardised(segments, [0.5, 0.5]) is None
    assert standardised(segments, [1.0, 0.0]) is not None
    assert standardised_auc([[1, 0], [0, 0]], [[0, 1], [0, 0]], [0.5, 0.5]) is None


def test_only_the_mix_moves_what_decomposition_calls_mix() -> None:
    segments = shares(np.array([600, 300, 100]), np.array([30, 60, 50]))
    change = standardised_change(segments, THEN)
    assert change is not None
    rows = 1000 * THEN
    after = SegmentSums(rows, rows * segments.mean, rows * segments.mean)
    assert decompose(segments, after).whole.value == pytest.approx([change.value, change.value, 0.0])


def test_ranking_is_that_of_weighted_rows() -> None:
    neg, pos = scored(np.random.default_rng(3), 3_000)
    found = standardised_auc(neg, pos, THEN)
    rows = neg.sum(axis=1) + pos.sum(axis=1)
    weight = np.repeat(THEN / rows, BINS)
    place = np.tile(np.arange(BINS), 3)
    label = np.repeat([0, 1], 3 * BINS)
    counts = np.concatenate([neg.ravel(), pos.ravel()]) * np.tile(weight, 2)
    assert found is not None
    assert found.value == pytest.approx(roc_auc_score(label, np.tile(place, 2), sample_weight=counts))


def test_todays_mix_has_todays_ranking_and_about_its_spread() -> None:
    neg, pos = scored(np.random.default_rng(4), 3_000)
    found, plain = standardised_auc(neg, pos, neg.sum(axis=1) + pos.sum(axis=1)), roc_auc(neg.sum(0), pos.sum(0))
    assert found is not None
    assert plain is not None
    assert found.value == pytest.approx(plain.value)
    # Knowing the segments' sizes takes a little of the spread away, never much.
    assert 0.7 < found.variance / plain.variance <= 1.05


def test_limits_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(20240101)
    draws, held = 600, np.zeros(3)
    neg, pos = scored(rng, 2_000_000)
    area = standardised_auc(neg, pos, THEN)
    assert area is not None
    for _ in range(draws):
        neg, pos = scored(rng, 1_500)
        rows, events = neg.sum(axis=1) + pos.sum(axis=1), pos.sum(axis=1)
        segments = shares(rows, events)
        found = standardised(segments, THEN), standardised_change(segments, THEN), standardised_auc(neg, pos, THEN)
        # The mix of today is a fact, not an estimate: the change is from the shares that this draw has.
        truth = (RATES * THEN).sum(), (RATES * (THEN - segments.share)).sum(), area.value
        held += [
            one is not None and one.interval.low <= true <= one.interval.high
            for one, true in zip(found, truth, strict=True)
        ]
    assert ((held / draws > 0.93) & (held / draws < 0.98)).all(), held / draws
