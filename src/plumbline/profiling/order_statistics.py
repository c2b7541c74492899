"""Exact order statistics of the reference's columns: few are sorted, many are searched digit by digit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plumbline.profiling.bins import Floats, Ints
from plumbline.profiling.number_bins import BY_VALUE, linear, ranks

HELD = 2_000_000  # values of one column that are sorted in memory: 16 MB
_DIGIT = 16  # bits that one pass tells apart
Keys = npt.NDArray[np.uint64]
Stream = Callable[[], Iterator[Floats]]


@dataclass(frozen=True, slots=True)
class Ordered:
    """What freezing asks of a column: extremes, quantiles at SHARES, and its distinct values while they are few."""

    low: float
    high: float
    quantiles: tuple[float, ...]
    values: tuple[float, ...] | None  # None: more than BY_VALUE


def ordered(stream: Stream) -> Ordered | None:
    """Order statistics of finite values (no -0.0), which `stream` gives anew at each call; None without one."""
    held: list[Floats] = []
    size = 0
    for batch in stream():
        size += len(batch)
        if size > HELD:
            return searched(stream)
        held.append(batch)
    if not size:
        return None
    values = np.sort(np.concatenate(held))
    return _of_sorted(values)


def _of_sorted(values: Floats) -> Ordered:
    fresh = np.flatnonzero(values[1:] != values[:-1])
    few = len(fresh) < BY_VALUE
    return Ordered(
        float(values[0]),
        float(values[-1]),
        tuple(linear(float(values[below]), float(values[above]), share) for below, above, share in ranks(len(values))),
        tuple(values[np.concatenate([[0], fresh + 1])].tolist()) if few else None,
    )


def searched(stream: Stream) -> Ordered:
    """The same of any number of values: the digits of their order are counted, four passes at the most."""
    rows, low, high, few = _first_look(stream)
    wanted = sorted({rank for below, above, _ in ranks(rows) for rank in (below, above)})
    at = dict(zip(wanted, _values_at(stream, wanted), strict=True))
    return Ordered(
        low,
        high,
        tuple(linear(at[below], at[above], share) for below, above, share in ranks(rows)),
        tuple(sorted(few)) if few is not None else None,
    )


def _first_look(stream: Stream) -> tuple[int, float, float, set[float] | None]:
    rows, low, high = 0, np.inf, -np.inf
    few: set[float] | None = set()
    for batch in stream():
        rows += len(batch)
        low, high = min(low, float(batch.min())), max(high, float(batch.max()))
        if few is not None:
            few.update(np.unique(batch)[: BY_VALUE + 1].tolist())
            few = few if len(few) <= BY_VALUE else None
    return rows, low, high, few


def _values_at(stream: Stream, wanted: Sequence[int]) -> list[float]:
    """The values at these ranks; each pass fixes sixteen more bits of each."""
    prefixes, offsets = [0] * len(wanted), list(wanted)
    for shift in range(64 - _DIGIT, -1, -_DIGIT):
        known = sorted(set(prefixes))
        counts = _count_digits(stream, known, shift)
        for at, prefix in enumerate(prefixes):
            passed = np.cumsum(counts[known.index(prefix)])
            digit = int(np.searchsorted(passed, offsets[at], side="right"))
            offsets[at] -= int(passed[digit - 1]) if digit else 0
            prefixes[at] = (prefix << _DIGIT) | digit
    return [float(value) for value in _floats(np.asarray(prefixes, dtype=np.uint64))]


def _count_digits(stream: Stream, known: Sequence[int], shift: int) -> Ints:
    counts = np.zeros((len(known), 1 << _DIGIT), dtype=np.int64)
    above = np.uint64(shift + _DIGIT)
    for batch in stream():
        keys = _keys(batch)
        digits = ((keys >> np.uint64(shift)) & np.uint64((1 << _DIGIT) - 1)).astype(np.intp)
        for at, prefix in enumerate(known):
            mine = digits if shift + _DIGIT == 64 else digits[(keys >> above) == np.uint64(prefix)]
            counts[at] += np.bincount(mine, minlength=1 << _DIGIT)
    return counts


def _keys(values: Floats) -> Keys:
    """Unsigned integers in the order of the doubles."""
    bits = values.view(np.uint64)
    negative = (bits >> np.uint64(63)).astype(bool)
    return np.where(negative, ~bits, bits | np.uint64(1 << 63))


def _floats(keys: Keys) -> Floats:
    positive = (keys >> np.uint64(63)).astype(bool)
    bits = np.where(positive, keys & np.uint64((1 << 63) - 1), ~keys)
    return bits.view(np.float64)
