"""Explanations: what the page shows, frozen."""

from __future__ import annotations

from dataclasses import dataclass

from plumbline.services.views.by_window import Choice, Headline


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What every explanation chart must say of itself."""

    n: int
    sample: str
    perturbation: str
    scale: str
    background: str
    unit: str = "margin"  # of an attribution
    axis: str = "Margin"  # what base value and prediction are read on

    @property
    def words(self) -> str:
        return " · ".join(part for part in (self.sample, self.perturbation, self.scale, self.background) if part)


@dataclass(frozen=True, slots=True)
class Importance:
    """Mean absolute attribution of one column, with its interval when there are rows enough to give one."""

    column: str
    value: float
    low: float | None = None
    high: float | None = None
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Swarm:
    """Attributions of one column, a mark a row; `positions` are the values' ranks, 0 to 1 (None: no order)."""

    column: str
    attributions: tuple[float, ...]
    positions: tuple[float | None, ...]
    values: tuple[str, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of a row's waterfall."""

    column: str
    value: str
    attribution: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    row: str
    base_value: float
    prediction: float
    steps: tuple[Step, ...]  # largest first; what is left over stands last as "other columns"
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationsView:
    headline: Headline
    remedy: str = ""  # where nothing is stored
    provenance: Provenance | None = None
    importances: tuple[Importance, ...] = ()
    swarms: tuple[Swarm, ...] = ()
    rows: tuple[Choice, ...] = ()
    row: str = ""
    waterfall: Waterfall | None = None
