"""Exact order statistics from a warehouse: extremes, the neighbours of each decile, the values where they are few."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate

import ibis

from plumbline.profiling.number_bins import BY_VALUE, distinct, linear, ranks
from plumbline.profiling.warehouse_engine import Engine, all_of
from plumbline.profiling.warehouse_numbers import Expression, finite, real
from plumbline.profiling.warehouse_rows import TableRows

_BUCKETS = 4_096
Read = Callable[[TableRows], Expression]


@dataclass(frozen=True, slots=True)
class Ordered:
    """What freezing asks of a column: extremes, quantiles at SHARES, and its distinct values while they are few."""

    low: float
    high: float
    quantiles: tuple[float, ...]
    values: tuple[float, ...] | None  # None: more than BY_VALUE


@dataclass(frozen=True, slots=True)
class _Look:
    rows: int
    low: float
    high: float


def ordered_columns(engine: Engine, rows: TableRows, asked: Mapping[str, Read]) -> dict[str, Ordered | None]:
    """Order statistics of the finite values of each column; None for a column without one."""
    looks = _looks(engine, rows, asked)
    tables = {name: _finite(rows, read) for name, read in asked.items() if looks[name].rows}
    size = {
        name: int(lines["n"][0])
        for name, lines in all_of(engine, {name: _size(table) for name, table in tables.items()})
    }
    few = _few(engine, {name: table for name, table in tables.items() if size[name] <= BY_VALUE})
    many = {name: table for name, table in tables.items() if size[name] > BY_VALUE}
    at = _neighbours(engine, many, looks)
    found: dict[str, Ordered | None] = dict.fromkeys(asked)
    for name in tables:
        look = looks[name]
        value = _Counted(few[name]).value if name in few else at[name].__getitem__
        quantiles = tuple(linear(value(below), value(above), share) for below, above, share in ranks(look.rows))
        values = tuple(x for x, _ in few[name]) if name in few else None
        found[name] = Ordered(look.low, look.high, quantiles, values)
    return found


def spread(engine: Engine, rows: TableRows, read: Read) -> tuple[float, ...]:
    """Where one value rules a column of many: a thousand values spread over the distinct ones."""
    values = _finite(rows, read).distinct()
    size = int(engine.fetch(values.aggregate(n=values.count()))["n"][0])
    wanted = [math.ceil(at / BY_VALUE * size) or 1 for at in range(BY_VALUE + 1)]
    placed = values.mutate(place=ibis.row_number().over(ibis.window(order_by=values.x)) + 1)
    return distinct((engine.fetch(placed.filter(placed.place.isin(wanted)).select("x"))["x"] + 0.0).tolist())


class _Counted:
    """A column of few values, each with its rows: any of its order statistics is at hand."""

    def __init__(self, values: list[tuple[float, int]]) -> None:
        self.values = [x for x, _ in values]
        self.ends = list(accumulate(n for _, n in values))

    def value(self, rank: int) -> float:
        return next(x for x, end in zip(self.values, self.ends, strict=True) if rank < end)


def _finite(rows: TableRows, read: Read) -> Expression:
    narrow = rows.table.select(x=read(rows))
    return narrow.filter(finite(narrow.x))


def _looks(engine: Engine, rows: TableRows, asked: Mapping[str, Read]) -> dict[str, _Look]:
    """All columns in one pass."""
    if not asked:
        return {}
    held = {}
    for at, read in enumerate(asked.values()):
        x = read(rows)
        held[f"x{at}"] = ibis.cases((finite(x), x))
    narrow = rows.table.select(**held)
    told: dict[str, Expression] = {}
    for at in range(len(asked)):
        x = narrow[f"x{at}"]
        told |= {f"n{at}": x.count(), f"low{at}": x.min(), f"high{at}": x.max()}
    found = engine.fetch(narrow.aggregate(**told))
    return {
        name: _Look(int(found[f"n{at}"][0]), float(found[f"low{at}"][0]) + 0.0, float(found[f"high{at}"][0]) + 0.0)
        for at, name in enumerate(asked)
    }


def _size(table: Expression) -> Expression:
    """How many distinct values there are, counted no further than it matters."""
    some = table.distinct().limit(BY_VALUE + 1)
    return some.aggregate(n=some.count())


def _few(engine: Engine, tables: Mapping[str, Expression]) -> dict[str, list[tuple[float, int]]]:
    queries = {name: table.group_by("x").aggregate(n=table.count()) for name, table in tables.items()}
    return {
        name: sorted(zip((lines["x"] + 0.0).tolist(), lines["n"].tolist(), strict=True))
        for name, lines in all_of(engine, queries)
    }


def _neighbours(
    engine: Engine, tables: Mapping[str, Expression], looks: Mapping[str, _Look]
) -> dict[str, dict[int, float]]:
    """The values at the ranks beside each decile: only buckets that hold one are sorted, and inside the warehouse."""
    placed = {name: table.mutate(bucket=_bucket(table.x, looks[name])) for name, table in tables.items()}
    counts = all_of(engine, {n: table.group_by("bucket").aggregate(n=table.count()) for n, table in placed.items()})
    queries, ranked = {}, {}
    for name, lines in counts:
        wanted = _wanted(sorted(zip(lines["bucket"].tolist(), lines["n"].tolist(), strict=True)), looks[name].rows)
        ranked[name] = wanted
        queries[name] = _picked(placed[name], wanted)
    return {
        name: {
            ranked[name][bucket, nth]: x + 0.0
            for bucket, nth, x in zip(*(lines[key].tolist() for key in ("bucket", "nth", "x")), strict=True)
        }
        for name, lines in all_of(engine, queries)
    }


def _bucket(x: Expression, look: _Look) -> Expression:
    """Equal widths: each step of this arithmetic keeps the order, so the buckets are in order too."""
    width = look.high - look.low
    if not (0 < width < math.inf) or not math.isfinite(_BUCKETS / width):
        return ibis.literal(0, type="int64")
    # An engine may work it out before it leaves out what is not finite.
    return ibis.cases((finite(x), ((x - real(look.low)) * real(_BUCKETS / width)).floor().cast("int64")))


def _wanted(buckets: list[tuple[int, int]], rows: int) -> dict[tuple[int, int], int]:
    """(bucket, place in it) of each rank beside a decile."""
    found, before, left = {}, 0, sorted({rank for below, above, _ in ranks(rows) for rank in (below, above)})
    for bucket, size in buckets:
        while left and left[0] < before + size:
            rank = left.pop(0)
            found[bucket, rank - before] = rank
        before += size
    return found


def _picked(table: Expression, wanted: Mapping[tuple[int, int], int]) -> Expression:
    some = table.filter(table.bucket.isin(sorted({bucket for bucket, _ in wanted})))
    nth = ibis.row_number().over(ibis.window(group_by=some.bucket, order_by=some.x))
    placed = some.mutate(nth=nth.cast("int64"))
    chosen = [(placed.bucket == bucket) & (placed.nth == place) for bucket, place in wanted]
    return placed.filter(ibis.or_(*chosen)).select("bucket", "nth", "x")
