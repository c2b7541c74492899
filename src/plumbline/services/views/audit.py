"""What the audit page shows: the chain's state, events, signatures, refusals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of the log: its number and hash."""

    seq: int
    hash: str
