"""Columns for the engine, laid out by hand: pyarrow's own conversion of lists imports pandas, half a second."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from plumbline.store.database import naive

_EPOCH, _MICROSECOND = naive(datetime(1970, 1, 1, tzinfo=UTC)), timedelta(microseconds=1)


def texts(values: Sequence[str | None]) -> pa.Array:
    """A column of texts; None is null."""
    # Most texts stand in many rows: each is encoded once.
    known = {value: b"" if value is None else value.encode() for value in set(values)}
    encoded = [known[value] for value in values]
    ends = np.zeros(len(encoded) + 1, dtype=np.int64)
    np.cumsum(np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded)), out=ends[1:])
    return _array(pa.large_string(), values, [pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))])


def numbers(values: Sequence[float | None]) -> pa.Array:
    """A column of 64-bit floats; None is null."""
    return _array(pa.float64(), values, [pa.py_buffer(np.array(values, dtype=np.float64))])


def counts(values: Sequence[int | None]) -> pa.Array:
    """A column of 64-bit integers; None is null."""
    return _array(pa.int64(), values, [pa.py_buffer(_whole(values))])


def moments(values: Sequence[datetime | None]) -> pa.Array:
    """A column of moments as the store keeps them, UTC without a zone; None is null."""
    known = {each: None if each is None else (naive(each) - _EPOCH) // _MICROSECOND for each in set(values)}
    return _array(pa.timestamp("us"), values, [pa.py_buffer(_whole([known[each] for each in values]))])


def _whole(values: Sequence[int | None]) -> npt.NDArray[np.int64]:
    return np.array([0 if value is None else value for value in values], dtype=np.int64)


def _array(kind: pa.DataType, values: Sequence[Any], held: Sequence[pa.Buffer]) -> pa.Array:
    there = None
    if None in values:
        there = pa.py_buffer(np.packbits([value is not None for value in values], bitorder="little"))
    return pa.Array.from_buffers(kind, len(values), [there, *held])
