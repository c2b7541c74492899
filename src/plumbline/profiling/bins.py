"""Frozen bins: what the reference decided once, so that every later window is counted alike."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
# Between 2^52 and 2^53 neighbouring doubles are one apart: adding this rounds to a whole number, read off the bits.
ROUNDING = 1.5 * 2.0**52
_ROUNDED_ZERO = np.float64(ROUNDING).view(np.int64)


def real(value: float) -> str:
    """An SQL literal of exactly this DOUBLE: without an exponent DuckDB would read a rounded DECIMAL."""
    shown = repr(float(value))
    return shown if "e" in shown else f"{shown}e0"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericBins:
    """Bins of one numeric column; bins ascend, the first is open below, the last open above.

    `kind` "value": `cuts` are c values; bin 2i + 1 is exactly cuts[i], bin 2i the open gap below it, bin 2c all above.
    `kind` "softsign": cell = round(((x - centre) / (scale + |x - centre|) - low) * per_unit - 0.5), 0 .. cells - 1;
    the bin is the cell plus the number of `splits` at or below x, `starts[i]` the first bin at or above splits[i].
    `deciles` are the distinct interior linear deciles of the reference: a value equal to one belongs above it.
    `unit` is the power of two in which sums are kept as integers, so that adding profiles is exact in any order;
    sums of squares are kept in `unit_sq`.
    """

    kind: Literal["value", "softsign"]
    deciles: tuple[float, ...]
    minimum: float
    maximum: float
    unit: float
    unit_sq: float
    cuts: tuple[float, ...] = ()
    centre: float = 0.0
    scale: float = 1.0
    low: float = -1.0
    per_unit: float = 1.0
    cells: int = 0
    splits: tuple[float, ...] = ()
    starts: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """Number of bins."""
        return 2 * len(self.cuts) + 1 if self.kind == "value" else self.cells + len(self.splits)

    @property
    def exact(self) -> bool:
        """Whether each occupied reference bin is one value, so that KS from these counts costs nothing."""
        return self.kind == "value"

    def merge_at(self, edges: tuple[float, ...], index: Ints | None = None) -> Ints:
        """How many `edges` lie at or below each bin (of `index`, or of all); every edge must be a cut or a split."""
        at = np.arange(self.size) if index is None else index
        return np.searchsorted(_starts_of(self, edges), at, side="right").astype(np.int64)

    def in_deciles(self, index: Ints, count: Ints) -> Ints:
        """Counts of occupied, ascending bins on the reference's deciles. Shape (len(deciles) + 1,)."""
        # Running sums at ten places, instead of a decile for each of tens of thousands of bins.
        running = np.zeros(len(count) + 1, dtype=count.dtype)
        np.cumsum(count, out=running[1:])
        below = running[index.searchsorted(_starts_of(self, self.deciles))]
        merged = np.append(below, running[-1])
        merged[1:] -= below
        return merged

    def around(self, points: Floats) -> tuple[Ints, Ints]:
        """For each point (finite): how many bins hold smaller values alone, and how many hold any at all.

        >>> bins = NumericBins(kind="value", deciles=(), minimum=1, maximum=3, unit=1, unit_sq=1, cuts=(1.0, 3.0))
        >>> [each.tolist() for each in bins.around(np.array([0.0, 1.0, 2.0]))]
        [[0, 1, 2], [1, 1, 3]]
        """
        edges = np.asarray(self.cuts if self.kind == "value" else self.splits, dtype=np.float64)
        passed = np.searchsorted(edges, points, side="left")
        on_edge = np.append(edges, np.nan)[passed] == points
        if self.kind == "value":
            return (2 * passed + on_edge).astype(np.int64), (2 * passed + 1).astype(np.int64)
        first = np.clip(self.cell_of(points.astype(np.float64)), 0, self.cells - 1) + passed + on_edge
        return first, first + ~on_edge

    def key_sql(self, x: str) -> str:
        """SQL that groups a DOUBLE: the value itself (`resolve` finds its bin), or the bin."""
        if self.kind == "value":
            return x
        away = f"({x} - {real(self.centre)})"
        place = f"{away} / ({real(self.scale)} + abs({away}))"
        cell = f"CAST(({place} - {real(self.low)}) * {real(self.per_unit)} - 5e-1 AS INTEGER)"
        return f"{cell} + {passed_sql(x, self.splits)}"

    def cell_of(self, x: Floats, away: Floats | None = None, place: Floats | None = None) -> Ints:
        """Softsign cells of finite values: the very operations of `key_sql`, so that both give the same bits.

        `away` and `place` are room of x's shape to reckon in; the result stands in `place`.
        """
        away = np.subtract(x, self.centre, out=away)
        place = np.abs(away, out=place)
        np.add(place, self.scale, out=place)
        np.divide(away, place, out=place)
        np.subtract(place, self.low, out=place)
        np.multiply(place, self.per_unit, out=place)
        np.subtract(place, 0.5, out=place)
        np.add(place, ROUNDING, out=place)
        cell: Ints = place.view(np.int64)
        return np.subtract(cell, _ROUNDED_ZERO, out=cell)

    def resolve(self, keys: npt.NDArray[Any]) -> Ints:
        """Bins behind what `key_sql` grouped by."""
        if self.kind == "softsign":
            return keys.astype(np.int64)
        cuts = np.asarray([*self.cuts, np.nan])
        below = np.searchsorted(cuts[:-1], keys, side="left").astype(np.int64)
        bins: Ints = 2 * below + (cuts[below] == keys)
        return bins


# The same few edges are asked for by every window and slice.
@lru_cache(maxsize=1_024)
def _starts_of(bins: NumericBins, edges: tuple[float, ...]) -> Ints:
    if bins.kind == "value":
        return (2 * np.searchsorted(np.asarray(bins.cuts), np.asarray(edges)) + 1).astype(np.int64)
    return np.asarray([bins.starts[bins.splits.index(edge)] for edge in edges], dtype=np.int64)


def passed_sql(x: str, edges: tuple[float, ...], first: int = 0) -> str:
    """SQL: how many edges lie at or below x, found by halving: four comparisons instead of nine."""
    if not edges:
        return str(first)
    middle = len(edges) // 2
    above, below = passed_sql(x, edges[middle + 1 :], first + middle + 1), passed_sql(x, edges[:middle], first)
    return f"CASE WHEN {x} >= {real(edges[middle])} THEN {above} ELSE {below} END"


@dataclass(frozen=True, slots=True)
class CategoricalBins:
    """Frozen levels of one categorical column, by falling count in the reference."""

    levels: tuple[str, ...]
    kind: Literal["category"] = "category"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """All frozen bins of a model's log; `score` of a multiclass model is one set of bins a class.

    `slices` are the segment and group values that are counted on their own; the others are pooled as "(other)".
    `bands` are edges on the score for calibration (multiples of 0.1 for a probability, reference deciles else).
    `units` are the powers of two in which each sum is kept as an integer.
    """

    columns: dict[str, NumericBins | CategoricalBins]
    scores: dict[str, NumericBins]
    slices: dict[str, tuple[str, ...]]
    bands: tuple[float, ...]
    units: dict[str, float]

    def to_json(self) -> str:
        """Canonical text: sorted keys, no spaces."""
        return _written(self)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> Grid:
        """Inverse of `to_json`; the same text gives the same grid."""
        return _read(text)


# One grid stands behind all windows of a run: it is written and read once, not once a window.
@lru_cache(maxsize=8)
def _written(grid: Grid) -> str:
    return json.dumps(grid, default=_fields, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _fields(each: Grid | NumericBins | CategoricalBins) -> dict[str, Any]:
    return {name: getattr(each, name) for name in each.__slots__}


@lru_cache(maxsize=8)
def _read(text: str) -> Grid:
    raw = json.loads(text)
    return Grid(
        columns={name: _bins(item) for name, item in raw["columns"].items()},
        scores={name: _numeric(item) for name, item in raw["scores"].items()},
        slices={name: tuple(values) for name, values in raw["slices"].items()},
        bands=tuple(raw["bands"]),
        units=raw["units"],
    )


def _bins(raw: dict[str, Any]) -> NumericBins | CategoricalBins:
    return CategoricalBins(tuple(raw["levels"])) if raw["kind"] == "category" else _numeric(raw)


def _numeric(raw: dict[str, Any]) -> NumericBins:
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}
    return NumericBins(**fields)
