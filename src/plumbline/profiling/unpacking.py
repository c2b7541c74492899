"""Profiles read back: arrays at the places that the header tells, each unpacked when it is first asked for."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from plumbline.profiling.bins import CategoricalBins, Grid, Ints
from plumbline.profiling.columns import CategoricalColumn, Column, NumericColumn
from plumbline.profiling.packing import Later
from plumbline.profiling.profile import SCORE, Classes, Population, Slice, Sums, Weighted
from plumbline.profiling.scores import PackedScores
from plumbline.profiling.weights import weighed_grid

Integers = tuple[Callable[[int, int], Ints], Ints]  # small ones from a place on, so many of them; wide ones


class Reader:
    """Arrays by their places; `integers` gives the small and the wide ones, and is asked once if at all."""

    def __init__(self, grid: Grid, integers: Callable[[], Integers]) -> None:
        self.grid, self._integers = grid, integers

    @cached_property
    def integers(self) -> Integers:
        return self._integers()

    def bins(self, gaps: Ints) -> Ints:
        return np.cumsum(gaps)

    def by_outcome(self, counts: Ints) -> Ints:
        return counts.T

    def counts(self, place: list[int]) -> Ints:
        start, *shape = place
        return self.integers[0](start, math.prod(shape)).reshape(shape)

    def neighbours(self, *places: list[int]) -> list[Ints]:
        """Counts that stand beside each other, in one stroke: many of them are small."""
        start = min(first for first, *_ in places)
        end = max(first + math.prod(shape) for first, *shape in places)
        found = self.integers[0](start, end - start)
        return [_taken(found, [first - start, *shape]) for first, *shape in places]

    def sums(self, place: list[Any]) -> Ints:
        whole = place[0] if isinstance(place[0], list) else None
        return _taken(self.integers[1], place) if whole is None else np.array(whole, dtype=object)

    def counted(self, raw: dict[str, Any]) -> dict[str, Any]:
        return {
            "columns": Later(raw["columns"], self.column),
            "populations": Later(
                {Slice(by, value): each for by, value, each in raw["populations"]},
                lambda _, each: self.population(each, SCORE),
            ),
            "classes": None if raw["classes"] is None else self.classes(raw["classes"]),
        }

    def weighted(self, raw: dict[str, Any]) -> Weighted:
        mine = Reader(weighed_grid(self.grid), lambda: self.integers)
        squares = {Slice(by, value): square for by, value, square in raw["squares"]}
        return Weighted(total=raw["total"], total_sq=raw["total_sq"], squares=squares, **mine.counted(raw))

    def column(self, name: str, raw: dict[str, Any]) -> Column:
        bins = self.grid.columns[name]
        if isinstance(bins, CategoricalBins):
            return CategoricalColumn(
                bins=bins,
                count=self.counts(raw["count"]),
                unseen=raw["unseen"],
                unseen_rest=raw["unseen_rest"],
                missing=raw["missing"],
            )
        gaps, count = self.neighbours(raw["index"], raw["count"])
        return NumericColumn(
            bins=bins,
            index=self.bins(gaps),
            count=count,
            missing=raw["missing"],
            non_finite=raw["non_finite"],
            total=raw["total"],
            total_sq=raw["total_sq"],
            minimum=raw["range"][0],
            maximum=raw["range"][1],
        )

    def population(self, raw: dict[str, Any], score: str) -> Population:
        (index, counts, decisions_at), (rows_at, score_units, actual_units) = raw["counts"], raw["bands"]
        decisions, rows = self.neighbours(decisions_at, rows_at)
        return Population(
            bins=self.grid.scores[score],
            scores=self.scores(index, counts),
            decisions=decisions,
            band_rows=rows,
            band_score_units=self.sums(score_units),
            band_actual_units=self.sums(actual_units),
            sums=_unsummed(raw["sums"]),
            band_loss_units=self.sums(raw["losses"]) if "losses" in raw else None,
            chosen=self.scores(*raw["chosen"]) if "chosen" in raw else None,
        )

    def scores(self, index: list[int], counts: list[int]) -> PackedScores:
        return PackedScores(lambda: self.bins(self.counts(index)), lambda: self.by_outcome(self.counts(counts)))

    def classes(self, raw: dict[str, Any]) -> Classes:
        return Classes(
            names=tuple(raw["names"]),
            one_vs_rest={name: self.population(raw["one_vs_rest"][name], name) for name in raw["names"]},
            confusion={Slice(by, value): self.counts(place) for by, value, place in raw["confusion"]},
            sums=_unsummed(raw["sums"]),
        )


class ReaderOfFirst(Reader):
    """Bins stood there as they are, and a bin's outcomes side by side."""

    def bins(self, gaps: Ints) -> Ints:
        return gaps

    def by_outcome(self, counts: Ints) -> Ints:
        return counts


def _taken(packed: Ints, place: list[int]) -> Ints:
    start, *shape = place
    return packed[start : start + math.prod(shape)].reshape(shape)


def _unsummed(raw: list[list[Any]]) -> Sums:
    return Sums(names=tuple(raw[0]), totals=tuple(raw[1]), units=tuple(raw[2]))
