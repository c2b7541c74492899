"""Exact arithmetic as Ibis expressions: the same doubles, the same rounding and the same sums on every engine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import pyarrow as pa

from plumbline.profiling.bins import NumericBins

Expression = Any  # an Ibis column or table: the library ships no types

LARGEST = 1.7976931348623157e308
CAP = 1e30  # where the DuckDB engine holds a value that is far outside the reference, in units
_HALVES = 2.0**52  # from here on a double is whole
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
    """To the nearest whole, halves to even, as the DuckDB engine's casts do; a double.

    Adding 2^52 leaves no room for a fraction, so the addition itself rounds, alike wherever doubles are IEEE 754.
    """
    edge = real(_HALVES)
    inside = ibis.ifelse(z >= real(0.0), (z + edge) - edge, (z - edge) + edge)
    return ibis.ifelse(z.abs() < edge, inside, z)


def square(x: Expression) -> Expression:
    """x * x without leaving a double; what is cut off is far below a unit, or far above the cap."""
    size = x.abs()
    inside = ibis.ifelse(size > real(_HUGE), real(_HUGE) * real(_HUGE), x * x)
    return ibis.ifelse(size < real(_TINY), real(0.0), inside)


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

    The cuts travel as a table and are counted in passing: a thousand comparisons in a query would be slower to
    read than the rows are to count.
    """
    some = table.select(plumbline_x=table[column])
    values = some.filter(finite(some.plumbline_x)).distinct().mutate(cut=ibis.literal(0, type="int64"))
    marks = ibis.memtable(
        pa.table({"plumbline_x": pa.array(cuts, pa.float64()), "cut": pa.array([1] * len(cuts), pa.int64())})
    )
    both = values.union(marks) if cuts else values
    one = both.group_by("plumbline_x").aggregate(cut=both.cut.max())
    passed_by = one.cut.sum().over(ibis.cumulative_window(order_by=one.plumbline_x))
    return one.select("plumbline_x", k=(2 * passed_by - one.cut).cast("int64"))


@dataclass(frozen=True, slots=True)
class Limbs:
    """How a sum of whole numbers is split so that no engine's 64 bits overflow: `count` digits of `bits` bits."""

    count: int
    bits: int

    @classmethod
    def for_rows(cls, rows: int, *, wide: bool = False) -> Limbs:
        """Enough for values within the reference's range (forty bits), or, `wide`, for any value at all."""
        bits = 63 - rows.bit_length()
        return cls(math.ceil(102 / bits) if wide else math.ceil(41 / bits), bits)

    def hold(self, largest: float, unit: float) -> bool:
        """Whether a value as large as `largest` fits."""
        return largest / unit < math.ldexp(0.99, self.count * self.bits)

    def digits(self, value: Expression, unit: float) -> list[Expression]:
        """A double in whole units, lowest digit first, each an int64."""
        rest, found = self._whole(value, unit), []
        for at in range(self.count - 1, 0, -1):
            step = math.ldexp(1.0, at * self.bits)
            top = (rest / real(step)).floor().cast("int64")
            found.append(top)
            rest = rest - top.cast("float64") * real(step)
        return [rest.cast("int64"), *reversed(found)]

    def total(self, digits: Sequence[int]) -> int:
        """The sum behind the sums of the digits."""
        return sum(int(digit) << (at * self.bits) for at, digit in enumerate(digits))

    def _whole(self, value: Expression, unit: float) -> Expression:
        size, most = value.abs(), min(CAP, math.ldexp(1.0, self.count * self.bits))
        cap = ibis.ifelse(value > real(0.0), real(most), real(-most)) if most == CAP else real(0.0)
        # The product of a value next to nothing would underflow, which PostgreSQL refuses.
        return ibis.cases(
            (size < real(unit / 4), real(0.0)),
            (size >= real(most * unit), cap),
            else_=rounded(value * real(1.0 / unit)),
        )
