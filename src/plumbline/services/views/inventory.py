"""What the inventory shows: who is registered, what needs attention, and the subjects that other pages are about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """A model that a page can be about; `versions` in order of registration, `current` the one in use or else the last."""

    model_id: str
    name: str
    tier: str
    task: str
    versions: tuple[str, ...]
    current: str
