"""How often each token may ask: so many requests a minute, all at once or spread, as the access policy says."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from plumbline.domain.errors import AskedTooOften

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What every token has left, kept in this process: a server that starts again has forgotten who asked how often.

    By each token's next free moment alone (the generic cell rate algorithm of ATM, ITU-T I.371).
    """

    _free: dict[str, datetime] = field(default_factory=dict)
    _changing: threading.Lock = field(default_factory=threading.Lock)

    def take(self, token_id: str, now: datetime, a_minute: int) -> None:
        """One request of the token's; AskedTooOften with the seconds to wait where it has none left.

        >>> from datetime import UTC
        >>> allowance, now = Allowance(), datetime(2026, 11, 28, tzinfo=UTC)
        >>> for _ in range(60):
        ...     allowance.take("t", now, 60)
        >>> allowance.take("t", now, 60)
        Traceback (most recent call last):
        ...
        plumbline.domain.errors.AskedTooOften: The token has asked more than 60 times a minute. Wait 1 s and ask again.
        """
        with self._changing:
            after = max(self._free.get(token_id, now), now) + MINUTE / a_minute
            wait = after - now - MINUTE
            if wait > timedelta(0):
                raise AskedTooOften(f"The token has asked more than {a_minute} times a minute", wait=wait)
            self._free[token_id] = after
