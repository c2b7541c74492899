"""Exact arithmetic as Ibis expressions: the same doubles, the same rounding and the same sums on every engine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import mul
from typing import Any

import ibis
import numpy as np

from plumbline.profiling.bins import NumericBins

Expression = Any  # an Ibis column or table: the library ships no types

LARGEST = 1.7976931348623157e308
CAP = 1e30  # where the DuckDB engine holds a value that is far outside the reference, in units
_MOST_BITS = 51  # of a number that `rounded` may be given
_FAR = 1e60  # powers of it up to the fourth, times one more, stay within a double
_TINY, _HUGE = 1e-150, 1e150  # squares beyond these leave a double, which PostgreSQL refuses


def real(value: float) -> Expression:
    """Exactly this double: engines read a bare 0.1 as a decimal, and text as the nearest double."""
    return ibis.literal(repr(float(value))).cast("float64")


def finite(x: Expression) -> Expression:
    """False for NaN (engines put it above all numbers, or nowhere) and infinities; null for null."""
    return x.abs() <= real(LARGEST)


def absent(x: Expression) -> Expression:
    """True for null alone: on Spark, Ibis takes a NaN for null when asked directly."""
    return (x == x).isnull()


def rounded(z: Expression) -> Expression:
    """To the nearest whole, halves to even, as the DuckDB engine's casts do; a double, for z under 2^51.

    Adding 1.5 * 2^52 leaves no room for a fraction, so the addition itself rounds, alike wherever doubles are IEEE 754.
    """
    edge = real(1.5 * 2.0**52)
    return (z + edge) - edge


def product(x: Expression, y: Expression) -> Expression:
    """x * y without leaving a double, by the same rule."""
    small = (x.abs() < real(_TINY)) | (y.abs() < real(_TINY))
    most = ibis.ifelse((x > real(0.0)) == (y > real(0.0)), real(_HUGE), real(-_HUGE))
    large = (x.abs() > real(_HUGE)) | (y.abs() > real(_HUGE))
    return ibis.cases((small, real(0.0)), (large, most), else_=x * y)


def passed(x: Expression, edges: Sequence[float], first: int = 0) -> Expression:
    """How many ascending edges lie at or below x, by halving."""
    if not edges:
        return ibis.literal(first, type="int64")
    middle = len(edges) // 2
    above, below = passed(x, edges[middle + 1 :], first + middle + 1), passed(x, edges[:middle], first)
    return ibis.ifelse(x >= real(edges[middle]), above, below)


def with_bins(table: Expression, column: str, bins: NumericBins) -> Expression:
    """The table with the bin of a double as `k`, so that no value need leave the warehouse.

    Null where the column is null, NaN or infinite. The arithmetic is that of `NumericBins.cell_of`, to the bit.
    """
    x = table[column]
    if bins.kind == "value":
        places = _places(table, column, bins.cuts)
        return table.left_join(places, x == places.plumbline_x).drop("plumbline_x")
    away = x - real(bins.centre)
    place = away / (real(bins.scale) + away.abs())
    cell = rounded((place - real(bins.low)) * real(bins.per_unit) - real(0.5))
    return table.mutate(k=ibis.cases((finite(x), cell.cast("int64") + passed(x, bins.splits))))


def _places(table: Expression, column: str, cuts: Sequence[float]) -> Expression:
    """Each distinct value with twice the cuts below it, and one more where it is a cut.

    The cuts travel as one text that the engine splits, and are counted in passing: a thousand comparisons in a query
    would be slower to read than the rows are to count, and a table of them would ask for the right to make one.
    """
    some = table.select(plumbline_x=table[column])
    values = some.filter(finite(some.plumbline_x)).distinct().mutate(cut=ibis.literal(0, type="int64"))
    both = values
    if cuts:
        told = ibis.literal(",".join(repr(float(cut)) for cut in cuts)).split(",").unnest().name("told").as_table()
        both = values.union(told.select(plumbline_x=told.told.cast("float64"), cut=ibis.literal(1, type="int64")))
    one = both.group_by("plumbline_x").aggregate(cut=both.cut.max())
    passed_by = one.cut.sum().over(ibis.cumulative_window(order_by=one.plumbline_x))
    return one.select("plumbline_x", k=(2 * passed_by - one.cut).cast("int64"))


def power(x: Expression, exponent: int) -> Expression:
    """x * x * ..., from left to right as for files."""
    return reduce(mul, [x] * exponent)


def weighed(x: Expression, weight: Expression, exponent: int = 1) -> Expression:
    """x to the power of `exponent`, times its weight, for values of any size: no engine meets an overflow."""
    return power(_bounded(x), exponent) * _bounded(weight)


def _bounded(x: Expression) -> Expression:
    size, most = x.abs(), real(_FAR)
    small, large = size < real(1 / _FAR), ~(size < most)
    return ibis.cases((small, real(0.0)), (large & (x > real(0.0)), most), (large, -most), else_=x)


@dataclass(frozen=True, slots=True)
class Limbs:
    """How a sum of whole numbers is split so that no engine's 64 bits overflow: `count` digits of `bits` bits."""

    count: int
    bits: int
    most: float  # in units: what is larger counts as 0 (`hold` tells), or as CAP where any value may come

    @classmethod
    def for_rows(cls, rows: int, *, wide: bool = False) -> Limbs:
        """Enough for values within the reference's range (forty bits), or, `wide`, for any value at all."""
        bits = min(63 - rows.bit_length(), _MOST_BITS)
        if wide:
            return cls(math.ceil(102 / bits), bits, CAP)
        count = math.ceil(41 / bits)
        return cls(count, bits, math.ldexp(1.0, min(count * bits, _MOST_BITS)))

    def hold(self, largest: float, unit: float, exponent: int = 1) -> bool:
        """Whether a value as large as `largest` fits, to the power of `exponent`."""
        return bool(largest < math.pow(0.99 * self.most * unit, 1 / exponent))

    def digits(self, x: Expression, unit: float, exponent: int = 1) -> list[Expression]:
        """x to the power of `exponent` in whole units, lowest digit first, each an int64; 0 where it is no number."""
        rest, found = self._scaled(x, unit, exponent), []
        for at in range(self.count - 1, 0, -1):
            step = real(math.ldexp(1.0, at * self.bits))
            # The nearest whole, not the one below: what is left of a small negative number would be a large one.
            top = rounded(rest / step)
            found.append(top.cast("int64"))
            rest = rest - top * step
        return [rounded(rest).cast("int64"), *reversed(found)]

    def total(self, sums: Sequence[Any]) -> Any:
        """The sum behind the sums of the digits; of arrays of them one sum a place, as Python's whole numbers."""
        return sum(np.asarray(each).astype(object) << (at * self.bits) for at, each in enumerate(sums))

    def _scaled(self, x: Expression, unit: float, exponent: int) -> Expression:
        """In units. What would leave a double, above or below, never comes to be: PostgreSQL refuses it."""
        size, most = x.abs(), real((self.most * unit) ** (1 / exponent))
        nothing = real((unit / 4) ** (1 / exponent))
        cases = [((size >= nothing) & (size < most), power(x, exponent) * real(1.0 / unit))]
        if self.most == CAP:
            beyond, below = (size >= most) & finite(x), CAP if exponent % 2 == 0 else -CAP
            cases += [(beyond & (x > real(0.0)), real(CAP)), (beyond, real(below))]
        return ibis.cases(*cases, else_=real(0.0))
