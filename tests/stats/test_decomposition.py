"""Mix and within: they add up to the change, each is nothing where nothing moved, and the limits hold what they say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from plumbline.stats.decomposition import Decomposition, Effects, SegmentSums, decompose

segments = st.lists(
    st.tuples(st.integers(0, 500), st.integers(0, 500), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=8
).filter(lambda rows: sum(row[0] for row in rows) > 0 and sum(row[1] for row in rows) > 0)


def shares(n: ArrayLike, k: ArrayLike) -> SegmentSums:
    """k events of n rows a segment."""
    return SegmentSums(*(np.asarray(each, dtype=np.float64) for each in (n, k, k)))


def drawn(rows: list[tuple[int, int, float, float]]) -> tuple[SegmentSums, SegmentSums]:
    before, after = [row[0] for row in rows], [row[1] for row in rows]
    events = [np.floor(np.asarray(n) * [row[2 + at] for row in rows]) for at, n in enumerate((before, after))]
    return shares(before, events[0]), shares(after, events[1])


@given(segments)
def test_parts_add_up_to_the_change_exactly(rows: list[tuple[int, int, float, float]]) -> None:
    before, after = drawn(rows)
    found = decompose(before, after)
    change, mix, within = found.whole.value
    assert change == mix + within
    assert change == pytest.approx(after.of_all - before.of_all, abs=1e-12)
    for part, total in ((found.mix, mix), (found.within, within), (found.both, change)):
        assert part.value.sum() == pytest.approx(total, abs=1e-12)


@given(segments)
def test_limits_lie_around_every_part(rows: list[tuple[int, int, float, float]]) -> None:
    found = decompose(*drawn(rows))
    for part in (found.whole, found.mix, found.within, found.both):
        assert np.isfinite(part.interval.low).all()
        assert (part.interval.low <= part.value).all()
        assert (part.value <= part.interval.high).all()


@given(segments)
def test_the_other_way_round_everything_changes_its_sign(rows: list[tuple[int, int, float, float]]) -> None:
    before, after = drawn(rows)
    there, back = decompose(before, after), decompose(after, before)
    assert back.whole.value == pytest.approx(-there.whole.value, abs=1e-12)
    assert back.mix.value == pytest.approx(-there.mix.value, abs=1e-12)
    assert back.whole.interval.low == pytest.approx(-there.whole.interval.high, abs=1e-9)


@given(segments, st.integers(2, 9))
def test_without_change_within_all_is_mix(rows: list[tuple[int, int, float, float]], times: int) -> None:
    before, _ = drawn(rows)
    grown = np.arange(len(rows)) % 2 * (times - 1) + 1.0
    after = SegmentSums(*(each * grown for each in (before.n, before.total, before.total_sq)))
    found = decompose(before, after)
    assert found.within.value == pytest.approx(0.0, abs=1e-12)
    assert found.whole.value[1] == pytest.approx(after.of_all - before.of_all, abs=1e-12)


@given(segments, st.integers(1, 5))
def test_without_change_of_shares_all_is_within(rows: list[tuple[int, int, float, float]], times: int) -> None:
    before, _ = drawn(rows)
    after = shares(before.n * times, before.total * 0.5 * times)
    found = decompose(before, after)
    assert found.mix.value == pytest.approx(0.0, abs=1e-12)
    assert found.whole.value[2] == pytest.approx(-before.of_all / 2, abs=1e-12)


def test_a_segment_that_was_not_there_before_is_mix() -> None:
    found = decompose(shares([100, 0], [10, 0]), shares([50, 50], [5, 25]))
    assert found.whole.value == pytest.approx([0.2, 0.2, 0.0])
    assert found.within.value == pytest.approx([0.0, 0.0])
    assert found.mix.value[1] > 0, "it came with more events than the others have"


def test_a_segment_that_grows_at_the_expense_of_lower_ones_raises_the_mean() -> None:
    found = decompose(shares([80, 20], [8, 10]), shares([60, 40], [6, 20]))
    assert (found.mix.value > 0).all(), "the low one shrank and the high one grew: both raise it"


def test_known_figures() -> None:
    """Worked by hand: shares .5 .5 to .25 .75, rates .1 .3 to .2 .3."""
    found = decompose(shares([400, 400], [40, 120]), shares([200, 600], [40, 180]))
    assert found.whole.value == pytest.approx([0.075, 0.0375, 0.0375])
    assert found.within.value == pytest.approx([0.0375, 0.0])


def test_what_grew_and_changed_at_once_stands_half_in_each_part() -> None:
    """At the old rates the new mix costs nothing, at the old mix the new rates cost a tenth: .01."""
    found = decompose(shares([900, 100], [180, 20]), shares([100, 900], [20, 90]))
    mix_at_old_rates, within_at_old_shares = 0.0, 0.1 * (0.1 - 0.2)
    assert found.interaction.value == pytest.approx([0.8 * (0.1 - 0.2)])
    assert found.whole.value[1] == pytest.approx(mix_at_old_rates - 0.04)
    assert found.whole.value[2] == pytest.approx(within_at_old_shares - 0.04)


def test_a_window_without_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="without rows"):
        decompose(shares([0, 0], [0, 0]), shares([1, 1], [0, 1]))


def test_pooling_moves_nothing_of_the_change() -> None:
    before, after = shares([100, 5, 7], [10, 1, 2]), shares([120, 9, 2], [30, 2, 1])
    small = np.array([False, True, True])
    pooled = decompose(before.pooled(small), after.pooled(small))
    assert pooled.whole.value[0] == pytest.approx(decompose(before, after).whole.value[0])


@pytest.mark.parametrize(
    ("rows", "share", "rate"),
    [
        ((2000, 800), ((0.5, 0.3, 0.2), (0.3, 0.3, 0.4)), ((0.10, 0.20, 0.40), (0.12, 0.30, 0.40))),
        ((400, 400), ((0.6, 0.4), (0.4, 0.6)), ((0.10, 0.30), (0.20, 0.30))),
        ((6000, 1500), ((0.7, 0.2, 0.1), (0.7, 0.2, 0.1)), ((0.01, 0.02, 0.05), (0.01, 0.02, 0.05))),
    ],
    ids=["three segments", "few rows", "rare, nothing moved"],
)
def test_limits_hold_the_truth_as_often_as_they_say(
    rows: tuple[int, int], share: tuple[Sequence[float], ...], rate: tuple[Sequence[float], ...]
) -> None:
    rng = np.random.default_rng(20240101)
    w, m = np.asarray(share), np.asarray(rate)
    truth = decompose(*(shares(1e9 * w[at], 1e9 * w[at] * m[at]) for at in (0, 1)))
    held = np.zeros(4 + 3 * len(share[0]))
    draws = 1_000
    for _ in range(draws):
        found = decompose(*(_sample(rng, n, w, m) for n, w, m in zip(rows, share, rate, strict=True)))
        held += np.concatenate(
            [
                (seen.interval.low <= true.value) & (true.value <= seen.interval.high)
                for seen, true in zip(_parts(found), _parts(truth), strict=True)
            ]
        )
    # A thousand draws tell a share of 95 % to 1.4 points. Where nothing moved, the product of two small errors is
    # counted twice, so that the limits of the mix are rather too wide.
    assert 0.93 < (held[:4] / draws).mean() < 0.98
    assert (held / draws > 0.91).all(), held / draws


def _sample(rng: np.random.Generator, rows: int, share: Sequence[float], rate: Sequence[float]) -> SegmentSums:
    n = rng.multinomial(rows, share)
    return shares(n, rng.binomial(n, rate))


def _parts(found: Decomposition) -> tuple[Effects, ...]:
    return found.whole, found.interaction, found.mix, found.within, found.both
