"""Feature columns of a warehouse table counted on the frozen bins: counts by window and bin come back, never values."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import numpy as np

from plumbline.profiling.bins import CategoricalBins, NumericBins
from plumbline.profiling.columns import UNSEEN_NAMED, CategoricalColumn, NumericColumn
from plumbline.profiling.parts import Key
from plumbline.profiling.session import Arrays
from plumbline.profiling.warehouse_engine import Engine, all_of, batches
from plumbline.profiling.warehouse_numbers import Expression, Limbs, absent, finite, with_bins
from plumbline.profiling.warehouse_parts import TablePart

_MISSING, _WILD = -1, -2  # in place of a bin


def count_numbers(
    engine: Engine, part: TablePart, columns: Mapping[str, tuple[Expression, NumericBins]]
) -> dict[str, dict[Key, NumericColumn]]:
    """Numeric columns by name and window; each comes as a double and its bins."""
    limbs = part.limbs()
    sums = _sums(engine, part, columns, limbs)
    # Values far outside the reference: their sums need more digits.
    far = {name: columns[name] for name, lines in sums.items() if not _held(lines, columns[name][1], limbs)}
    sums |= _sums(engine, part, far, Limbs.for_rows(part.size, wide=True))
    queries = {name: _cells(part, x, bins) for name, (x, bins) in columns.items()}
    found = {}
    for name, lines in all_of(engine, queries):
        summed = by_window(part, sums[name])
        cells = by_window(part, lines)
        found[name] = {key: _number(part.kept(each), summed[key], columns[name][1]) for key, each in cells.items()}
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


def _cells(part: TablePart, x: Expression, bins: NumericBins) -> Expression:
    """Rows by window and bin."""
    narrow = with_bins(part.rows.table.select(w=part.window(), x=x, **part.weights()), "x", bins)
    # The bin is named once: PostgreSQL writes an expression out wherever its column is named, and reckons it as often.
    place = ibis.coalesce(narrow.k, ibis.cases((absent(narrow.x), _MISSING), else_=_WILD))
    keyed = narrow.select("w", *part.m, k=place.cast("int64"))
    return keyed.group_by("w", "k").aggregate(n=part.tally(keyed))


def _sums(
    engine: Engine, part: TablePart, columns: Mapping[str, tuple[Expression, NumericBins]], limbs: Limbs
) -> dict[str, Arrays]:
    """Sums and extremes by window, several columns in one pass; not by bin: of one row the sum would be its value."""
    found: dict[str, Arrays] = {}
    for names in batches(columns):
        named = {f"x{at}": columns[n][0] for at, n in enumerate(names)}
        narrow = part.rows.table.select(w=part.window(), **named, **part.weights())
        told: dict[str, Expression] = {}
        for at, name in enumerate(names):
            x, bins = narrow[f"x{at}"], columns[name][1]
            held = ibis.cases((finite(x) if part.unit is None else finite(x) & (narrow.m > 0), x))
            told |= {f"low{at}": held.min(), f"high{at}": held.max()}
            for letter, unit, exponent in (("s", bins.unit, 1), ("q", bins.unit_sq, 2)):
                for nth, digit in enumerate(part.digits(narrow, x, unit, exponent, limbs=limbs)):
                    told[f"{letter}{nth}_{at}"] = ibis.coalesce(digit.sum(), 0).cast("int64")
        lines = engine.fetch(narrow.group_by("w").aggregate(**told))
        digits = range(limbs.count)
        for at, name in enumerate(names):
            found[name] = {"w": lines["w"], "low": lines[f"low{at}"], "high": lines[f"high{at}"]}
            found[name] |= {kind: limbs.total([lines[f"{kind}{nth}_{at}"] for nth in digits]) for kind in "sq"}
    return found


def _held(lines: Arrays, bins: NumericBins, limbs: Limbs) -> bool:
    most = max(float(np.nanmax(np.abs(lines[end]), initial=0.0)) for end in ("low", "high"))
    return limbs.hold(most, bins.unit) and limbs.hold(most, bins.unit_sq, 2)


def _number(cells: Arrays, sums: Arrays, bins: NumericBins) -> NumericColumn:
    order = np.argsort(cells["k"])
    place, n = cells["k"][order], cells["n"][order].astype(np.int64)
    counted = place >= 0
    return NumericColumn(
        bins=bins,
        index=place[counted],
        count=n[counted],
        missing=int(n[place == _MISSING].sum()),
        non_finite=int(n[place == _WILD].sum()),
        total=int(sums["s"][0]),
        total_sq=int(sums["q"][0]),
        minimum=float(sums["low"][0]) + 0.0 if counted.any() else None,
        maximum=float(sums["high"][0]) + 0.0 if counted.any() else None,
    )


def _named(engine: Engine, part: TablePart, x: Expression, bins: CategoricalBins) -> Expression:
    """Rows by window and level; unseen levels by name up to the cap, the rest as one line."""
    narrow = part.rows.table.select(w=part.window(), x=x, **part.weights())
    counts = narrow.group_by("w", "x").aggregate(n=part.tally(narrow))
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
