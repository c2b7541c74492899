"""Scores and outcomes drawn anew from pooled counts: every slice of one draw, at a window's own share of labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from plumbline.domain.log_spec import LogSpec, ScoreKind
from plumbline.profiling.bins import Grid, Ints
from plumbline.profiling.columns import NumericColumn
from plumbline.profiling.profile import ALL, NEGATIVE, POSITIVE, SCORE, UNKNOWN, Population, Slice, Sums
from plumbline.profiling.score_sums import ROW, summed_names
from plumbline.profiling.score_terms import whole_terms
from plumbline.profiling.scores import CountedScores
from plumbline.services.self_test_columns import Numbers, drawn

OUTCOMES = 3
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DrawnScores:
    """One draw: its populations, the score as a column, rows by outcome."""

    populations: dict[Slice, Population]
    score: NumericColumn
    outcomes: Ints


class ScorePool:
    """The pooled cells of a binary score by outcome and slice, from windows whose outcomes are in."""

    def __init__(self, spec: LogSpec, grid: Grid, windows: Sequence[Mapping[Slice, Population]], rows: int) -> None:
        """`windows` are their populations, `rows` how many came in all, with a score or without."""
        self.spec, self.grid, self.bins = spec, grid, grid.scores[SCORE]
        held = {each: [window[each] for window in windows if each in window] for window in windows for each in window}
        index = np.unique(np.concatenate([population.index for population in held[ALL]]))
        self.counts = {each: _on(index, populations) for each, populations in held.items()}
        self.decisions = {
            each: sum((one.decisions for one in populations), np.zeros((3, OUTCOMES), dtype=np.int64))
            for each, populations in held.items()
        }
        self.house = {each: reduce(add, [one.sums for one in populations]) for each, populations in held.items()}
        self.rows, whole = rows, self.counts[ALL]
        self.scored, self.share = int(whole.sum()), float(whole[:, :UNKNOWN].sum() / max(whole.sum(), 1))
        # Most cells of a fine grid are empty: they need no draw.
        occupied = np.flatnonzero(whole)
        self.cells = occupied, whole.ravel()[occupied]
        self.column = Numbers(self.bins, index, whole.sum(axis=1), 0, 0)
        self.band = self.bins.merge_at(grid.bands, index)
        self.decided = None if spec.threshold is None else self.column.values >= spec.threshold
        per_row = _per_row(spec, grid, self.column.values)
        self.summed, self.per_row = tuple(per_row), np.stack(list(per_row.values()), axis=-1)

    def draw(self, rows: int, label_share: float, chance: np.random.Generator) -> DrawnScores:
        """Of `rows`, as many with a score as come; outcomes are hidden down to `label_share` of them."""
        missing = int(chance.binomial(rows, 1 - self.scored / max(self.rows, 1)))
        at, held = self._cells(rows - missing, chance)
        kept = min(label_share / self.share, 1.0) if self.share else 1.0
        adds = self.per_row[at]
        found = {ALL: self._population(ALL, at, held, adds, kept, chance)}
        for by in dict.fromkeys(each.by for each in self.counts if each.by):
            for each, part in self._split(by, at, held, chance).items():
                if part.any():
                    found[each] = self._population(each, at, part, adds, kept, chance)
        score = self.column.column(at, held.sum(axis=1), missing=missing)
        return DrawnScores(found, score, found[ALL].counts.sum(axis=0))

    def _cells(self, rows: int, chance: np.random.Generator) -> tuple[Ints, Ints]:
        """(places of the bins that so many rows fall into, rows of each by outcome)."""
        every = drawn(self.cells[1], rows, chance)
        some = np.flatnonzero(every)
        place, outcome = np.divmod(self.cells[0][some], OUTCOMES)
        at, line = np.unique(place, return_inverse=True)
        held = np.zeros((len(at), OUTCOMES), dtype=np.int64)
        held[line, outcome] = every[some]
        return at, held

    def _split(self, by: str, at: Ints, held: Ints, chance: np.random.Generator) -> dict[Slice, Ints]:
        """The rows of each cell over the values of a slicing, as they share the pooled cell."""
        names = [each for each in self.counts if each.by == by]
        rows, outcomes = np.nonzero(held)
        shares = np.stack([self.counts[each][at[rows], outcomes] for each in names], axis=1).astype(np.float64)
        total = shares.sum(axis=1, keepdims=True)
        parts = chance.multinomial(held[rows, outcomes], np.where(total > 0, shares / total, 1 / len(names)))
        found = {}
        for place, each in enumerate(names):
            found[each] = np.zeros_like(held)
            found[each][rows, outcomes] = parts[:, place]
        return found

    def _population(
        self, each: Slice, at: Ints, counts: Ints, adds: Floats, kept: float, chance: np.random.Generator
    ) -> Population:
        """The rows with these counts by bin `at` and outcome; `adds` is what one of them adds to each sum."""
        decisions = self._decisions(each, at, counts, chance)
        if kept < 1:
            hidden = chance.binomial(counts, 1 - kept)
            hidden[:, UNKNOWN] = 0
            counts, decisions = _unknown(counts, hidden), _fewer(decisions, hidden.sum(axis=0), chance)
        some = counts.any(axis=1)
        at, counts, adds = at[some], counts[some], adds[some]
        known = counts[:, :UNKNOWN].sum(axis=1)
        bands = len(self.grid.bands) + 1

        def banded(values: Floats | Ints) -> Ints:
            return np.rint(np.bincount(self.band[at], weights=values, minlength=bands)).astype(np.int64)

        names, units = zip(*summed_names(self.spec), strict=True)
        sums = np.tensordot(counts.astype(np.float64), adds, axes=2).tolist()
        totals = {name: round(total) for name, total in zip(self.summed, sums, strict=True)}
        totals |= self._house(each, int(counts.sum()), chance)
        scale = ROW | self.grid.units
        return Population(
            bins=self.bins,
            scores=CountedScores(self.column.index[at], counts),
            decisions=decisions,
            band_rows=banded(known),
            band_score_units=banded(adds[:, NEGATIVE, self.summed.index("expected")] * known),
            band_actual_units=banded(counts[:, POSITIVE]),
            sums=Sums(
                names=names,
                totals=tuple(totals[name] for name in names),
                units=tuple(scale[unit] for unit in units),
            ),
        )

    def _decisions(self, each: Slice, at: Ints, counts: Ints, chance: np.random.Generator) -> Ints:
        """By the threshold; where the log tells them, as the slice's rows with that outcome were decided."""
        table = np.zeros((3, OUTCOMES), dtype=np.int64)
        if self.decided is not None:
            for decision in (0, 1):
                table[decision] = counts[self.decided[at] == decision].sum(axis=0)
            return table
        for outcome, rows in enumerate(counts.sum(axis=0).tolist()):
            pooled = self.decisions[each][:, outcome]
            table[:, outcome] = drawn(pooled, rows, chance) if pooled.any() else (0, 0, rows)
        return table

    def _house(self, each: Slice, rows: int, chance: np.random.Generator) -> dict[str, int]:
        """Sums of the house's own metrics: shares by count, others by the normal law of sums of the pooled rows."""
        sums, found = self.house[each], dict[str, int]()
        pooled = max(int(self.counts[each].sum()), 1)
        for metric in self.spec.counted_metrics:
            key = metric.key
            all_n = sums.value(f"{key}:n")
            n = int(chance.binomial(rows, min(all_n / pooled, 1.0)))
            drawn_sums = _moments(sums, key, all_n, n, chance, ratio=metric.ratio is not None)
            found[f"{key}:n"] = n
            found |= {name: round(value / sums.unit(name)) for name, value in drawn_sums.items()}
        return found


def _moments(
    sums: Sums, key: str, all_n: float, n: int, chance: np.random.Generator, *, ratio: bool
) -> dict[str, float]:
    """Sums of `n` rows of a metric, and of their squares as the mean of the pooled rows has them."""
    names = [f"{key}:{name}" for name in (("x", "xx", "y", "yy", "xy") if ratio else ("x", "xx"))]
    if not all_n or not n:
        return dict.fromkeys(names, 0.0)
    mean = {name: sums.value(name) / all_n for name in names}
    x, xx = names[:2]
    if not ratio:
        if np.isclose(mean[x], mean[xx], rtol=1e-9):
            hits = float(chance.binomial(n, min(max(mean[x], 0.0), 1.0)))
            return {x: hits, xx: hits}
        spread = max(mean[xx] - mean[x] ** 2, 0.0)
        return {x: float(chance.normal(n * mean[x], np.sqrt(n * spread))), xx: n * mean[xx]}
    y, yy, xy = names[2:]
    shared = mean[xy] - mean[x] * mean[y]
    spreads = np.array([[mean[xx] - mean[x] ** 2, shared], [shared, mean[yy] - mean[y] ** 2]]) * n
    both = chance.multivariate_normal([n * mean[x], n * mean[y]], spreads, check_valid="ignore")
    return {x: float(both[0]), y: float(both[1]), **{name: n * mean[name] for name in (xx, yy, xy)}}


def _on(index: Ints, populations: Sequence[Population]) -> Ints:
    """A slice's counts of all windows on the occupied bins of all rows. Shape (bins, outcomes)."""
    found = np.zeros((len(index), OUTCOMES), dtype=np.int64)
    for each in populations:
        found[np.searchsorted(index, each.index)] += each.counts
    return found


def _per_row(spec: LogSpec, grid: Grid, values: Floats) -> dict[str, Floats]:
    """What a row of each bin and outcome adds to each sum, in whole units. Shapes (bins, outcomes)."""
    units, known = ROW | grid.units, np.array([1.0, 1.0, 0.0])
    score, square = np.rint(values / units["score"])[:, None], np.rint(values**2 / units["square"])[:, None]
    event = np.array([0.0, 1.0, 0.0])
    found: dict[str, Floats] = {
        "score": score * np.ones(OUTCOMES),
        "score_sq": square * np.ones(OUTCOMES),
        "expected": score * known,
        "expected_sq": square * known,
        "actual": event * np.ones_like(score),
    }
    if spec.score_kind is not ScoreKind.PROBABILITY:
        return found
    one = round(units["one"] / units["score"])
    found |= {"variance": (score - square) * known, "brier": (square - 2 * score * event + one * event) * known}
    reckon = whole_terms(replace(spec, metrics=(), override=None), grid)
    sides = [reckon({"p": values.copy(), "y": np.full_like(values, outcome)}) for outcome in (0.0, 1.0)]
    for name in ("brier_sq", "log_loss", "log_loss_sq"):
        found[name] = np.stack([sides[0][name], sides[1][name], np.zeros_like(values)], axis=1)
    return found


def _unknown(counts: Ints, hidden: Ints) -> Ints:
    found = counts - hidden
    found[:, UNKNOWN] += hidden.sum(axis=1)
    return found


def _fewer(decisions: Ints, hidden: Ints, chance: np.random.Generator) -> Ints:
    """The same decisions where so many outcomes of each kind are not known."""
    found = decisions.copy()
    for outcome in (NEGATIVE, POSITIVE):
        taken = chance.multivariate_hypergeometric(found[:, outcome], int(hidden[outcome]), method="marginals")
        found[:, outcome] -= taken
        found[:, UNKNOWN] += taken
    return found
