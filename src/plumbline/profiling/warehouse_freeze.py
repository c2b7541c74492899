"""Bins frozen by queries: a warehouse tells extremes, order statistics and levels; the bins are made as for files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.profiling.bins import CategoricalBins, Grid, NumericBins
from plumbline.profiling.freeze import LEVELS, SLICES
from plumbline.profiling.number_bins import (
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
from plumbline.profiling.profile import LABEL, SCORE
from plumbline.profiling.warehouse_engine import Engine, all_of
from plumbline.profiling.warehouse_numbers import Expression
from plumbline.profiling.warehouse_order import Ordered, ordered_columns, spread
from plumbline.profiling.warehouse_parts import TablePart
from plumbline.profiling.warehouse_rows import TableRows

Read = Callable[[TableRows], Expression]


def freeze_tables(engine: Engine, part: TablePart, spec: LogSpec, numeric: Sequence[str], words: Sequence[str]) -> Grid:
    """The grid that all windows are counted on, from the reference's part: the one that `freeze` makes of files."""
    known = _order_statistics(engine, part, spec, numeric)
    columns: dict[str, NumericBins | CategoricalBins] = {
        name: _bins(engine, part, _number_of(name), known[name], FEATURE_CELLS) for name in numeric
    }
    columns |= {name: CategoricalBins(levels) for name, levels in _levels(engine, part, words).items()}
    scores = _scores(engine, part, spec, known)
    columns |= {SCORE: scores[SCORE]} if spec.score else {f"{SCORE}[{name}]": bins for name, bins in scores.items()}
    if spec.label or part.rows.joined:
        columns[LABEL] = _label(engine, part, spec, known)
    return Grid(
        columns=columns,
        scores=scores,
        slices=_slices(engine, part, spec),
        bands=TENTHS if spec.score_kind is ScoreKind.PROBABILITY else scores[SCORE].deciles,
        units=units_of(spec, scores, columns.get(LABEL), _largest(spec, known)),
    )


def _order_statistics(
    engine: Engine, part: TablePart, spec: LogSpec, numeric: Sequence[str]
) -> dict[str, Ordered | None]:
    """By column name; the label of a regression stands under LABEL, which no feature can be called."""
    scores = [spec.score] if spec.score else list(spec.classes.values())
    asked: dict[str, Read] = {name: _number_of(name) for name in (*numeric, *scores, *_summed(spec))}
    if spec.task is Task.REGRESSION:
        asked[_OUTCOME] = TableRows.label
    return ordered_columns(engine, part.rows, asked)


_OUTCOME = "(outcome)"


def _bins(
    engine: Engine,
    part: TablePart,
    read: Read,
    found: Ordered | None,
    cells: int,
    *,
    splits: tuple[float, ...] = (),
    span: tuple[float, float] | None = None,
) -> NumericBins:
    if found is None:
        return no_bins(splits)
    cuts = found.values
    if cuts is None and is_flat(found.quantiles):
        cuts = spread(engine, part.rows, read)
    return bins_from(found.low, found.high, found.quantiles, cuts, cells, splits=splits, span=span)


def _scores(
    engine: Engine, part: TablePart, spec: LogSpec, known: Mapping[str, Ordered | None]
) -> dict[str, NumericBins]:
    splits = TENTHS if spec.score_kind is ScoreKind.PROBABILITY else ()
    if spec.threshold is not None:
        splits = distinct([*splits, spec.threshold])
    named, cells = {SCORE: spec.score} if spec.score else spec.classes, score_cells(part.size)
    return {
        name: _bins(engine, part, _number_of(column), known[column], cells, splits=splits, span=spec.score_range)
        for name, column in named.items()
    }


def _label(
    engine: Engine, part: TablePart, spec: LogSpec, known: Mapping[str, Ordered | None]
) -> NumericBins | CategoricalBins:
    if spec.task is Task.REGRESSION:
        return _bins(engine, part, TableRows.label, known[_OUTCOME], FEATURE_CELLS)
    return CategoricalBins(("0", "1") if spec.task is Task.BINARY else tuple(spec.classes))


def _levels(engine: Engine, part: TablePart, words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    return _ranked(engine, part, {name: part.rows.word(name) for name in words}, LEVELS)


def _slices(engine: Engine, part: TablePart, spec: LogSpec) -> dict[str, tuple[str, ...]]:
    read = {name: part.rows.slice_value(columns) for name, columns in spec.slices.items()}
    found = _ranked(engine, part, read, SLICES)
    return {name: slice_values(values, spec.slices[name]) for name, values in found.items()}


def _ranked(engine: Engine, part: TablePart, words: Mapping[str, Expression], most: int) -> dict[str, tuple[str, ...]]:
    """Values of each text that are not null, by falling count, ties by letter."""

    def query(name: str) -> Expression:
        narrow = part.rows.table.select(x=words[name])
        known = narrow.filter(narrow.x.notnull())
        counts = known.group_by("x").aggregate(n=known.count())
        return counts.order_by(counts.n.desc(), engine.by_letter(counts.x)).limit(most)

    found: dict[str, list[tuple[int, str]]] = {name: [] for name in words}
    for name, lines in all_of(engine, {name: query(name) for name in words}):
        found[name] = [(-int(n), x) for n, x in zip(lines["n"], lines["x"], strict=True)]
    return {name: tuple(x for _, x in sorted(values)) for name, values in found.items()}


def _summed(spec: LogSpec) -> list[str]:
    """Columns of the house's own metrics, and weight."""
    house = [column for metric in spec.counted_metrics for column in metric.columns]
    return [*house, spec.weight] if spec.weight else house


def _largest(spec: LogSpec, known: Mapping[str, Ordered | None]) -> dict[str, float]:
    columns = {column: known[column] for column in _summed(spec)}
    return {name: max(abs(found.low), abs(found.high)) if found else 0.0 for name, found in columns.items()}


def _number_of(column: str) -> Read:
    return lambda rows: rows.number(column)
