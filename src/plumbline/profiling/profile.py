"""The profile of a window: exactly additive counts and sums on frozen bins, from which every figure is computed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from plumbline.domain.results import Window
from plumbline.profiling.bins import CategoricalBins, Floats, Grid, Ints, NumericBins

SCORE = "score"
LABEL = "label"
MISSING = "(missing)"
OTHER = "(other)"
JOIN = "*"
# Columns of `Population.counts` and of `Population.decisions`.
NEGATIVE, POSITIVE, UNKNOWN = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Slice:
    """A population: all rows when `by` is None, else the rows whose `by` is `value` ("sex*race" is "F*Black")."""

    by: str | None = None
    value: str | None = None


ALL = Slice()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NumericColumn:
    """A numeric column of a window. `total` and `total_sq` are exact integers in units of bins.unit and its square."""

    bins: NumericBins
    index: Ints  # occupied bins, ascending
    count: Ints  # rows in each
    missing: int = 0
    non_finite: int = 0
    below: int = 0  # under the reference's minimum
    above: int = 0  # over its maximum
    total: int = 0
    total_sq: int = 0
    minimum: float | None = None
    maximum: float | None = None

    @property
    def n(self) -> int:
        """Rows with a finite value."""
        return int(self.count.sum())

    @property
    def rows(self) -> int:
        return self.n + self.missing + self.non_finite

    def fine(self) -> Ints:
        """Counts of all fine bins, ascending by value. Shape (bins.size,)."""
        dense = np.zeros(self.bins.size, dtype=np.int64)
        dense[self.index] = self.count
        return dense

    def deciles(self) -> Ints:
        """Counts on the reference's deciles (fewer than ten where deciles coincide). Shape (len(bins.deciles) + 1,)."""
        merged = np.zeros(len(self.bins.deciles) + 1, dtype=np.int64)
        np.add.at(merged, self.bins.merge_at(self.bins.deciles)[self.index], self.count)
        return merged

    @property
    def mean(self) -> float | None:
        return self.total * self.bins.unit / self.n if self.n else None

    @property
    def std(self) -> float | None:
        """Standard deviation with ddof 0."""
        if not self.n:
            return None
        squares = self.n * self.total_sq - self.total**2
        return math.sqrt(max(squares, 0)) * self.bins.unit / self.n


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CategoricalColumn:
    """A categorical column of a window: counts by frozen level, unseen levels by name up to a cap."""

    bins: CategoricalBins
    count: Ints  # aligned with bins.levels
    unseen: dict[str, int] = field(default_factory=dict)
    unseen_rest: int = 0  # rows of unseen levels beyond the cap
    missing: int = 0

    @property
    def unseen_rows(self) -> int:
        return sum(self.unseen.values()) + self.unseen_rest

    @property
    def n(self) -> int:
        """Rows with a value."""
        return int(self.count.sum()) + self.unseen_rows

    @property
    def rows(self) -> int:
        return self.n + self.missing


Column = NumericColumn | CategoricalColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Exact sums, in real units as floats by property `value`; integers inside so that order never matters."""

    names: tuple[str, ...]
    totals: tuple[int, ...]
    units: tuple[float, ...]

    def value(self, name: str) -> float:
        """One sum in its own units; 0.0 when nothing was summed."""
        if name not in self.names:
            return 0.0
        at = self.names.index(name)
        return self.totals[at] * self.units[at]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Population:
    """Scores and outcomes of the rows of one slice.

    `index`, `counts`: occupied score bins, ascending by score, and rows by outcome (columns NEGATIVE, POSITIVE,
    UNKNOWN); for regression the outcome is only known (NEGATIVE column) or UNKNOWN. Shapes (k,) and (k, 3).
    `decisions[d, o]`: rows with decision d (0, 1, 2 = none known) and outcome o. Shape (3, 3).
    `band_rows`, `band_score`, `band_actual`: labelled rows, sum of scores, sum of outcomes by calibration band
    (ten equal widths for a probability, reference deciles for regression and points). Shape (bands,).
    `sums` names: "score" and "score_sq" over all rows; over labelled rows "expected" (sum of scores), "expected_sq",
    "variance" (sum of p(1 - p)), "brier", "brier_sq", "log_loss", "log_loss_sq"; regression: "actual", "actual_sq",
    "cross" (actual x expected), "error" (expected - actual), "absolute", "absolute_sq", "squared", "squared_sq",
    "relative" (|error / actual| where actual is not 0), "relative_sq", "relative_n" (count, unit 1);
    house metrics: key + ":n", ":x", ":xx" and for ratios ":y", ":yy", ":xy".
    """

    bins: NumericBins
    index: Ints
    counts: Ints
    decisions: Ints
    band_rows: Ints
    band_score: Floats
    band_actual: Floats
    sums: Sums

    @property
    def rows(self) -> int:
        return int(self.counts.sum())

    @property
    def negatives(self) -> int:
        return int(self.counts[:, NEGATIVE].sum())

    @property
    def positives(self) -> int:
        return int(self.counts[:, POSITIVE].sum())

    @property
    def labelled(self) -> int:
        return self.negatives + self.positives

    def fine(self, outcome: int | None = None) -> Ints:
        """Score counts on all fine bins, of one outcome or of all rows. Shape (bins.size,)."""
        dense = np.zeros(self.bins.size, dtype=np.int64)
        dense[self.index] = self.counts.sum(axis=1) if outcome is None else self.counts[:, outcome]
        return dense

    def deciles(self) -> Ints:
        """Score counts on the reference's deciles. Shape (len(bins.deciles) + 1,)."""
        merged = np.zeros(len(self.bins.deciles) + 1, dtype=np.int64)
        np.add.at(merged, self.bins.merge_at(self.bins.deciles)[self.index], self.counts.sum(axis=1))
        return merged


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Classes:
    """Multiclass outcomes: `one_vs_rest[c]` is class c's score against the rest, `confusion[slice][predicted, actual]`.

    The last column of a confusion matrix is "not known yet"; predicted is the class of the largest score.
    `sums` carries "log_loss" and "log_loss_sq" of the whole distribution, "brier" and "brier_sq" (sum over classes).
    """

    names: tuple[str, ...]
    one_vs_rest: dict[str, Population]
    confusion: dict[Slice, Ints]
    sums: Sums


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """A window counted on a frozen grid; `columns` includes "score" and "label".

    A multiclass profile has `classes` instead of populations.
    `mature` is None when the model file declares no label_maturity; `quarantine` counts rows left out, by reason.
    """

    model_id: str
    version_id: str
    window: Window
    grid: Grid
    rows: int
    quarantine: dict[str, int]
    columns: dict[str, Column]
    populations: dict[Slice, Population]
    classes: Classes | None = None
    mature: bool | None = None
    first_time: datetime | None = None
    last_time: datetime | None = None
    sources: tuple[str, ...] = ()

    @property
    def labelled(self) -> int:
        """Rows whose outcome is known."""
        if self.classes is not None:
            return int(self.classes.confusion[ALL][:, :-1].sum())
        return self.populations[ALL].labelled

    @property
    def label_share(self) -> float | None:
        return self.labelled / self.rows if self.rows else None
