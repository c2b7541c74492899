"""Why a figure changed: what the page shows, frozen."""

from __future__ import annotations

from dataclasses import dataclass

from plumbline.services.views import figures
from plumbline.services.views.by_window import Choice, MetricWords


@dataclass(frozen=True, slots=True)
class Effect:
    """A part of a change with its 95 % limits."""

    value: float
    low: float
    high: float

    @property
    def real(self) -> bool:
        """Beyond chance: the limits leave out nothing-at-all."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentPart:
    """What one segment brings to the change; a figure is None in a window where the segment has no rows."""

    segment: str
    n_before: int
    n_after: int
    share_before: float
    share_after: float
    before: float | None
    after: float | None
    mix: Effect
    within: Effect
    both: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A change and its parts: change = mix + within, over all rows and by segment; largest segments first."""

    metric: MetricWords
    by: str
    window: str
    baseline: str
    rows: str
    n_before: int
    n_after: int
    before: float
    after: float
    change: Effect
    mix: Effect
    within: Effect
    interaction: Effect
    segments: tuple[SegmentPart, ...]
    pooled: tuple[str, ...]
    finding: str
    note: str = ""  # without it mix and within would be read amiss

    def part(self, value: float) -> str:
        """A part with as many decimals as the largest of the whole, without its unit."""
        largest = max((self.change.value, self.mix.value, self.within.value), key=abs)
        return figures.part(value, largest, self.metric.unit)

    def span(self, effect: Effect) -> str:
        return f"{self.part(effect.low)} to {self.part(effect.high)}"

    @property
    def points(self) -> str:
        """The unit of the parts, after a number."""
        return " points" if self.metric.unit in figures.RATES else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecompositionView:
    """`said`: what is not split, or only with care, and why."""

    figures: tuple[Choice, ...] = ()
    figure: str = ""
    dimensions: tuple[Choice, ...] = ()
    by: str = ""
    baselines: tuple[Choice, ...] = ()
    against: str = ""
    split: Split | None = None
    said: tuple[str, ...] = ()
