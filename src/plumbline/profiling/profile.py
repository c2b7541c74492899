"""The profile of a window: exactly additive counts and sums on frozen bins, from which every figure is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from plumbline.domain.results import Window
from plumbline.profiling.bins import Grid, Ints
from plumbline.profiling.columns import (
    CategoricalColumn,
    Column,
    NumericColumn,
    add_columns,
    total_of,
)
from plumbline.profiling.domain_scores import DomainScores
from plumbline.profiling.population import NEGATIVE, POSITIVE, UNKNOWN, Population, Sums

__all__ = ["NEGATIVE", "POSITIVE", "UNKNOWN", "CategoricalColumn", "Column", "NumericColumn", "Population", "Sums"]

SCORE = "score"
LABEL = "label"
MISSING = "(missing)"
OTHER = "(other)"
JOIN = "*"
Named = TypeVar("Named")


@dataclass(frozen=True, slots=True)
class Slice:
    """A population: all rows when `by` is None, else the rows whose `by` is `value` ("sex*race" is "F*Black")."""

    by: str | None = None
    value: str | None = None


ALL = Slice()


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

    def __add__(self, other: Classes) -> Classes:
        return Classes(
            names=self.names,
            one_vs_rest={name: self.one_vs_rest[name] + other.one_vs_rest[name] for name in self.names},
            confusion=_confusions(self.confusion, other.confusion),
            sums=self.sums + other.sums,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weighted:
    """The same window where a row counts as many whole units as it weighs; made on `weights.weighed_grid`.

    `total`, `total_sq`: sums of the weights of all rows, and of their squares, in that grid's units "one" and
    "weight_sq"; `squares`: the latter by slice, over its scored rows.
    """

    total: int
    total_sq: int
    squares: dict[Slice, int]
    columns: Mapping[str, Column]
    populations: Mapping[Slice, Population]
    classes: Classes | None = None

    def __add__(self, other: Weighted) -> Weighted:
        return Weighted(
            total=self.total + other.total,
            total_sq=self.total_sq + other.total_sq,
            squares=_added(self.squares, other.squares),
            columns=_columns(self.columns, other.columns),
            populations=_populations(self.populations, other.populations),
            classes=self.classes + other.classes if self.classes and other.classes else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """A window counted on a frozen grid; `columns` includes "score" and "label".

    A multiclass profile has `classes` instead of populations.
    `mature` is None when the model file declares no label_maturity; `quarantine` counts rows left out, by reason.
    `weighted` where the model file names a weight; all else counts rows. `domain` where the model file asks for it:
    made of rows, so it is no part of a sum.
    """

    model_id: str
    version_id: str
    window: Window
    grid: Grid
    rows: int
    quarantine: dict[str, int]
    columns: Mapping[str, Column]
    populations: Mapping[Slice, Population]
    classes: Classes | None = None
    mature: bool | None = None
    first_time: datetime | None = None
    last_time: datetime | None = None
    sources: tuple[str, ...] = ()
    weighted: Weighted | None = None
    domain: DomainScores | None = None

    @property
    def labelled(self) -> int:
        """Rows whose outcome is known."""
        if self.classes is not None:
            return total_of(self.classes.confusion[ALL][:, :-1])
        return self.populations[ALL].labelled

    def __add__(self, other: Profile) -> Profile:
        """Both windows as one, under this window's name; `domain`, a row statistic, does not merge and is dropped.

        Raises:
            ValueError: the two were counted on different grids.
        """
        if self.grid is not other.grid and self.grid.digest != other.grid.digest:
            raise ValueError("profiles of different grids do not add")
        matures = [each for each in (self.mature, other.mature) if each is not None]
        firsts = [each for each in (self.first_time, other.first_time) if each is not None]
        lasts = [each for each in (self.last_time, other.last_time) if each is not None]
        return replace(
            self,
            window=_joined(self.window, other.window),
            rows=self.rows + other.rows,
            quarantine=dict(sorted(_added(self.quarantine, other.quarantine).items())),
            columns=_columns(self.columns, other.columns),
            populations=_populations(self.populations, other.populations),
            classes=self.classes + other.classes if self.classes and other.classes else None,
            mature=all(matures) if matures else None,
            first_time=min(firsts, default=None),
            last_time=max(lasts, default=None),
            sources=tuple(sorted({*self.sources, *other.sources})),
            weighted=self.weighted + other.weighted if self.weighted and other.weighted else None,
            domain=None,
        )

    @property
    def label_share(self) -> float | None:
        return self.labelled / self.rows if self.rows else None


def _confusions(one: dict[Slice, Ints], two: dict[Slice, Ints]) -> dict[Slice, Ints]:
    added = {**two, **one}
    return {each: one[each] + two[each] if each in one and each in two else added[each] for each in added}


def _joined(one: Window, two: Window) -> Window:
    if one == two or one.start is None or one.end is None or two.start is None or two.end is None:
        return one
    first, last = sorted((one.label, two.label))
    label = f"{first.split(' to ')[0]} to {last.split(' to ')[-1]}"
    return Window(label, min(one.start, two.start), max(one.end, two.end))


def _added(one: dict[Named, int], two: dict[Named, int]) -> dict[Named, int]:
    return {name: one.get(name, 0) + two.get(name, 0) for name in {**one, **two}}


def _columns(one: Mapping[str, Column], two: Mapping[str, Column]) -> dict[str, Column]:
    return {name: add_columns(column, two[name]) for name, column in one.items()}


def _populations(one: Mapping[Slice, Population], two: Mapping[Slice, Population]) -> dict[Slice, Population]:
    added = {**two, **one}
    return {each: one[each] + two[each] if each in one and each in two else added[each] for each in added}
