"""Rows that count by weight: the unit weights are counted in, and the view of a profile that is measured by them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from plumbline.profiling.bins import CategoricalBins, Grid, NumericBins
from plumbline.profiling.columns import CategoricalColumn, Column, NumericColumn
from plumbline.profiling.population import LOSSES
from plumbline.profiling.profile import ALL, Classes, Population, Profile, Sums, Weighted
from plumbline.profiling.scores import CountedScores, Scores

BITS = 32  # of a weight: the largest one of the reference is told to within so many of them
SQUARE_BITS = 40
MOST = 2**62  # whole units that the rows of one window may weigh


def weight_unit(largest: float) -> float:
    """The power of two that weights are counted in: 2^-32 of the one at or above the reference's largest.

    >>> weight_unit(1.0) == 2.0**-32, weight_unit(1.5) == weight_unit(2.0) == 2.0**-31
    (True, True)
    """
    share, exponent = math.frexp(largest or 1.0)
    return math.ldexp(1.0, (exponent - 1 if share == 0.5 else exponent) - BITS)


@lru_cache(maxsize=8)
def weighed_grid(grid: Grid) -> Grid:
    """The same bins, with the units of what is counted by weight: of a row ("one"), of a sum, of a squared weight.

    Sums are in units as many times larger as the largest weight is, so that they need no more digits than rows do.
    """
    one = grid.units["weight"]
    top = one * 2.0**BITS
    units = {name: unit * top for name, unit in grid.units.items() if name != "weight"}
    return replace(
        grid,
        columns={
            name: bins if isinstance(bins, CategoricalBins) else _in_units(bins, top)
            for name, bins in grid.columns.items()
        },
        scores={name: _in_units(bins, top) for name, bins in grid.scores.items()},
        units=units | {"one": one, "weight_sq": top * top * 2.0**-SQUARE_BITS},
    )


def weighed(profile: Profile) -> Profile:
    """The profile as if Kish's effective number of rows had come, in their shares by weight; to measure, not to keep.

    Counts are sums of weights times (sum w) / (sum w^2): the rows of each slice come to (sum w)^2 / (sum w^2), which
    every interval and test then takes for the number of rows (Kish 1965). They are no whole numbers. A profile
    without weights is its own view.
    """
    found = profile.weighted
    if found is None:
        return profile
    unit = profile.grid.units["weight"]
    share = _share(found.total, found.total_sq, profile.rows)
    return replace(
        profile,
        columns={name: _column(rows, found.columns[name], share) for name, rows in profile.columns.items()},
        populations={
            each: _population(rows, found.populations.get(each), found.squares.get(each, 0), unit)
            for each, rows in profile.populations.items()
        },
        classes=None if profile.classes is None else _classes(profile.classes, found, unit),
        weighted=None,
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """`share`: effective rows for each whole `unit` of weight."""

    share: float
    unit: float

    def of(self, name: str, rows: Sums, found: Sums) -> float:
        """What a sum by weight is multiplied by to stand in the units of the rows' sum; all but `share` powers of 2."""
        return found.unit(name) / rows.unit(name) / self.unit * self.share

    def sums(self, rows: Sums, found: Sums) -> Sums:
        totals = zip(found.names, found.totals, strict=True)
        scaled: Any = tuple(total * self.of(name, rows, found) for name, total in totals)
        return replace(rows, totals=scaled)

    def population(self, rows: Population, found: Population) -> Population:
        scaled: Any = {  # floats where whole numbers are declared
            "decisions": found.decisions * self.share,
            "band_rows": found.band_rows * self.share,
            "band_score_units": found.band_score_units * self.of("expected", rows.sums, found.sums),
            "band_actual_units": found.band_actual_units * self.of("actual", rows.sums, found.sums),
        }
        if found.band_loss_units is not None:
            each = np.array([self.of(name, rows.sums, found.sums) for name in LOSSES])
            scaled["band_loss_units"] = found.band_loss_units * each[:, None]
        if found.chosen is not None:
            scaled["chosen"] = self.scores(found.chosen)
        sums = self.sums(rows.sums, found.sums)
        return replace(rows, scores=self.scores(found.scores), sums=sums, **scaled)

    def scores(self, found: Scores) -> CountedScores:
        # Floats add up to the same last digit only where they lie alike in memory, packed before or not.
        counts: Any = np.ascontiguousarray(found.counts) * self.share
        return CountedScores(found.index, counts)


def _share(weight: int, square: int, rows: int) -> float:
    """Effective rows for each unit of weight; there are never more of them than rows."""
    if not weight:
        return 0.0
    most = rows / weight
    return min(weight / square * 2.0 ** (SQUARE_BITS - 2 * BITS), most) if square else most


def _population(rows: Population, found: Population | None, square: int, unit: float) -> Population:
    if found is None:  # nothing of it weighs anything
        return _Scale(0.0, unit).population(rows, rows)
    return _Scale(_share(found.rows, square, rows.rows), unit).population(rows, found)


def _classes(rows: Classes, found: Weighted, unit: float) -> Classes:
    counted = found.classes or rows
    tables: Any = {}
    for each, table in rows.confusion.items():
        weights = counted.confusion.get(each, 0 * table)
        tables[each] = weights * _share(int(weights.sum()), found.squares.get(each, 0), int(table.sum()))
    scale = _Scale(_share(found.total, found.total_sq, int(rows.confusion[ALL].sum())), unit)
    return Classes(
        names=rows.names,
        one_vs_rest={
            name: scale.population(each, counted.one_vs_rest[name]) for name, each in rows.one_vs_rest.items()
        },
        confusion=tables,
        sums=scale.sums(rows.sums, counted.sums),
    )


def _column(rows: Column, found: Column, share: float) -> Column:
    if isinstance(rows, NumericColumn) and isinstance(found, NumericColumn):
        return _numeric(rows, found, share)
    if not (isinstance(rows, CategoricalColumn) and isinstance(found, CategoricalColumn)):
        raise TypeError("a column is numeric by rows and categorical by weight")
    scaled: Any = {
        "count": found.count * share,
        "unseen": {level: weight * share for level, weight in found.unseen.items()},
        "unseen_rest": found.unseen_rest * share,
        "missing": found.missing * share,
    }
    return replace(rows, **scaled)


def _numeric(rows: NumericColumn, found: NumericColumn, share: float) -> NumericColumn:
    of_sum = share * 2.0**BITS
    scaled: Any = {
        "count": found.count * share,
        "missing": found.missing * share,
        "non_finite": found.non_finite * share,
        "total": found.total * of_sum,
        "total_sq": found.total_sq * of_sum,
        "minimum": found.minimum,
        "maximum": found.maximum,
        # A unit of the sum is as large as the largest weight, which the mean weight may be far below.
        "rounding": max(rows.n * 2.0**BITS / found.n, 1.0) if found.n else 1.0,
    }
    return replace(rows, index=found.index, **scaled)


def _in_units(bins: NumericBins, top: float) -> NumericBins:
    return replace(bins, unit=bins.unit * top, unit_sq=bins.unit_sq * top)
