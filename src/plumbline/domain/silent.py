"""Failures that raise no error anywhere: their names, in the order in which lists lead with them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SILENT_FAILURES = "silent_failures"  # the metric that says how many of them a window has


class SilentFailure(StrEnum):
    """A kind of failure; its value is the metric key of a result that found one."""

    NO_DATA = "no_data"
    FUTURE_TIME = "future_time"
    DUPLICATED_BATCH = "duplicated_batch"
    SCHEMA_CHANGE = "schema_change"
    SWAPPED_COLUMNS = "swapped_columns"
    UNIT_CHANGE = "unit_change"
    FROZEN_COLUMN = "frozen_column"


# Where a failure or their number stands in a list; every other figure comes after.
SILENT_ORDER = {key: at for at, key in enumerate((*SilentFailure, SILENT_FAILURES))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One failure in one window: what happened in words with its figures, and how likely chance alone is to do it.

    `estimate` is as the registry defines the failure's key; `reference` is the same on the reference.
    """

    failure: SilentFailure
    says: str
    estimate: float
    n: int
    chance: float
    method: str
    column: str | None = None
    reference: float | None = None
    n_reference: int | None = None
