"""What monitoring says: a measurement with its interval, and the verdict that policy passes on it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import repeat
from typing import Any, TypeVar

T = TypeVar("T")
REFERENCE = "reference"
AT_ONCE = 512


class Level(StrEnum):
    """A verdict's colour; order of severity is `rank`, and grey is never better than amber.

    >>> max([Level.GREEN, Level.GREY, Level.WATCH], key=lambda level: level.rank).value
    'grey'
    """

    GREEN = "green"
    WATCH = "watch"
    GREY = "grey"
    AMBER = "amber"
    RED = "red"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {level: at for at, level in enumerate(Level)}


class Baseline(StrEnum):
    """Where the level is taken from that a window is held against, once a column has a history."""

    FIXED = "fixed"  # the reference
    ROLLING = "rolling"  # the last cycle
    EXPANDING = "expanding"  # all earlier windows
    SAME_SEASON = "same_season"  # the same month of earlier years


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the log: its label and bounds (UTC, end exclusive; None for the reference and for own labels)."""

    label: str
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How the newest earlier estimates of a figure came out when the outcomes were in: of so many windows, those in
    which the realised figure lay within the estimate's interval, and the mean absolute error.
    """

    windows: int
    within: int
    error: float
    newest_within: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One figure of one window, before judgement; every field as in the results format.

    `estimate` is None when the figure cannot be made, and `why_not` then says why in words.
    `p_value` is raw; `p_adjusted` is filled in by the family's correction.
    """

    metric: str
    column: str | None = None
    segment_by: str | None = None
    segment: str | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    confidence: float | None = None
    method: str = ""
    n: int = 0
    events: int | None = None
    n_reference: int | None = None
    label_share: float | None = None
    reference: float | None = None
    effect: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    error_bound: float | None = None
    why_not: str = ""
    null_expectation: float | None = None  # what the figure shows on average when nothing changed (PSI)
    ordinary: float | None = None  # the chance that an ordinary window shows as much, by the column's own history
    direction: str = ""  # of a house metric: lower or higher is better
    mature: bool | None = None  # of a figure that needs labels: False = too few are in to judge
    record: Record | None = None  # of an estimate, which is judged only as far as earlier ones came true
    # Whom the figure describes where outcomes exist after one decision alone; else all rows.
    population: str | None = None
    lowest: float | None = None  # then the truth over all rows lies between these, whatever the unseen outcomes
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """green, watch, amber, red or grey; `reason` in words; `rule` names the clause; `policy` is the pack's digest."""

    level: Level
    reason: str
    rule: str
    policy: str


@dataclass(frozen=True, slots=True)
class Result:
    """A judged measurement of a window."""

    window: Window
    measurement: Measurement
    verdict: Verdict

    def as_json(self) -> dict[str, Any]:
        """The row of the results format (`--out`, API); population and bounds stand there where there are any."""
        m, v = self.measurement, self.verdict
        bounds = {"lowest": m.lowest, "highest": m.highest, "population": m.population}
        return {name: value for name, value in bounds.items() if value is not None} | {
            "window": self.window.label,
            "window_start": iso(self.window.start),
            "window_end": iso(self.window.end),
            "metric": m.metric,
            "column": m.column,
            "segment_by": m.segment_by,
            "segment": m.segment,
            "estimate": m.estimate,
            "low": m.low,
            "high": m.high,
            "confidence": m.confidence,
            "method": m.method,
            "n": m.n,
            "events": m.events,
            "label_share": m.label_share,
            "reference": m.reference,
            "effect": m.effect,
            "p_adjusted": m.p_adjusted,
            "error_bound": m.error_bound,
            "verdict": v.level.value,
            "reason": v.reason,
            "rule": v.rule,
            "policy": v.policy,
        }


def side_by_side(kind: type[T], columns: Mapping[str, Sequence[Any]]) -> list[T]:
    """Objects of a class with slots, frozen or not, from its fields' values side by side; every field is given.

    A run makes tens of thousands: field by field that takes a third of what as many calls of the class take.

    >>> side_by_side(Window, {"label": ["a", "b"], "start": [None, None], "end": [None, None]})[1]
    Window(label='b', start=None, end=None)
    """
    made = list(map(object.__new__, repeat(kind, len(next(iter(columns.values()), ())))))
    fields = [(getattr(kind, name).__set__, values) for name, values in columns.items()]
    # So many at a time as stay in the processor's cache while all their fields are filled.
    for start in range(0, len(made), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        for fill, values in fields:
            deque(map(fill, made[some], values[some]), maxlen=0)
    return made


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 with Z.

    >>> from datetime import UTC
    >>> iso(datetime(2026, 10, 31, tzinfo=UTC))
    '2026-10-31T00:00:00Z'
    """
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
