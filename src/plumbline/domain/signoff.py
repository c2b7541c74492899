"""Cases, manifests, votes, findings and the e-signature record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from plumbline.domain.people import Role, Seat


class CaseType(StrEnum):
    INITIAL_APPROVAL = "initial_approval"
    RE_VALIDATION = "re_validation"
    MATERIAL_CHANGE = "material_change"


class CaseStatus(StrEnum):
    VALIDATION = "validation"  # the validator reviews and signs the report
    APPROVAL = "approval"  # the tier's seats vote
    GRANTED = "granted"
    REJECTED = "rejected"
    RETURNED = "returned"


class Decision(StrEnum):
    APPROVE = "approve"
    APPROVE_WITH_CONDITIONS = "approve_with_conditions"
    REJECT = "reject"
    RETURN_FOR_INFORMATION = "return_for_information"


class Outcome(StrEnum):
    """What the validation report concludes."""

    FIT = "fit"
    FIT_WITH_FINDINGS = "fit_with_findings"
    NOT_FIT = "not_fit"


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class FindingStatus(StrEnum):
    OPEN = "open"
    REMEDIATED = "remediated"
    VERIFIED_CLOSED = "verified_closed"


@dataclass(frozen=True, slots=True)
class ManifestItem:
    """One pinned piece of evidence; `content` is its canonical JSON text, `sha256` the hash of exactly that text.

    `kind` is result, profile, document, policy, artefact, finding, explanation, entry, use, report;
    `binding` items void a granted approval when they change.
    """

    kind: str
    id: str
    version: str
    sha256: str
    recorded_at: datetime
    content: str
    binding: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a signature binds to; `hash` is the SHA-256 of the canonical list of (kind, id, version, sha256)."""

    hash: str
    case_id: str
    pinned_at: datetime
    items: tuple[ManifestItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    text: str
    kind: str  # limit, monitoring_uplift, data_fix, overlay, report
    owner: str
    due: date
    blocking: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The e-signature record (21 CFR 11.50 and 11.70 pattern); `hash` is the event's place in the chain."""

    printed_name: str
    user_id: str
    acting_role: Role
    seat: Seat | None
    case_id: str
    manifest_hash: str
    decision: str
    meaning: str
    comment: str
    conditions: tuple[Condition, ...]
    signed_at: datetime
    zone: str
    auth_method: str
    hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    id: str
    model_id: str
    version: str
    case_id: str
    severity: Severity
    category: str
    title: str
    description: str
    raised_by: str
    owner: str
    opened_at: datetime
    original_due: date
    current_due: date
    status: FindingStatus
    evidence: str = ""
    remediated_by: str = ""
    closure_evidence: str = ""
    closed_by: str = ""
    closed_at: datetime | None = None
