"""What the approvals pages show: the inbox, and a case with its pinned evidence, duties, votes and signatures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from plumbline.domain.people import Seat
from plumbline.domain.results import Level
from plumbline.domain.signoff import CaseStatus, CaseType

CASE_TYPES = {
    CaseType.INITIAL_APPROVAL: "Initial approval",
    CaseType.RE_VALIDATION: "Re-validation",
    CaseType.MATERIAL_CHANGE: "Material change",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case in the inbox; `asks` is what it waits for, `mine` whether this person may give it."""

    case_id: str
    model_id: str
    model: str
    version: str
    use: str
    tier: str
    type: str
    status: CaseStatus
    asks: str
    opened_at: datetime
    decided_at: datetime | None
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    sentence: str
    mine: tuple[CaseLine, ...]
    others: tuple[CaseLine, ...]
    decided: tuple[CaseLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFigure:
    """A pinned figure, as it was when the evidence was pinned."""

    level: Level
    window: str
    measure: str
    where: str
    estimate: str
    interval: str
    reference: str
    n: int
    reason: str
    sha256: str


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """Any other pinned piece: what it is, what it says in a line, and the hash it is pinned by."""

    kind: str
    id: str
    says: str
    sha256: str
    binding: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """A piece of evidence that is not what it was: then and now."""

    what: str
    then: str
    now: str
    binding: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """One line of the independence matrix for the person who reads: the rule, and how it stands."""

    rule: str
    level: Level
    words: str


@dataclass(frozen=True, slots=True)
class SeatLine:
    """A chair of the case: who may take it, and what was said from it."""

    seat: str
    holder: str
    says: str
    level: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionLine:
    text: str
    kind: str
    owner: str
    due: date
    blocking: bool
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureBlock:
    """A signature as it is printed."""

    printed_name: str
    user_id: str
    role: str
    seat: str
    decision: str
    meaning: str
    comment: str
    case_id: str
    model: str
    signed_at: datetime
    zone: str
    auth_method: str
    manifest_hash: str
    hash: str
    stale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    case_id: str
    model_id: str
    model: str
    version: str
    use: str
    tier: str
    type: str
    status: CaseStatus
    sentence: str
    level: Level
    requester: str
    opened_at: datetime
    manifest_hash: str
    pinned_at: datetime | None
    question: str
    brief: tuple[str, ...]
    report: str
    owner_id: str
    figures: tuple[EvidenceFigure, ...]
    items: tuple[EvidenceItem, ...]
    differences: tuple[Difference, ...]
    duties: tuple[Duty, ...]
    seats: tuple[SeatLine, ...]
    my_seats: tuple[Seat, ...]
    quorum: str
    conditions: tuple[ConditionLine, ...]
    signatures: tuple[SignatureBlock, ...]
