"""Decisions at another cut-off: cumulative counts of a window, and what they give at one place; frozen."""

from __future__ import annotations

from dataclasses import dataclass

from plumbline.services.views.by_window import MetricWords
from plumbline.services.views.performance import ConfusionView


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOffs:
    """Rows at or above each of `options`, ascending, exactly: each is an edge of a bin.

    `others`, `events`, `unknown`: by outcome no, yes and not known yet; `total` counts all rows of each.
    """

    window: str
    options: tuple[float, ...]
    others: tuple[int, ...]
    events: tuple[int, ...]
    unknown: tuple[int, ...]
    total: tuple[int, int, int]
    in_use: float | None
    favourable: int
    value: tuple[float, float, float, float] | None  # of a row that is tp, fp, fn, tn
    seen_when: int | None = None  # outcomes exist only after this decision

    def nearest(self, asked: float | None) -> float:
        """The option nearest to what is asked for; else the cut-off in use, else the middle."""
        wanted = self.in_use if asked is None else asked
        if wanted is None:
            return self.options[len(self.options) // 2]
        return min(self.options, key=lambda option: abs(option - wanted))


@dataclass(frozen=True, slots=True, kw_only=True)
class RateAt:
    """A figure at the cut-off, and at the one in use where there is one."""

    metric: MetricWords
    value: float | None
    low: float | None
    high: float | None
    n: int
    rows: str
    in_use: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOffView:
    """What the window's decisions would have been; `confusion` is None before any outcome is known."""

    cut_off: float
    sentence: str
    confusion: ConfusionView | None
    rates: tuple[RateAt, ...]
    said: tuple[str, ...] = ()
