"""What day it is: the real one, or the sample estate's last day while a store holds nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from plumbline.services.context import Context
from plumbline.store import log

# The sample estate ends here; nothing in it is due, expired or new by any other day.
SAMPLE_TODAY = datetime(2026, 10, 31, 18, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Today:
    """`sample` means that the day is the sample estate's, which every page then says."""

    now: datetime
    sample: bool


def today(ctx: Context) -> Today:
    """The moment by which due dates, expiry and "new since" are read."""
    sample = ctx.store.kept("only sample", log.only_sample)
    return Today(SAMPLE_TODAY if sample else ctx.clock(), sample)
