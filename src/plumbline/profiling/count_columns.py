"""Feature columns of a part, counted on the frozen bins: one narrow query a column, whatever the number of windows."""

from __future__ import annotations

import numpy as np

from plumbline.profiling.bins import CategoricalBins, NumericBins
from plumbline.profiling.columns import CategoricalColumn, Column, NumericColumn, exact_total, name_unseen
from plumbline.profiling.parts import Key, Part
from plumbline.profiling.session import Arrays, Session, fixed_sum


def count_number(session: Session, part: Part, expression: str, bins: NumericBins) -> dict[Key, NumericColumn]:
    """A numeric column by window; `expression` is a DOUBLE."""
    window, by = _window(part)
    inner = f"SELECT {window}{expression} AS x {part.clause}"

    def query(kind: str) -> str:
        return (
            f"SELECT {by}{bins.key_sql('x')} AS k, count(*) AS n, {fixed_sum('x', bins.unit, kind)} AS total, "
            f"{fixed_sum('x * x', bins.unit_sq, kind)} AS total_sq, min(x) AS low, max(x) AS high "
            f"FROM ({inner}) WHERE isfinite(x) GROUP BY {by}k ORDER BY {by}k"
        )

    arrays = session.tally(query)
    found = {key: _number(arrays, lines, bins) for key, lines in part.groups(arrays)}
    # A second query only where the first left rows out.
    whole = int(arrays["n"].sum()) == part.size
    missing = {} if whole else _not_numbers(session, part, by, inner)
    for key, (empty, wild) in missing.items():
        column = found.get(key, no_numbers(bins))
        found[key] = column + no_numbers(bins, missing=empty, non_finite=wild)
    return found


def no_numbers(bins: NumericBins, *, missing: int = 0, non_finite: int = 0) -> NumericColumn:
    """A numeric column without one finite value."""
    nothing = np.zeros(0, dtype=np.int64)
    return NumericColumn(bins=bins, index=nothing, count=nothing, missing=missing, non_finite=non_finite)


def count_words(session: Session, part: Part, expression: str, bins: CategoricalBins) -> dict[Key, CategoricalColumn]:
    """A categorical column by window; `expression` is a VARCHAR."""
    window, by = _window(part)
    arrays = session.arrays(
        f"SELECT {by}coalesce(x, '') AS x, x IS NULL AS empty, count(*) AS n "
        f"FROM (SELECT {window}{expression} AS x {part.clause}) GROUP BY {by}x ORDER BY {by}x"
    )
    level_at = {level: at for at, level in enumerate(bins.levels)}
    return {key: _words(arrays, lines, bins, level_at) for key, lines in part.groups(arrays)}


def no_words(bins: CategoricalBins) -> CategoricalColumn:
    return CategoricalColumn(bins=bins, count=np.zeros(len(bins.levels), dtype=np.int64))


def empty_column(bins: NumericBins | CategoricalBins) -> Column:
    """The column of a window without rows."""
    return no_words(bins) if isinstance(bins, CategoricalBins) else no_numbers(bins)


def _window(part: Part) -> tuple[str, str]:
    return ("", "") if part.window is None else (f"{part.window} AS w, ", "w, ")


def _number(arrays: Arrays, lines: slice, bins: NumericBins) -> NumericColumn:
    keys, counts = bins.resolve(arrays["k"][lines]), arrays["n"][lines].astype(np.int64)
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    return NumericColumn(
        bins=bins,
        index=keys[starts],
        count=np.add.reduceat(counts, starts),
        total=exact_total(arrays["total"][lines]),
        total_sq=exact_total(arrays["total_sq"][lines]),
        minimum=float(arrays["low"][lines].min()),
        maximum=float(arrays["high"][lines].max()),
    )


def _not_numbers(session: Session, part: Part, by: str, inner: str) -> dict[Key, tuple[int, int]]:
    arrays = session.arrays(
        f"SELECT {by}count(*) FILTER (x IS NULL) AS missing, count(*) FILTER (NOT isfinite(x)) AS wild "
        f"FROM ({inner}) WHERE x IS NULL OR NOT isfinite(x) {'GROUP BY w ORDER BY w' if by else ''}"
    )
    return {
        key: (int(arrays["missing"][lines].sum()), int(arrays["wild"][lines].sum()))
        for key, lines in part.groups(arrays)
    }


def _words(arrays: Arrays, lines: slice, bins: CategoricalBins, level_at: dict[str, int]) -> CategoricalColumn:
    count = np.zeros(len(bins.levels), dtype=np.int64)
    unseen: dict[str, int] = {}
    missing = 0
    for word, empty, rows in zip(*(arrays[name][lines].tolist() for name in ("x", "empty", "n")), strict=True):
        if empty:
            missing += rows
        elif word in level_at:
            count[level_at[word]] += rows
        else:
            unseen[word] = rows
    named, rest = name_unseen(unseen)
    return CategoricalColumn(bins=bins, count=count, unseen=named, unseen_rest=rest, missing=missing)
