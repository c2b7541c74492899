"""Drift: what the page shows, frozen."""

from __future__ import annotations

from dataclasses import dataclass

from plumbline.domain.results import Level
from plumbline.services.views.by_window import Choice, Headline, StatusLine, Trend


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDrift:
    """A line of the ranked list: the worst thing about one column in the chosen window."""

    column: str
    level: Level
    finding: str
    psi: float | None
    psi_level: Level
    missing_rate: float | None
    missing_change: float | None
    unseen_rate: float | None
    n: int
    silent: bool  # a failure that raises no error anywhere: values vanish, or levels nobody trained on appear
    importance: float | None = None  # mean absolute attribution, as a share of all columns


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureLine:
    """A silent failure of the chosen window; `since` is the first window of its unbroken run, empty for late data."""

    level: Level
    kind: str
    column: str  # empty: the window as a whole
    says: str
    since: str
    next_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Reference and current shares on the bins of the statistic itself; `labels` are the bins in words."""

    column: str
    window: str
    labels: tuple[str, ...]
    reference: tuple[float, ...]
    current: tuple[float, ...]
    contributions: tuple[float, ...]
    n_reference: int
    n_current: int
    categorical: bool
    finding: str
    noise_floor: float = 0.0
    left_out: int = 0  # levels that moved least and are not drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftView:
    headline: Headline
    windows: tuple[Choice, ...]
    window: str
    ranked: tuple[ColumnDrift, ...] = ()
    column: str = ""
    metrics: tuple[Choice, ...] = ()
    trend: Trend | None = None
    status: StatusLine | None = None
    distribution: Distribution | None = None
    columns: tuple[Choice, ...] = ()
    failures: tuple[FailureLine, ...] = ()
    looked: str = ""  # what was looked for where nothing was found, or why nothing could be
    notes: tuple[str, ...] = ()  # what the newest run told about its log: for information, no finding
    explained: bool = False  # an explanation is stored, so importance is known
    order: str = ""  # what the list is ordered by, and how much of it has drifted
    self_test: str = ""  # how often such verdicts alarm where nothing drifts, or how to find out
