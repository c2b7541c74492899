"""What becomes of figures beside the same figures of the reference: effect, test, and their place in a window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plumbline.profiling.profile import ALL, LABEL, Slice
from plumbline.services.measure_figures import NONE, Flags, Floats, Ints, Made, Words, chosen, objects, words
from plumbline.stats.intervals import two_proportions_of, two_values_of

# Compared by division: 1, not 0, is "no change".
RATIOS = ("observed_expected", "actual_expected", "estimated_actual_expected", "impact_ratio", "calibration_gap")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Whose figures they are: a window (its place in the run) and the place among its figures; a population, a column.

    `reference` is the row of the same figure on the reference, NONE for none; `itself` marks the reference's own rows.
    """

    window: Ints
    place: Ints
    by: Words
    segment: Words
    column: Words
    reference: Ints
    itself: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A figure of each row beside its reference, tested but not yet corrected for how many were looked at."""

    metric: str
    rows: Rows
    current: Made
    reference: Floats
    n_reference: Ints
    effect: Floats
    p_value: Floats
    label_share: Floats
    mature: Words
    population: Words
    direction: str = ""
    record: Words | None = None  # of an estimate: how earlier ones came out


@dataclass(frozen=True, slots=True)
class Maturity:
    """By window: whether its labels are in (None: not known), and the share of them that is."""

    mature: Words
    label_share: Floats


@dataclass(frozen=True, slots=True)
class Line:
    """One of `Rows`: `section` and `place` order the figures of a window."""

    window: int
    section: int
    place: int
    population: Slice = ALL
    column: str | None = None
    reference: int = NONE


def rows_of(lines: Sequence[Line]) -> Rows:
    window = np.array([line.window for line in lines], dtype=np.int64)
    return Rows(
        window=window,
        place=np.array([line.section << 32 | line.place for line in lines], dtype=np.int64),
        by=objects([line.population.by for line in lines]),
        segment=objects([line.population.value for line in lines]),
        column=objects([line.column for line in lines]),
        reference=np.array([line.reference for line in lines], dtype=np.int64),
        itself=window == 0,
    )


def compare(
    metric: str,
    current: Made,
    rows: Rows,
    *,
    before: Made | None = None,
    n_reference: Ints | None = None,
    label_share: Floats | None = None,
    mature: Words | None = None,
    population: Words | None = None,
    direction: str = "",
) -> Compared:
    """The figure beside its reference, among its own rows unless `before` holds them; the reference itself is not
    tested. `n_reference` where the other side is another group of the same window.
    """
    there = rows.reference != NONE
    earlier = chosen(current if before is None else before, np.where(there, rows.reference, 0))
    reference = np.where(there, earlier.value, np.nan)
    size = len(reference)
    return Compared(
        metric=metric,
        rows=rows,
        current=current,
        reference=reference,
        n_reference=np.where(there, earlier.n, NONE) if n_reference is None else n_reference,
        effect=_effect(metric, current.value, reference),
        p_value=_p_value(current, earlier, there & ~rows.itself),
        label_share=np.full(size, np.nan) if label_share is None else label_share,
        mature=words(None, size) if mature is None else mature,
        population=words(None, size) if population is None else population,
        direction=direction,
    )


def drifted(metric: str, current: Made, rows: Rows, n_reference: Ints, maturity: Maturity) -> Compared:
    """A distance is itself the change; the reference's distance from itself is no figure."""
    of_label = np.asarray(rows.column == LABEL, dtype=np.bool_)
    mature = words(None, len(of_label))
    mature[of_label] = maturity.mature[rows.window[of_label]]
    return Compared(
        metric=metric,
        rows=rows,
        current=current,
        reference=np.full(len(of_label), np.nan),
        n_reference=n_reference,
        effect=current.value,
        p_value=current.p_value,
        label_share=np.where(of_label, maturity.label_share[rows.window], np.nan),
        mature=mature,
        population=words(None, len(of_label)),
    )


def _effect(metric: str, current: Floats, reference: Floats) -> Floats:
    """Current minus reference; ratio metrics divided."""
    if metric not in RATIOS:
        return current - reference
    return current / np.where(reference == 0, np.nan, reference)


def _p_value(current: Made, reference: Made, tested: Flags) -> Floats:
    found = current.p_value.copy()
    open_ = tested & np.isnan(found) & ~np.isnan(current.value) & ~np.isnan(reference.value)
    shares = open_ & ~np.isnan(current.k) & ~np.isnan(reference.k)
    values = open_ & ~shares & ~np.isnan(current.variance) & ~np.isnan(reference.variance)
    for where, test, sides in (
        (shares, two_proportions_of, ("k", "n")),
        (values, two_values_of, ("value", "variance")),
    ):
        if where.any():
            parts = [getattr(side, name)[where].astype(np.float64) for side in (current, reference) for name in sides]
            found[where] = test(*parts)
    return found


def as_fields(found: Iterable[Compared]) -> dict[str, NDArray[Any]]:
    """All rows of all figures in the order of their windows, by the field of a `Measurement`; and their `window`."""
    held: dict[str, list[NDArray[Any]]] = {}
    for code, each in enumerate(found):
        for name, values in _fields(each, code).items():
            held.setdefault(name, []).append(values)
    whole = {name: np.concatenate(parts) for name, parts in held.items()}
    order = np.lexsort((whole.pop("code"), whole.pop("place"), whole["window"]))
    return {name: values[order] for name, values in whole.items()}


def _fields(each: Compared, code: int) -> dict[str, NDArray[Any]]:
    rows, current, size = each.rows, each.current, len(each.reference)
    return {
        "window": rows.window,
        "place": rows.place,
        "code": np.full(size, code),
        "metric": words(each.metric, size),
        "column": rows.column,
        "segment_by": rows.by,
        "segment": rows.segment,
        "estimate": current.value,
        "low": current.low,
        "high": current.high,
        "method": current.method,
        "n": current.n,
        "events": current.events,
        "n_reference": each.n_reference,
        "label_share": each.label_share,
        "reference": each.reference,
        "effect": each.effect,
        "p_value": each.p_value,
        "error_bound": current.error_bound,
        "null_expectation": current.null_expectation,
        "ordinary": np.full(size, np.nan),
        "why_not": current.why_not,
        "direction": words(each.direction, size),
        "mature": each.mature,
        "record": words(None, size) if each.record is None else each.record,
        "population": each.population,
        "lowest": current.lowest,
        "highest": current.highest,
    }
