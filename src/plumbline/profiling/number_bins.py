"""Bins of one number, made from what the reference says of it: pure arithmetic, the same on every engine."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from plumbline.domain.log_spec import LogSpec, ScoreKind
from plumbline.profiling.bins import CategoricalBins, NumericBins
from plumbline.profiling.profile import MISSING, SCORE
from plumbline.profiling.weights import weight_unit

BY_VALUE = 1_024  # most distinct reference values that are counted one by one
FEATURE_CELLS = 4_096
TENTHS = tuple(tenth / 10 for tenth in range(1, 10))
# The shares that are asked of the reference: nine deciles, and the quartiles that give the grid its scale.
SHARES = (0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9)


def linear(low: float, high: float, share: float) -> float:
    """Between two neighbours in order, to the bit as numpy's linear quantile.

    >>> linear(1.0, 2.0, 0.25), linear(0.1, 0.3, 0.5)
    (1.25, 0.2)
    """
    apart = high - low
    return high - apart * (1 - share) if share >= 0.5 else low + apart * share


def ranks(rows: int) -> tuple[tuple[int, int, float], ...]:
    """For each of SHARES the two neighbours in order (from 0) among `rows` values, and the share between them."""
    places = [(rows - 1) * share for share in SHARES]
    return tuple((math.floor(at), min(math.floor(at) + 1, rows - 1), at - math.floor(at)) for at in places)


def deciles_of(quantiles: Sequence[float]) -> tuple[float, ...]:
    """The distinct deciles among the quantiles at SHARES."""
    return distinct(value for share, value in zip(SHARES, quantiles, strict=True) if share not in (0.25, 0.75))


def is_flat(quantiles: Sequence[float]) -> bool:
    """Whether one value rules: no spread between the quartiles."""
    return quantiles[SHARES.index(0.25)] == quantiles[SHARES.index(0.75)]


def bins_from(
    low: float,
    high: float,
    quantiles: Sequence[float],
    cuts: Sequence[float] | None,
    cells: int,
    *,
    splits: tuple[float, ...] = (),
    span: tuple[float, float] | None = None,
) -> NumericBins:
    """Bins of a column with reference values `low` to `high` and `quantiles` at SHARES.

    `cuts` are the values that are counted one by one (None: a softsign grid of `cells`); `splits` are further
    exact edges, `span` the range that a score is held to.
    """
    deciles, (unit, unit_sq) = deciles_of(quantiles), unit_of(max(abs(low), abs(high)))
    if cuts is not None:
        both = distinct([*cuts, *deciles, *splits])
        return NumericBins(
            kind="value", deciles=deciles, minimum=low, maximum=high, unit=unit, unit_sq=unit_sq, cuts=both
        )
    centre = quantiles[SHARES.index(0.5)]
    scale = quantiles[SHARES.index(0.75)] - quantiles[SHARES.index(0.25)]
    first, last = _softsign_range(centre, scale, span, cells)
    bins = NumericBins(
        kind="softsign",
        deciles=deciles,
        minimum=low,
        maximum=high,
        unit=unit,
        unit_sq=unit_sq,
        centre=centre,
        scale=scale,
        low=first,
        per_unit=cells / (last - first),
        cells=cells,
        splits=distinct([*deciles, *splits, low, math.nextafter(high, math.inf)]),
    )
    return _with_starts(bins)


def no_bins(splits: tuple[float, ...] = ()) -> NumericBins:
    """Bins of a column without one finite value in the reference."""
    return NumericBins(kind="value", deciles=(), minimum=0.0, maximum=0.0, unit=1.0, unit_sq=1.0, cuts=splits)


def unit_of(largest: float) -> tuple[float, float]:
    """Powers of two for sums and sums of squares: forty bits under the largest value of the reference."""
    exponent = min(max(math.frexp(largest)[1] if largest else 0, -400), 400)
    return math.ldexp(1.0, exponent - 40), math.ldexp(1.0, 2 * exponent - 40)


def units_of(
    spec: LogSpec,
    scores: Mapping[str, NumericBins],
    label: NumericBins | CategoricalBins | None,
    largest: Mapping[str, float],
) -> dict[str, float]:
    """Units of each sum: a probability's are fixed, the others follow the largest value in the reference.

    `largest` is the largest size of each column of the house's own metrics, and weight; 0 and absent count as 1.
    """
    units = {"weight": weight_unit(largest.get(spec.weight, 0.0))} if spec.weight else {}
    units |= {"loss": 2.0**-32, "loss_sq": 2.0**-26, "relative": 2.0**-30, "relative_sq": 2.0**-20}
    if spec.score_kind is ScoreKind.PROBABILITY:
        units |= {"score": 2.0**-34, "square": 2.0**-34}
    else:
        most = max(abs(edge) for edge in (scores[SCORE].minimum, scores[SCORE].maximum, *(spec.score_range or ())))
        if isinstance(label, NumericBins):
            most = max(most, abs(label.minimum), abs(label.maximum))
        units |= dict(zip(("score", "square"), unit_of(most), strict=True))
        units["fourth"] = units["square"] ** 2 * 2.0**40
        # A logarithm's last bits differ between engines: its sums are kept as coarsely as those of a loss.
        units |= {"deviance": units["score"] * 2.0**8, "deviance_sq": units["square"] * 2.0**14}
    for metric in spec.counted_metrics:
        for axis, column in zip(("x", "y"), metric.columns, strict=False):
            pair = unit_of(largest.get(column) or 1.0)
            units[f"{metric.key}:{axis}"], units[f"{metric.key}:{axis}{axis}"] = pair
        if metric.ratio:
            units[f"{metric.key}:xy"] = math.sqrt(units[f"{metric.key}:xx"] * units[f"{metric.key}:yy"])
    return units


def slice_values(found: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    """The values that are measured on their own: those found, and a null's place where there is one column."""
    missing = [MISSING] if len(columns) == 1 and MISSING not in found else []
    return (*found, *missing)


def score_cells(rows: int) -> int:
    """Fewer rows, finer cells: of a few hundred rows no two may share a cell, or the area under the curve moves;
    of a million many may, since their errors cancel.
    """
    return 1 << min(max(33 - max(rows, 1).bit_length(), 13), 17)


def distinct(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(sorted({float(value) for value in values}))


def _with_starts(bins: NumericBins) -> NumericBins:
    cells = bins.cell_of(np.asarray(bins.splits, dtype=np.float64))
    starts = tuple(int(cell) + passed for passed, cell in enumerate(cells.tolist(), start=1))
    return NumericBins(**{name: getattr(bins, name) for name in bins.__slots__} | {"starts": starts})


def _softsign_range(centre: float, scale: float, span: tuple[float, float] | None, cells: int) -> tuple[float, float]:
    low, high = -1.0, 1.0
    if span:
        low, high = ((each - centre) / (scale + abs(each - centre)) for each in span)
    margin = 2 * (high - low) / cells
    return low - margin, high + margin
