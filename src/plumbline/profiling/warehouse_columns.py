"""Feature columns of a warehouse table counted on the frozen bins: counts by window and bin come back, never values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
import numpy as np

from plumbline.profiling.bins import CategoricalBins, NumericBins
from plumbline.profiling.columns import UNSEEN_NAMED, CategoricalColumn, NumericColumn
from plumbline.profiling.parts import Key
from plumbline.profiling.session import Arrays
from plumbline.profiling.warehouse_engine import Engine, all_of
from plumbline.profiling.warehouse_numbers import Expression, Limbs, absent, finite, square, with_bins
from plumbline.profiling.warehouse_parts import TablePart

_MISSING, _WILD = -1, -2  # in place of a bin


def count_numbers(
    engine: Engine, part: TablePart, columns: Mapping[str, tuple[Expression, NumericBins]]
) -> dict[str, dict[Key, NumericColumn]]:
    """Numeric columns by name and window; each comes as a double and its bins."""
    limbs, wide = Limbs.for_rows(part.size), Limbs.for_rows(part.size, wide=True)
    queries = {name: _grouped(part, x, bins, limbs) for name, (x, bins) in columns.items()}
    found, again = {}, {}
    for name, lines in all_of(engine, queries):
        x, bins = columns[name]
        if _held(lines, bins, limbs):
            found[name] = _numbers(part, lines, bins, limbs)
        else:
            again[name] = _grouped(part, x, bins, wide)
    # Values far outside the reference: their sums need more digits.
    for name, lines in all_of(engine, again):
        found[name] = _numbers(part, lines, columns[name][1], wide)
    return found


def count_texts(
    engine: Engine, part: TablePart, columns: Mapping[str, tuple[Expression, CategoricalBins]]
) -> dict[str, dict[Key, CategoricalColumn]]:
    """Categorical columns by name and window; each comes as a text and its levels."""
    queries = {name: _named(engine, part, x, bins) for name, (x, bins) in columns.items()}
    return {name: _texts(part, lines, columns[name][1]) for name, lines in all_of(engine, queries)}


def by_window(part: TablePart, lines: Arrays) -> dict[Key, Arrays]:
    """The lines of each window, in the order of the windows."""
    windows = lines["w"]
    found: dict[Key, Arrays] = {}
    for window in sorted(set(windows.tolist())):
        mine = windows == window
        found[part.key(window)] = {name: values[mine] for name, values in lines.items()}
    return found


def _grouped(part: TablePart, x: Expression, bins: NumericBins, limbs: Limbs) -> Expression:
    """Rows by window and bin, and sums by window: of a bin with one row the sum would be its value."""
    narrow = with_bins(part.rows.table.select(w=part.window(), x=x), "x", bins)
    there = finite(narrow.x)
    place = ibis.cases((absent(narrow.x), _MISSING), (narrow.k.isnull(), _WILD), else_=narrow.k)
    digits = [*limbs.digits(narrow.x, bins.unit), *limbs.digits(square(narrow.x), bins.unit_sq)]
    named = {f"d{at}": ibis.cases((there, digit)) for at, digit in enumerate(digits)}
    keyed = narrow.select("w", k=place.cast("int64"), x=ibis.cases((there, narrow.x)), **named)
    cells = keyed.group_by("w", "k").aggregate(
        n=keyed.count(), low=keyed.x.min(), high=keyed.x.max(), **{d: keyed[d].sum() for d in _digits(limbs)}
    )
    whole = ibis.window(group_by=cells.w)
    return cells.select(
        w=cells.w,
        k=cells.k,
        n=cells.n,
        low=cells.low.min().over(whole),
        high=cells.high.max().over(whole),
        **{d: ibis.coalesce(cells[d].sum().over(whole), 0).cast("int64") for d in _digits(limbs)},
    )


def _digits(limbs: Limbs) -> list[str]:
    return [f"d{at}" for at in range(2 * limbs.count)]


def _held(lines: Arrays, bins: NumericBins, limbs: Limbs) -> bool:
    counted = lines["k"] >= 0
    if not counted.any():
        return True
    most = float(np.maximum(np.abs(lines["low"][counted]), np.abs(lines["high"][counted])).max())
    return limbs.hold(most, bins.unit) and limbs.hold(min(most, 1e150) ** 2, bins.unit_sq)


def _numbers(part: TablePart, lines: Arrays, bins: NumericBins, limbs: Limbs) -> dict[Key, NumericColumn]:
    return {key: _number(each, bins, limbs) for key, each in by_window(part, lines).items()}


def _number(lines: Arrays, bins: NumericBins, limbs: Limbs) -> NumericColumn:
    order = np.argsort(lines["k"])
    place, n = lines["k"][order], lines["n"][order].astype(np.int64)
    counted = place >= 0
    sums: list[Any] = [lines[d][0] for d in _digits(limbs)]
    return NumericColumn(
        bins=bins,
        index=place[counted],
        count=n[counted],
        missing=int(n[place == _MISSING].sum()),
        non_finite=int(n[place == _WILD].sum()),
        total=limbs.total(sums[: limbs.count]),
        total_sq=limbs.total(sums[limbs.count :]),
        minimum=float(lines["low"][0]) if counted.any() else None,
        maximum=float(lines["high"][0]) if counted.any() else None,
    )


def _named(engine: Engine, part: TablePart, x: Expression, bins: CategoricalBins) -> Expression:
    """Rows by window and level; unseen levels by name up to the cap, the rest as one line."""
    narrow = part.rows.table.select(w=part.window(), x=x)
    counts = narrow.group_by("w", "x").aggregate(n=narrow.count())
    counts = counts.mutate(seen=counts.x.isnull() | counts.x.isin(list(bins.levels) or [""]))
    order = [counts.n.desc(), engine.by_letter(counts.x)]
    nth = ibis.row_number().over(ibis.window(group_by=[counts.w, counts.seen], order_by=order))
    ranked = counts.mutate(nth=nth)
    told = ranked.seen | (ranked.nth < UNSEEN_NAMED)
    kind = ibis.cases((ranked.x.isnull(), _MISSING), (told, 0), else_=_WILD).cast("int64")
    lines = ranked.select(w=ranked.w, x=ibis.cases((told, ranked.x)), kind=kind, n=ranked.n)
    return lines.group_by("w", "x", "kind").aggregate(n=lines.n.sum().cast("int64"))


def _texts(part: TablePart, lines: Arrays, bins: CategoricalBins) -> dict[Key, CategoricalColumn]:
    at = {level: place for place, level in enumerate(bins.levels)}
    return {key: _text(each, bins, at) for key, each in by_window(part, lines).items()}


def _text(lines: Arrays, bins: CategoricalBins, at: Mapping[str, int]) -> CategoricalColumn:
    count = np.zeros(len(bins.levels), dtype=np.int64)
    unseen: dict[str, int] = {}
    for word, kind, n in zip(*(lines[name].tolist() for name in ("x", "kind", "n")), strict=True):
        if kind == 0 and word in at:
            count[at[word]] += n
        elif kind == 0:
            unseen[word] = n
    return CategoricalColumn(
        bins=bins,
        count=count,
        unseen=dict(sorted(unseen.items(), key=lambda item: (-item[1], item[0]))),
        unseen_rest=int(lines["n"][lines["kind"] == _WILD].sum()),
        missing=int(lines["n"][lines["kind"] == _MISSING].sum()),
    )
