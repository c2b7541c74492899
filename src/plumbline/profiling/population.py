"""Scores and outcomes of one slice of a window: exactly additive counts and sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plumbline.profiling.bins import Floats, Ints, NumericBins
from plumbline.profiling.columns import add_sparse, added, total_of
from plumbline.profiling.scores import CountedScores, Scores

# Columns of `Population.counts` and of `Population.decisions`.
NEGATIVE, POSITIVE, UNKNOWN = 0, 1, 2
# Rows of `Population.band_losses`: sums of |error|, of its square and of its fourth power.
ABSOLUTE, SQUARED, FOURTH = 0, 1, 2
LOSSES = ("absolute", "squared", "squared_sq")  # the sums of all bands, in the same units


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Sums kept as integers of fixed units, so that the order of adding never matters; `value` gives floats."""

    names: tuple[str, ...]
    totals: tuple[int, ...]
    units: tuple[float, ...]

    def value(self, name: str) -> float:
        """One sum as a float.

        Raises:
            ValueError: this population keeps no sum of that name.
        """
        return self.totals[self.names.index(name)] * self.unit(name)

    def unit(self, name: str) -> float:
        return self.units[self.names.index(name)]

    def __add__(self, other: Sums) -> Sums:
        totals = tuple(mine + theirs for mine, theirs in zip(self.totals, other.totals, strict=True))
        return Sums(names=self.names, totals=totals, units=self.units)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Population:
    """Scores and outcomes of the rows of one slice.

    `index`, `counts`, both of `scores`: occupied score bins, ascending by score, and rows by outcome (columns NEGATIVE,
    POSITIVE, UNKNOWN); for regression the outcome is only known (NEGATIVE column) or UNKNOWN. Shapes (k,) and (k, 3).
    `decisions[d, o]`: rows with decision d (0, 1, 2 = none known) and outcome o. Shape (3, 3).
    `band_rows`, `band_score`, `band_actual`: labelled rows, sum of scores, sum of outcomes by calibration band
    (ten equal widths for a probability, reference deciles for regression and points). Shape (bands,). The `_units`
    are the same as exact integers.
    `band_losses`: |error|, error^2 and error^4 of the labelled rows of each band, shape (3, bands), where all rows of a
    regression are counted; None for a single slice, for other tasks, and in profiles counted before there were any.
    `chosen`: of a class against the rest, the scores of the rows whose largest score it is, by the same outcomes; None
    for other tasks, and in profiles counted before.
    `sums` names: "score" and "score_sq" over all rows; over labelled rows "expected" (sum of scores), "expected_sq",
    "actual" (sum of outcomes); probabilities: "variance" (sum of p(1 - p)), "brier", "brier_sq", "log_loss",
    "log_loss_sq"; regression: "actual_sq", "cross" (actual x expected), "error" (expected - actual), "absolute",
    "squared", "squared_sq",
    "relative" (|error / actual| where actual is not 0), "relative_sq", "relative_n" (count, unit 1); "deviance" (of
    Poisson, where actual is not negative and the prediction above 0), "deviance_sq", "deviance_n";
    house metrics over rows that have them: key + ":n", ":x", ":xx" and for ratios ":y", ":yy", ":xy".
    """

    bins: NumericBins
    scores: Scores
    decisions: Ints
    band_rows: Ints
    band_score_units: Ints
    band_actual_units: Ints
    sums: Sums
    band_loss_units: Ints | None = None
    chosen: Scores | None = None

    @property
    def index(self) -> Ints:
        return self.scores.index

    @property
    def counts(self) -> Ints:
        return self.scores.counts

    @property
    def band_score(self) -> Floats:
        return self.band_score_units.astype(np.float64) * self.sums.unit("expected")

    @property
    def band_actual(self) -> Floats:
        return self.band_actual_units.astype(np.float64) * self.sums.unit("actual")

    @property
    def band_losses(self) -> Floats | None:
        if self.band_loss_units is None:
            return None
        units = np.array([self.sums.unit(name) for name in LOSSES])
        found: Floats = self.band_loss_units.astype(np.float64) * units[:, None]
        return found

    def __add__(self, other: Population) -> Population:
        return Population(
            bins=self.bins,
            scores=_together(self.scores, other.scores),
            decisions=self.decisions + other.decisions,
            band_rows=self.band_rows + other.band_rows,
            band_score_units=added(self.band_score_units, other.band_score_units),
            band_actual_units=added(self.band_actual_units, other.band_actual_units),
            sums=self.sums + other.sums,
            band_loss_units=_both(self.band_loss_units, other.band_loss_units),
            chosen=_together(self.chosen, other.chosen) if self.chosen and other.chosen else None,
        )

    @property
    def outcomes(self) -> Ints:
        """Rows by outcome. Shape (3,)."""
        # Every row stands among the decisions, were it as "none known"; weights add up to other last digits there.
        table = self.decisions if self.decisions.dtype == np.int64 else self.counts
        return np.asarray(table.sum(axis=0))

    @property
    def rows(self) -> int:
        return total_of(self.counts)

    @property
    def negatives(self) -> int:
        return total_of(self.counts[:, NEGATIVE])

    @property
    def positives(self) -> int:
        return total_of(self.counts[:, POSITIVE])

    @property
    def labelled(self) -> int:
        counts = self.counts
        return total_of(counts[:, NEGATIVE]) + total_of(counts[:, POSITIVE])

    def fine(self, outcome: int | None = None) -> Ints:
        """Score counts on all fine bins, of one outcome or of all rows. Shape (bins.size,)."""
        counts = self.counts
        dense = np.zeros(self.bins.size, dtype=counts.dtype)
        dense[self.index] = counts.sum(axis=1) if outcome is None else counts[:, outcome]
        return dense

    def deciles(self) -> Ints:
        """Score counts on the reference's deciles. Shape (len(bins.deciles) + 1,)."""
        return self.bins.in_deciles(self.index, self.counts.sum(axis=1))


def _together(one: Scores, two: Scores) -> CountedScores:
    return CountedScores(*add_sparse(one.index, one.counts, two.index, two.counts))


def _both(one: Ints | None, two: Ints | None) -> Ints | None:
    """Where one side was counted without them, nothing is known of both."""
    return None if one is None or two is None else added(one, two)
