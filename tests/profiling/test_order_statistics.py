"""Order statistics: few values or many, the deciles are numpy's to the bit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.profiling import order_statistics
from plumbline.profiling.bins import Floats
from plumbline.profiling.number_bins import BY_VALUE, SHARES
from plumbline.profiling.order_statistics import Ordered, ordered

finite = st.lists(st.floats(allow_nan=False, allow_infinity=False, width=64), min_size=1, max_size=300)


def stream_of(values: Floats) -> Iterator[Floats]:
    yield from (part for part in np.array_split(values, 3) if len(part))


def both(values: Floats) -> tuple[Ordered | None, Ordered]:
    return ordered(lambda: stream_of(values)), order_statistics.searched(lambda: stream_of(values))


@given(drawn=finite)
def test_quantiles_are_numpys_whether_values_are_sorted_or_searched(drawn: list[float]) -> None:
    values = np.asarray(drawn) / 4 + 0.0  # quarters, so that no difference of two leaves a double's range
    sorted_, searched = both(values)
    assert sorted_ == searched
    assert searched.quantiles == tuple(float(np.quantile(values, share)) for share in SHARES)
    assert (searched.low, searched.high, searched.values) == (values.min(), values.max(), tuple(np.unique(values)))


def test_many_distinct_values_are_not_named() -> None:
    values = np.random.default_rng(2).normal(size=BY_VALUE * 3)
    sorted_, searched = both(values)
    assert sorted_ == searched
    assert searched.values is None


def test_a_column_longer_than_is_held_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(2).lognormal(size=5_000)
    held = ordered(lambda: stream_of(values))
    monkeypatch.setattr(order_statistics, "HELD", 1_000)
    assert ordered(lambda: stream_of(values)) == held


def test_no_value_has_no_order() -> None:
    assert ordered(lambda: iter(())) is None
