"""Bins frozen from the reference: deciles, fine grids, levels, and the slices that are counted on their own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.profiling.bins import CategoricalBins, Grid, NumericBins, real
from plumbline.profiling.parts import Part
from plumbline.profiling.profile import LABEL, MISSING, SCORE
from plumbline.profiling.rows import Rows
from plumbline.profiling.session import Session

BY_VALUE = 1_024  # most distinct reference values that are counted one by one
FEATURE_CELLS = 4_096
LEVELS = 20_000  # most levels of a category that are frozen; rarer ones are met as unseen
SLICES = 200  # most values of a segment that are measured on their own
TENTHS = tuple(tenth / 10 for tenth in range(1, 10))
Expression = Callable[[Rows], str]


def freeze(
    session: Session, reference: Sequence[Part], spec: LogSpec, numeric: Sequence[str], words: Sequence[str]
) -> Grid:
    """The grid that all windows are counted on; it depends on the reference and the model file alone."""
    columns: dict[str, NumericBins | CategoricalBins] = {
        name: numeric_bins(session, reference, _number_of(name), FEATURE_CELLS) for name in numeric
    }
    columns |= {name: _categorical(session, reference, _word_of(name)) for name in words}
    scores = _scores(session, reference, spec)
    if spec.score:
        columns[SCORE] = scores[SCORE]
    else:
        columns |= {f"{SCORE}[{name}]": bins for name, bins in scores.items()}
    if spec.label or any(part.rows.joined for part in reference):
        columns[LABEL] = _label(session, reference, spec)
    return Grid(
        columns=columns,
        scores=scores,
        slices={name: _slices(session, reference, columns_of) for name, columns_of in spec.slices.items()},
        bands=TENTHS if spec.score_kind is ScoreKind.PROBABILITY else scores[SCORE].deciles,
        units=_units(session, reference, spec, scores, columns.get(LABEL)),
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
    values = f"SELECT x FROM ({_union(reference, expression)}) WHERE isfinite(x)"
    asked = ", ".join(f"{at / 20:g}" for at in (2, 4, 5, 6, 8, 10, 12, 14, 15, 16, 18))
    low, high, about, found = session.rows(
        f"SELECT min(x), max(x), approx_count_distinct(x), quantile_cont(x, [{asked}]) FROM ({values})"
    )[0]
    if found is None:
        return NumericBins(kind="value", deciles=(), minimum=0.0, maximum=0.0, unit=1.0, unit_sq=1.0, cuts=splits)
    quarters, median = (found[2], found[8]), found[5]
    deciles = _distinct(value for at, value in enumerate(found) if at not in (2, 8))
    flat = quarters[0] == quarters[1]
    units = unit_of(max(abs(low), abs(high)))
    cuts = _values(session, values, flat) if flat or about < 2 * BY_VALUE else None
    if cuts is not None:
        both = _distinct([*cuts, *deciles, *splits])
        return NumericBins(
            kind="value", deciles=deciles, minimum=low, maximum=high, unit=units[0], unit_sq=units[1], cuts=both
        )
    scale = quarters[1] - quarters[0]
    first, last = _softsign_range(median, scale, span, cells)
    bins = NumericBins(
        kind="softsign",
        deciles=deciles,
        minimum=low,
        maximum=high,
        unit=units[0],
        unit_sq=units[1],
        centre=median,
        scale=scale,
        low=first,
        per_unit=cells / (last - first),
        cells=cells,
        splits=_distinct([*deciles, *splits, low, math.nextafter(high, math.inf)]),
    )
    return _with_starts(session, bins)


def unit_of(largest: float) -> tuple[float, float]:
    """Powers of two for sums and sums of squares: forty bits under the largest value of the reference."""
    exponent = min(max(math.frexp(largest)[1] if largest else 0, -400), 400)
    return math.ldexp(1.0, exponent - 40), math.ldexp(1.0, 2 * exponent - 40)


def _with_starts(session: Session, bins: NumericBins) -> NumericBins:
    edges = ", ".join(f"({at}, {real(edge)})" for at, edge in enumerate(bins.splits))
    # DuckDB itself says where an edge falls: the same arithmetic as for every row.
    keys = session.rows(f"SELECT {bins.key_sql('x')} FROM (VALUES {edges}) AS e(place, x) ORDER BY place")
    fields = {name: getattr(bins, name) for name in bins.__slots__} | {"starts": tuple(int(key[0]) for key in keys)}
    return NumericBins(**fields)


def _softsign_range(centre: float, scale: float, span: tuple[float, float] | None, cells: int) -> tuple[float, float]:
    low, high = -1.0, 1.0
    if span:
        low, high = ((each - centre) / (scale + abs(each - centre)) for each in span)
    margin = 2 * (high - low) / cells
    return low - margin, high + margin


def _values(session: Session, values: str, flat: bool) -> tuple[float, ...] | None:
    """Reference values to be counted one by one; where one value rules, a thousand spread over the others."""
    found = session.rows(f"SELECT DISTINCT x FROM ({values}) ORDER BY x LIMIT {BY_VALUE + 1}")
    if len(found) <= BY_VALUE:
        return tuple(row[0] for row in found)
    if not flat:
        return None
    shares = ", ".join(f"{at / BY_VALUE!r}" for at in range(BY_VALUE + 1))
    return _distinct(
        session.rows(f"SELECT quantile_disc(x, [{shares}]) FROM (SELECT DISTINCT x FROM ({values}))")[0][0]
    )


def _categorical(session: Session, reference: Sequence[Part], expression: Expression) -> CategoricalBins:
    rows = session.rows(
        f"SELECT x FROM ({_union(reference, expression)}) WHERE x IS NOT NULL "
        f"GROUP BY x ORDER BY count(*) DESC, x LIMIT {LEVELS}"
    )
    return CategoricalBins(tuple(str(row[0]) for row in rows))


def _scores(session: Session, reference: Sequence[Part], spec: LogSpec) -> dict[str, NumericBins]:
    splits = TENTHS if spec.score_kind is ScoreKind.PROBABILITY else ()
    if spec.threshold is not None:
        splits = _distinct([*splits, spec.threshold])
    named = {SCORE: spec.score} if spec.score else spec.classes
    cells = _score_cells(sum(part.size for part in reference))
    return {
        name: numeric_bins(session, reference, _number_of(column), cells, splits=splits, span=spec.score_range)
        for name, column in named.items()
    }


def _score_cells(rows: int) -> int:
    """Fewer rows, finer cells: of a few hundred rows no two may share a cell, or the area under the curve moves;
    of a million many may, since their errors cancel.
    """
    return 1 << min(max(33 - max(rows, 1).bit_length(), 13), 17)


def _label(session: Session, reference: Sequence[Part], spec: LogSpec) -> NumericBins | CategoricalBins:
    if spec.task is Task.REGRESSION:
        return numeric_bins(session, reference, Rows.label, FEATURE_CELLS)
    return CategoricalBins(("0", "1") if spec.task is Task.BINARY else tuple(spec.classes))


def _slices(session: Session, reference: Sequence[Part], columns: tuple[str, ...]) -> tuple[str, ...]:
    rows = session.rows(
        f"SELECT x FROM ({_union(reference, lambda rows: rows.slice_value(columns))}) "
        f"GROUP BY x ORDER BY count(*) DESC, x LIMIT {SLICES}"
    )
    found = [str(row[0]) for row in rows]
    missing = [MISSING] if len(columns) == 1 and MISSING not in found else []
    return (*found, *missing)


def _units(
    session: Session,
    reference: Sequence[Part],
    spec: LogSpec,
    scores: dict[str, NumericBins],
    label: NumericBins | CategoricalBins | None,
) -> dict[str, float]:
    """Units of each sum: a probability's are fixed, the others follow the largest value in the reference."""
    units = {"loss": 2.0**-32, "loss_sq": 2.0**-26, "relative": 2.0**-30, "relative_sq": 2.0**-20}
    if spec.score_kind is ScoreKind.PROBABILITY:
        units |= {"score": 2.0**-34, "square": 2.0**-34}
    else:
        largest = max(abs(edge) for edge in (scores[SCORE].minimum, scores[SCORE].maximum, *(spec.score_range or ())))
        if isinstance(label, NumericBins):
            largest = max(largest, abs(label.minimum), abs(label.maximum))
        units |= dict(zip(("score", "square"), unit_of(largest), strict=True))
        units["fourth"] = units["square"] ** 2 * 2.0**40
    for metric in spec.counted_metrics:
        for axis, column in zip(("x", "y"), metric.columns, strict=False):
            most = session.rows(f"SELECT max(abs(x)) FROM ({_union(reference, _number_of(column))}) WHERE isfinite(x)")
            units[f"{metric.key}:{axis}"], units[f"{metric.key}:{axis}{axis}"] = unit_of(most[0][0] or 1.0)
        if metric.ratio:
            units[f"{metric.key}:xy"] = math.sqrt(units[f"{metric.key}:xx"] * units[f"{metric.key}:yy"])
    return units


def _number_of(column: str) -> Expression:
    return lambda rows: rows.number(column)


def _word_of(column: str) -> Expression:
    return lambda rows: rows.word(column)


def _union(reference: Sequence[Part], expression: Expression) -> str:
    return " UNION ALL ".join(f"SELECT {expression(part.rows)} AS x {part.clause}" for part in reference)


def _distinct(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(sorted({float(value) for value in values}))
