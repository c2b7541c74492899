"""Bins frozen from the reference: deciles, fine grids, levels, and the slices that are counted on their own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.profiling.bins import CategoricalBins, Floats, Grid, NumericBins
from plumbline.profiling.number_bins import (
    BY_VALUE,
    FEATURE_CELLS,
    TENTHS,
    bins_from,
    distinct,
    is_flat,
    no_bins,
    score_cells,
    slice_values,
    units_of,
)
from plumbline.profiling.order_statistics import ordered
from plumbline.profiling.parts import Part
from plumbline.profiling.profile import LABEL, SCORE
from plumbline.profiling.record_batches import numbers_in
from plumbline.profiling.rows import Rows
from plumbline.profiling.session import Session, together

LEVELS = 20_000  # most levels of a category that are frozen; rarer ones are met as unseen
SLICES = 200  # most values of a segment that are measured on their own
Expression = Callable[[Rows], str]


def freeze(
    session: Session, reference: Sequence[Part], spec: LogSpec, numeric: Sequence[str], words: Sequence[str]
) -> Grid:
    """The grid that all windows are counted on; it depends on the reference and the model file alone."""
    tasks: list[Callable[[], NumericBins | CategoricalBins]] = [
        *(partial(numeric_bins, session, reference, _number_of(name), FEATURE_CELLS) for name in numeric),
        *(partial(_categorical, session, reference, _word_of(name)) for name in words),
    ]
    columns = dict(zip((*numeric, *words), together(tasks), strict=True))
    scores = _scores(session, reference, spec)
    slices = [partial(_slices, session, reference, of) for of in spec.slices.values()]
    if spec.score:
        columns[SCORE] = scores[SCORE]
    else:
        columns |= {f"{SCORE}[{name}]": bins for name, bins in scores.items()}
    if spec.label or any(part.rows.joined for part in reference):
        columns[LABEL] = _label(session, reference, spec)
    return Grid(
        columns=columns,
        scores=scores,
        slices=dict(zip(spec.slices, together(slices), strict=True)),
        bands=TENTHS if spec.score_kind is ScoreKind.PROBABILITY else scores[SCORE].deciles,
        units=units_of(spec, scores, columns.get(LABEL), _largest(session, reference, spec)),
    )


def numeric_bins(
    session: Session,
    reference: Sequence[Part],
    expression: Expression,
    cells: int,
    *,
    splits: tuple[float, ...] = (),
    span: tuple[float, float] | None = None,
) -> NumericBins:
    """Bins of one numeric column; `splits` are further exact edges, `span` the range that a score is held to."""
    found = ordered(lambda: _finite(session, reference, expression))
    if found is None:
        return no_bins(splits)
    cuts = found.values
    if cuts is None and is_flat(found.quantiles):
        cuts = _spread(session, reference, expression)
    return bins_from(found.low, found.high, found.quantiles, cuts, cells, splits=splits, span=span)


def _finite(session: Session, reference: Sequence[Part], expression: Expression) -> Iterator[Floats]:
    for part in reference:
        for batch in session.batches(f"SELECT {expression(part.rows)} AS x {part.clause_for(expression(part.rows))}"):
            found = numbers_in(batch.column("x"))
            kept = found[np.isfinite(found)]
            if len(kept):
                yield kept + 0.0  # -0.0 and 0.0 are one value, so that the order of rows cannot show


def _spread(session: Session, reference: Sequence[Part], expression: Expression) -> tuple[float, ...]:
    """Where one value rules a column of many: a thousand values spread over the distinct ones."""
    values = f"SELECT DISTINCT x FROM ({_union(reference, expression)}) WHERE isfinite(x)"
    size = session.rows(f"SELECT count(*) FROM ({values})")[0][0]
    wanted = ", ".join(str(math.ceil(at / BY_VALUE * size) or 1) for at in range(BY_VALUE + 1))
    # The engine sorts on disk where it must; its own quantiles would hold every value.
    ranked = f"SELECT x, row_number() OVER (ORDER BY x) AS place FROM ({values})"
    return distinct(row[0] for row in session.rows(f"SELECT x FROM ({ranked}) WHERE place IN ({wanted})"))


def _categorical(session: Session, reference: Sequence[Part], expression: Expression) -> CategoricalBins:
    rows = session.rows(
        f"SELECT x FROM ({_union(reference, expression)}) WHERE x IS NOT NULL "
        f"GROUP BY x ORDER BY count(*) DESC, x LIMIT {LEVELS}"
    )
    return CategoricalBins(tuple(str(row[0]) for row in rows))


def _scores(session: Session, reference: Sequence[Part], spec: LogSpec) -> dict[str, NumericBins]:
    splits = TENTHS if spec.score_kind is ScoreKind.PROBABILITY else ()
    if spec.threshold is not None:
        splits = distinct([*splits, spec.threshold])
    named = {SCORE: spec.score} if spec.score else spec.classes
    cells = score_cells(sum(part.size for part in reference))
    binned = partial(numeric_bins, session, reference, cells=cells, splits=splits, span=spec.score_range)
    tasks = [partial(binned, _number_of(column)) for column in named.values()]
    return dict(zip(named, together(tasks), strict=True))


def _label(session: Session, reference: Sequence[Part], spec: LogSpec) -> NumericBins | CategoricalBins:
    if spec.task is Task.REGRESSION:
        return numeric_bins(session, reference, Rows.label, FEATURE_CELLS)
    return CategoricalBins(("0", "1") if spec.task is Task.BINARY else tuple(spec.classes))


def _slices(session: Session, reference: Sequence[Part], columns: tuple[str, ...]) -> tuple[str, ...]:
    rows = session.rows(
        f"SELECT x FROM ({_union(reference, lambda rows: rows.slice_value(columns))}) "
        f"GROUP BY x ORDER BY count(*) DESC, x LIMIT {SLICES}"
    )
    return slice_values([str(row[0]) for row in rows], columns)


def _largest(session: Session, reference: Sequence[Part], spec: LogSpec) -> dict[str, float]:
    """The largest size of each column of the house's own metrics, and weight."""
    columns = {column for metric in spec.counted_metrics for column in metric.columns}
    columns |= {spec.weight} if spec.weight else set()
    found = {}
    for column in sorted(columns):
        values = f"SELECT max(abs(x)) FROM ({_union(reference, _number_of(column))}) WHERE isfinite(x)"
        found[column] = session.rows(values)[0][0] or 1.0
    return found


def _number_of(column: str) -> Expression:
    return lambda rows: rows.number(column)


def _word_of(column: str) -> Expression:
    return lambda rows: rows.word(column)


def _union(reference: Sequence[Part], expression: Expression) -> str:
    return " UNION ALL ".join(
        f"SELECT {expression(part.rows)} AS x {part.clause_for(expression(part.rows))}" for part in reference
    )
