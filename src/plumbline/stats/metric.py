"""What there is to say of a figure, whoever computes it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """`direction` says which way is better (higher, lower; empty = neither); `low`, `high` bound it (None = open)."""

    key: str
    title: str
    unit: str
    direction: str
    low: float | None
    high: float | None
    needs_labels: bool
    group: str
    meaning: str
    definition: str
    source: str
