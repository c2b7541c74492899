"""Frozen bins: occupied bins merge into the reference's deciles as each of them would alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plumbline.profiling.bins import NumericBins

VALUES = st.lists(st.integers(0, 40), min_size=1, max_size=12, unique=True).map(sorted)


@given(cuts=VALUES, counts=st.dictionaries(st.integers(0, 80), st.integers(1, 9)), share=st.integers(0, 12))
def test_running_sums_give_each_decile_its_bins(cuts: list[int], counts: dict[int, int], share: int) -> None:
    bins = NumericBins(
        kind="value", deciles=tuple(map(float, cuts[:share])), minimum=0.0, maximum=40.0, unit=1.0, unit_sq=1.0,
        cuts=tuple(map(float, cuts)),
    )  # fmt: skip
    occupied = {at: count for at, count in sorted(counts.items()) if at < bins.size}
    index, count = np.array([*occupied], dtype=np.int64), np.array([*occupied.values()], dtype=np.int64)
    expected = np.zeros(len(bins.deciles) + 1, dtype=np.int64)
    np.add.at(expected, bins.merge_at(bins.deciles, index), count)
    assert bins.in_deciles(index, count).tolist() == expected.tolist()
