"""One line on a terminal that is drawn over: how far a count or a proof is, and how long it will still take."""

from __future__ import annotations

import sys
from time import monotonic

WIDTH = 30
_SOON = 2.0  # seconds; before them a guess of what is left is worth nothing


class Progress:
    """Told how many are done, how many there are and a word on it; `ended` is said after the last.

    `even`: each takes about as long as any other, so that the time left can be told.
    """

    def __init__(self, of: str = "rows", ended: str = "counted; now judged", *, even: bool = True) -> None:
        self.of, self.ended, self.even = of, ended, even
        self.began = monotonic()

    def __call__(self, done: int, total: int, what: str) -> None:
        filled = WIDTH * done // max(total, 1)
        told = f"{done:,} of {total:,} {self.of}, {what}{self._left(done, total)}" if done < total else self.ended
        line = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {100 * done // max(total, 1):3d} %  {told}"
        print(f"\r\x1b[2K{line}", end="\n" if done >= total else "", file=sys.stderr, flush=True)

    def _left(self, done: int, total: int) -> str:
        spent = monotonic() - self.began if self.even else 0.0
        return f", {spent * (total - done) / done:.0f} s left" if done and spent > _SOON else ""
