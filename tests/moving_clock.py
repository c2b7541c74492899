"""A clock that a test sets on: what ends by itself is tried without waiting."""

from __future__ import annotations

from datetime import datetime, timedelta


class MovingClock:
    now = datetime.fromisoformat("2026-10-31T12:00:00+00:00")

    def __call__(self) -> datetime:
        return self.now

    def goes_on(self, **by: float) -> None:
        self.now += timedelta(**by)
