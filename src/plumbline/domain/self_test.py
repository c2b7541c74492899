"""What a self-test found: how often verdicts raise an alarm where nothing drifts, and the smallest shift they see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

COLUMNS, ALL_ROWS, SEGMENTS = "columns", "all rows", "segments and groups"


class Kept(StrEnum):
    """Whether the measured rate is within the budget: beyond chance so, beyond chance not so, or neither."""

    KEPT = "kept"
    BROKEN = "not kept"
    OPEN = "not settled"


@dataclass(frozen=True, slots=True)
class AlarmRate:
    """Windows with an alarm among `of` drawn ones, and the 95 % interval of their share."""

    windows: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.windows / self.of


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRates:
    """Windows in which a part of the figures is red; amber or red beyond chance; amber or red at all.

    `part` is empty for all figures together. What is past a limit and not shown beyond chance is amber too, by policy.
    """

    part: str
    red: AlarmRate
    shown: AlarmRate
    alarm: AlarmRate


@dataclass(frozen=True, slots=True, kw_only=True)
class Smallest:
    """The smallest shift of one column with 90 % power: to be watch or worse, and to be amber or red.

    None where the largest one planted is not seen so often. `columns` are those it was planted into, one at a time;
    `windows` how many were drawn.
    """

    noticed: float | None
    alarmed: float | None
    columns: int
    windows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """A version's judging, tried on counts without drift; of what happened to its windows only their sizes count.

    `rows` is the median of the windows drawn after, `fewest` and `most` their range; `a_year` how many such windows a
    year has; `false_reds` what the policy allows of them. `numeric` in standard deviations, `categorical` in PSI.
    `standing` are figures past a limit in all rows pooled: true, and so no false alarm.
    """

    rows: int
    fewest: int
    most: int
    reference_rows: int
    lives: int
    seed: int
    rates: tuple[PartRates, ...]
    a_year: float
    false_reds: float
    numeric: Smallest | None
    categorical: Smallest | None
    standing: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def whole(self) -> PartRates:
        """Of all figures together."""
        return self.rates[0]

    @property
    def kept(self) -> Kept:
        """
        >>> rate = AlarmRate(0, 240, 0.0, 0.016)
        >>> whole = PartRates(part="", red=rate, shown=rate, alarm=rate)
        >>> SelfTest(rows=1, fewest=1, most=1, reference_rows=1, lives=20, seed=1, rates=(whole,), a_year=12.0,
        ...          false_reds=1.0, numeric=None, categorical=None).kept.value
        'kept'
        """
        if self.whole.red.high * self.a_year <= self.false_reds:
            return Kept.KEPT
        return Kept.BROKEN if self.whole.red.low * self.a_year > self.false_reds else Kept.OPEN
