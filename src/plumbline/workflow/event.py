"""What every fact of the log is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact about one model or one person."""

    entity: ClassVar[str] = "model"
