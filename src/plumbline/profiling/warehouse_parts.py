"""A warehouse's log made ready to be counted: which rows count, in which windows, and why the others do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import ibis

from plumbline.domain.errors import LogError
from plumbline.domain.results import REFERENCE
from plumbline.profiling.mending import remedy
from plumbline.profiling.parts import DUPLICATE, Key, Prepared, Span
from plumbline.profiling.rows import FUTURE
from plumbline.profiling.session import Arrays
from plumbline.profiling.warehouse_engine import Engine
from plumbline.profiling.warehouse_numbers import Expression, Limbs, finite, real, weighed
from plumbline.profiling.warehouse_rows import TableRows

NOWHERE = -(2**62)  # the window of a row that has none; no engine then makes a float of the column


@dataclass(frozen=True, slots=True)
class TablePart:
    """The countable rows of one table that belong to the reference, or to the log."""

    rows: TableRows
    reference: bool
    size: int
    unit: float | None = None  # of weight, where a row counts by it; None: every row counts once

    def weights(self) -> dict[str, Expression]:
        """Columns that a selection needs for `tally` and `digits`: whole units, and the weight itself."""
        if self.unit is None:
            return {}
        units = self.rows.weight(self.unit)
        return {"m": units, "weight": units.cast("float64") * real(self.unit)}

    @property
    def m(self) -> list[str]:
        """The column that `tally` reads, where it reads one."""
        return [] if self.unit is None else ["m"]

    def tally(self, table: Expression) -> Expression:
        """How much a group counts."""
        return table.count() if self.unit is None else table.m.sum().cast("int64")

    def digits(
        self, table: Expression, x: Expression, unit: float, exponent: int = 1, *, limbs: Limbs
    ) -> list[Expression]:
        """`limbs.digits` of x, times its weight where rows count by it."""
        if self.unit is None:
            return limbs.digits(x, unit, exponent)
        return limbs.digits(weighed(ibis.cases((finite(x), x)), table.weight, exponent), unit)

    def kept(self, lines: Arrays) -> Arrays:
        """Counts without those that weigh nothing."""
        return lines if self.unit is None else {name: values[lines["n"] > 0] for name, values in lines.items()}

    def limbs(self) -> Limbs:
        """Digits for sums over the rows; weights may be of any size."""
        return Limbs.for_rows(self.size, wide=self.unit is not None)

    def window(self) -> Expression:
        return ibis.literal(0, type="int64") if self.reference else self.rows.window()

    def key(self, window: Any) -> Key:
        return REFERENCE if self.reference else window if isinstance(window, str) else int(window)


def prepare_tables(
    engine: Engine, readings: Sequence[TableRows], counted: Sequence[str]
) -> tuple[list[TablePart], Prepared]:
    """Look once at the narrow columns of every table: count, quarantine, find the windows.

    `counted` are columns by name that decide which of several rows of an id is taken: the smallest of them.

    Raises:
        LogError: the reference shares an id with the log, or a side has no usable row.
    """
    found = Prepared([], {}, 0, Counter(), [])
    parts: list[TablePart] = []
    twice = _twice(engine, readings)
    for rows in readings:
        rejected = _look(engine, rows, found)
        chosen = rows.of(rows.table.filter(rows.reason().isnull())) if rejected else rows
        if twice is not None:
            chosen = _first_of_each(engine, chosen, twice, counted, found)
        parts += _split(chosen, found)
    for span in found.spans.values():
        found.quarantine.update(span.quarantine)
    found.spans.pop("", None)
    _refuse_empty(engine, found, readings, parts)
    return parts, found


def _look(engine: Engine, rows: TableRows, found: Prepared) -> bool:
    """Count rows by window and reason; whether some cannot be counted."""
    time = rows.time()
    narrow = rows.table.select(reference=rows.is_reference(), reason=rows.reason(), w=_safe_window(rows), t=time)
    grouped = narrow.group_by("reference", "w", "reason")
    look = engine.fetch(grouped.aggregate(n=narrow.count(), first=narrow.t.min(), last=narrow.t.max()))
    rejected = False
    for reference, window, reason, n, first, last in zip(*look.values(), strict=True):
        key = "" if reason == FUTURE else _key(reference, window)
        span = found.spans.setdefault(key, Span())
        found.rows_in += int(n)
        if reason is not None:
            span.quarantine[reason] += int(n)
            rejected = True
            continue
        span.rows += int(n)
        span.widen(_aware(first), _aware(last))
    return rejected


def _safe_window(rows: TableRows) -> Expression:
    nowhere = ibis.literal("") if rows.spec.window_column else ibis.literal(NOWHERE, type="int64")
    if rows.reference_table:
        return nowhere
    return ibis.coalesce(ibis.cases((~rows.is_reference(), rows.window())), nowhere)


def _key(reference: bool, window: Any) -> Key:
    # Rows without a window are all in quarantine; the empty key holds their counts.
    if reference:
        return REFERENCE
    return window if isinstance(window, str) else "" if window == NOWHERE else int(window)


def _twice(engine: Engine, readings: Sequence[TableRows]) -> Expression | None:
    """Ids of more than one countable row, or None where there are none."""
    if readings[0].spec.id is None:
        return None
    named = ibis.union(*(_named(rows) for rows in readings)) if len(readings) > 1 else _named(readings[0])
    counts = named.group_by("id").aggregate(n=named.count(), low=named.side.min(), high=named.side.max())
    twice = counts.filter(counts.n > 1)
    both = ibis.ifelse(twice.low < twice.high, 1, 0).sum()
    told = engine.fetch(twice.aggregate(n=twice.count(), shared=ibis.coalesce(both, 0)))
    if told["shared"][0]:
        _refuse_overlap(engine, readings[0], twice, int(told["shared"][0]))
    return engine.keep(twice.select("id")) if told["n"][0] else None


def _named(rows: TableRows) -> Expression:
    word, side = rows.word(rows.spec.id or ""), ibis.ifelse(rows.is_reference(), 1, 0)
    return rows.table.filter(rows.reason().isnull() & word.notnull()).select(id=word, side=side)


def _refuse_overlap(engine: Engine, rows: TableRows, twice: Expression, count: int) -> None:
    both = twice.filter(twice.low < twice.high)
    first = engine.fetch(both.order_by(engine.by_letter(both.id)).select("id").limit(1))["id"][0]
    raise LogError(
        f"The reference overlaps the log: rows in both: {count:,}, the first with {rows.spec.id} = {first!r}",
        where=f"table {rows.name}",
        remedy="Take those rows out of one of the two.",
    )


def _first_of_each(
    engine: Engine, rows: TableRows, twice: Expression, counted: Sequence[str], found: Prepared
) -> TableRows:
    """One row an id. A table has no order of rows: the earliest is taken, then the smallest by what is counted."""
    columns = rows.table.columns
    table = rows.table.mutate(plumbline_id=rows.word(rows.spec.id or ""))
    same = table.plumbline_id == twice.id
    alone, repeated = table.anti_join(twice, same).select(*columns), table.semi_join(twice, same)
    order = _order(engine, rows.of(repeated), counted)
    ranked = repeated.mutate(
        plumbline_nth=ibis.row_number().over(ibis.window(group_by=repeated.plumbline_id, order_by=order))
    )
    later = rows.of(ranked.filter(ranked.plumbline_nth > 0))
    narrow = later.table.select(reference=later.is_reference(), w=_safe_window(later))
    again = engine.fetch(narrow.group_by("reference", "w").aggregate(n=narrow.count()))
    for reference, window, n in zip(*again.values(), strict=True):
        span = found.spans[_key(reference, window)]
        span.quarantine[DUPLICATE] += int(n)
        span.rows -= int(n)
    first = engine.keep(ranked.filter(ranked.plumbline_nth == 0).select(*columns))
    return rows.of(alone.union(first))


def _order(engine: Engine, rows: TableRows, counted: Sequence[str]) -> list[Expression]:
    order = []
    for column in counted:
        if column not in rows.table.columns:
            continue
        value = rows.table[column]
        # Engines differ on where nulls stand: here they come first.
        order += [value.notnull(), engine.by_letter(value) if value.type().is_string() else value]
    return order


def _split(rows: TableRows, found: Prepared) -> list[TablePart]:
    of_reference = found.spans.get(REFERENCE, Span()).rows
    of_log = sum(span.rows for key, span in found.spans.items() if key != REFERENCE)
    if rows.reference_table:
        sides = [(rows, True, of_reference)]
    elif rows.spec.reference_column is None:
        sides = [(rows, False, of_log)]
    else:
        marked = rows.is_reference()
        reference, log = rows.of(rows.table.filter(marked)), rows.of(rows.table.filter(~marked))
        sides = [(reference, True, of_reference), (log, False, of_log)]
    return [TablePart(each, side, size) for each, side, size in sides if size]


def _refuse_empty(engine: Engine, found: Prepared, readings: Sequence[TableRows], parts: Sequence[TablePart]) -> None:
    tables = ", ".join(dict.fromkeys(f"table {each.name}" for each in readings))
    of_reference = found.spans.get(REFERENCE, Span()).quarantine
    for reference, name in ((True, "reference"), (False, "log")):
        if any(part.reference is reference for part in parts):
            continue
        counts = of_reference if reference else found.quarantine - of_reference
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items())) or "no rows at all"
        raise LogError(
            f"The {name} has no usable row: {reasons}{_smallest_reject(engine, readings, reference)}",
            where=tables,
            remedy=remedy(counts),
        )


def _smallest_reject(engine: Engine, readings: Sequence[TableRows], reference: bool) -> str:
    """Column and value of one rejected row of a side, the smallest; empty where there is none."""
    for rows in readings:
        side = rows.is_reference() if reference else ~rows.is_reference()
        table = rows.table.filter(side & rows.reason().notnull())
        reasons = rows.of(table).reason()
        first = engine.fetch(table.aggregate(reason=reasons.min()))["reason"][0]
        column = rows.blamed(first) if first else None
        if column and column in rows.table.columns:
            blamed = table.filter(reasons == first)
            value = engine.fetch(blamed.aggregate(value=rows.of(blamed).word(column).min()))["value"][0]
            return f"; one row has {column} = {value!r}"
    return ""


def _aware(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
