"""The real clock, which nothing below the doors reads for itself."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
