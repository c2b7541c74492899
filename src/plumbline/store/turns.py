"""Writers take turns; whoever would wait too long, or behind too many, is told to come again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from plumbline.domain.errors import StoreBusy

# Fewer than the threads of the server that answer requests: those that read must find one.
MOST_WAITING = 16
LONGEST_WAIT = timedelta(seconds=10)
COME_AGAIN = timedelta(seconds=2)


@dataclass(slots=True)
class Turns:
    """One writer at a time, each thread again within its own turn."""

    most: int = MOST_WAITING
    longest: timedelta = LONGEST_WAIT
    _turn: threading.RLock = field(default_factory=threading.RLock)
    _counting: threading.Lock = field(default_factory=threading.Lock)
    waiting: int = 0

    @contextmanager
    def mine(self, *, patient: bool = False) -> Iterator[None]:
        """StoreBusy where it does not come: nothing was begun. `patient` waits for as long as it takes."""
        if not self._turn.acquire(blocking=patient):
            self._wait()
        try:
            yield
        finally:
            self._turn.release()

    def _wait(self) -> None:
        with self._counting:
            if self.waiting >= self.most:
                raise StoreBusy(f"{self.waiting} others wait to write", wait=COME_AGAIN)
            self.waiting += 1
        try:
            came = self._turn.acquire(timeout=self.longest.total_seconds())
        finally:
            with self._counting:
                self.waiting -= 1
        if not came:
            raise StoreBusy(f"Another writer has been at work for {self.longest.total_seconds():g} s", wait=COME_AGAIN)
