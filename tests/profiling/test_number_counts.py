"""Counting numbers as they stream by: the bins of the engine's own arithmetic, and sums that never round."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.profiling.bins import Floats, NumericBins
from plumbline.profiling.number_bins import bins_from
from plumbline.profiling.number_counts import NumberCount, Room, bins_of
from plumbline.profiling.order_statistics import ordered
from plumbline.profiling.record_batches import filled_in, numbers_in
from plumbline.profiling.score_counts import whole_bincount


def fine_bins(values: Floats) -> NumericBins:
    found = ordered(lambda: iter([values]))
    assert found is not None
    return bins_from(found.low, found.high, found.quantiles, None, 256, splits=(0.0, 1.0))


BINS = fine_bins(np.random.default_rng(1).normal(size=2_000))
anything = st.one_of(st.floats(), st.floats(-5, 5), st.sampled_from([*BINS.splits, 1e308, -1e308, 5e-324]))


@given(drawn=st.lists(anything, max_size=80))
def test_bins_and_sums_are_those_of_each_value_by_itself(drawn: list[float]) -> None:
    values = np.asarray(drawn, dtype=np.float64)
    count, room = NumberCount(BINS), Room()
    for part in np.array_split(values, 3):
        count.add(part, 0, room)
    column, finite = count.column(), values[np.isfinite(values)]
    assert column.fine().tolist() == np.bincount(bins_of(BINS, finite, room), minlength=BINS.size).tolist()
    assert (column.n, column.non_finite) == (len(finite), len(values) - len(finite))
    with np.errstate(over="ignore"):
        units = [np.clip(np.rint(finite / BINS.unit), -1e30, 1e30), np.rint(finite * finite / BINS.unit_sq)]
    assert column.total == sum(map(int, units[0].tolist()))
    assert column.total_sq == sum(map(int, np.clip(units[1], -1e30, 1e30).tolist()))
    assert (column.minimum, column.maximum) == ((finite.min(), finite.max()) if len(finite) else (None, None))


def test_the_engine_finds_the_same_bins() -> None:
    values = np.concatenate([np.random.default_rng(5).normal(size=20_000), BINS.splits])
    offered = pa.table({"x": values})
    found = duckdb.connect().from_arrow(offered).project(f"{BINS.key_sql('x')} AS k").fetchall()
    assert [row[0] for row in found] == bins_of(BINS, values, Room()).tolist()


@pytest.mark.parametrize("scale", [1.0, 2.0**40, 2.0**62, 1e40])
def test_sums_by_key_are_exact_however_large(scale: float) -> None:
    numbers = np.rint(np.random.default_rng(4).normal(size=500) * scale)
    keys = np.arange(500) % 7
    held = [int(number) for number in np.clip(numbers, -1e30, 1e30).tolist()]
    expected = [sum(held[at] for at in range(500) if keys[at] == key) for key in range(7)]
    found = whole_bincount(keys, numbers, 7)
    top = float(np.abs(numbers).max()) * 500
    assert found.tolist() == (expected if top >= 2.0**61 else [int(number) for number in expected])


def test_nulls_of_a_sliced_arrow_column_are_told_from_nan() -> None:
    column = pa.array([9.0, None, float("nan"), 2.0, None] * 5).slice(3, 12)
    assert filled_in(column).tolist() == [value is not None for value in column.to_pylist()]
    expected = [np.nan if value is None else value for value in column.to_pylist()]
    np.testing.assert_array_equal(numbers_in(column), expected)
    assert numbers_in(pa.array([1, 2, 3], pa.uint8()).slice(1)).tolist() == [2, 3]
