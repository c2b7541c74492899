"""What a model's own page shows: who it is, the four chips, its life, and everything the register holds about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from plumbline.domain.results import Level
from plumbline.services.views.approvals import CaseLine, ConditionLine, SignatureBlock
from plumbline.services.views.standing import Standing


@dataclass(frozen=True, slots=True)
class Chip:
    """One of the four axes of a model's state."""

    title: str
    level: Level | None
    words: str


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """A mark on the life line; `lane` groups marks of a kind, `level` colours it where it is a verdict."""

    lane: str
    at: datetime
    words: str
    level: Level | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of the register."""

    field: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    version: str
    stage: str
    since: datetime
    registered_by: str
    artefact: str
    artefact_sha256: str
    deployed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    level: Level
    severity: str
    title: str
    category: str
    status: str
    owner: str
    opened_at: datetime
    original_due: date
    due: date
    description: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """An entry of the log about this model."""

    seq: int
    at: datetime
    who: str
    role: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UseLine:
    use: str
    purpose: str
    users: str
    prohibited: str
    boundaries: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    standing: Standing
    sentence: str
    chips: tuple[Chip, ...]
    life: tuple[LifeEvent, ...]
    facts: tuple[Fact, ...]
    versions: tuple[VersionLine, ...]
    uses: tuple[UseLine, ...]
    limitations: tuple[str, ...]
    findings: tuple[FindingLine, ...]
    cases: tuple[CaseLine, ...]
    conditions: tuple[ConditionLine, ...]
    signatures: tuple[SignatureBlock, ...]
    changes: tuple[ChangeLine, ...]
