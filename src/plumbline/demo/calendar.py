"""The estate's months: a development year, a reference year, and 24 live months to 31 October 2026."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

FIRST_MONTH = np.datetime64("2024-11", "M")
LIVE_MONTHS = 24
TODAY = datetime(2026, 10, 31, 18, 0, tzinfo=UTC)
LOGS_END = datetime(2026, 11, 1, tzinfo=UTC)

Months = NDArray[np.int64]
"""Month of each row, counted from November 2024: -24..-13 development, -12..-1 reference, 0..23 live."""


@dataclass(frozen=True, slots=True)
class Volume:
    """Rows a month in each of the three stretches, and how many live months there are."""

    live: int
    reference: int
    development: int
    live_months: int = LIVE_MONTHS

    def months(self) -> Months:
        """The month of every row, oldest first.

        >>> Volume(live=2, reference=1, development=1, live_months=1).months()[-3:].tolist()
        [-1, 0, 0]
        """
        stretches = ((-24, -12, self.development), (-12, 0, self.reference), (0, self.live_months, self.live))
        return np.concatenate([np.repeat(np.arange(start, end), rows) for start, end, rows in stretches])


def label(month: int) -> str:
    """The window's label.

    >>> label(0), label(23), label(-1)
    ('2024-11', '2026-10', '2024-10')
    """
    return str(FIRST_MONTH + month)


def index(label: str) -> int:
    """The month that a window's label names.

    >>> index("2025-11")
    12
    """
    return int((np.datetime64(label, "M") - FIRST_MONTH).astype(int))


def season(months: Months) -> NDArray[np.int64]:
    """Calendar month, 1 to 12.

    >>> season(np.array([0, 1, 2])).tolist()
    [11, 12, 1]
    """
    return (months + 10) % 12 + 1


def ramp(months: Months, start: int, end: int) -> NDArray[np.float64]:
    """0 up to month `start`, 1 from month `end`, straight between.

    >>> ramp(np.array([0, 5, 10, 20]), 0, 10).tolist()
    [0.0, 0.5, 1.0, 1.0]
    """
    return np.clip((months - start) / (end - start), 0.0, 1.0)


def event_times(rng: np.random.Generator, months: Months) -> NDArray[np.datetime64]:
    """A moment inside each row's month, to the second, sorted within the log."""
    starts = (FIRST_MONTH + months).astype("datetime64[s]")
    ends = (FIRST_MONTH + months + 1).astype("datetime64[s]")
    seconds = ((ends - starts).astype(np.int64) * rng.random(months.size)).astype(np.int64)
    return np.sort(starts + seconds.astype("timedelta64[s]"))
