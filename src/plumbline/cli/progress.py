"""One line on a terminal that is drawn over: how far a count is, and how long it will still take."""

from __future__ import annotations

import sys
from time import monotonic

WIDTH = 30
_SOON = 2.0  # seconds; before them a guess of what is left is worth nothing


class Progress:
    """Told the rows done, the rows in all and what was done; the judging that follows says so too."""

    def __init__(self) -> None:
        self.began = monotonic()

    def __call__(self, done: int, total: int, what: str) -> None:
        filled = WIDTH * done // max(total, 1)
        told = f"{done:,} of {total:,} rows, {what}{self._left(done, total)}" if done < total else "counted; now judged"
        line = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {100 * done // max(total, 1):3d} %  {told}"
        print(f"\r\x1b[2K{line}", end="\n" if done >= total else "", file=sys.stderr, flush=True)

    def _left(self, done: int, total: int) -> str:
        spent = monotonic() - self.began
        return f", {spent * (total - done) / done:.0f} s left" if done and spent > _SOON else ""
