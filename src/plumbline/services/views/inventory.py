"""What the inventory shows: who is registered, what needs attention, and the subjects that other pages are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from plumbline.domain.results import Level


@dataclass(frozen=True, slots=True)
class Subject:
    """A model that a page can be about; versions as registered; the current one is in use, or else the last."""

    model_id: str
    name: str
    tier: str
    task: str
    versions: tuple[str, ...]
    current: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryLine:
    """A model in the register's table; dates are None where nothing is due."""

    model_id: str
    version: str
    level: Level
    status: str
    model: str
    tier: str
    stage: str
    owner: str
    family: str
    business_line: str
    approval: str
    approved_until: date | None
    next_due: date | None
    next_due_what: str
    findings: int
    checks: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class InventoryView:
    sentence: str
    lines: tuple[InventoryLine, ...]
