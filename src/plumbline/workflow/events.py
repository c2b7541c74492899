"""Facts, in the past tense: what the log holds and the state is folded from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from plumbline.domain.models import Document, ModelEntry, Stage, Tier, UseEntry, VersionEntry
from plumbline.domain.payload import from_plain, to_plain
from plumbline.domain.segment_drift import SegmentDrift
from plumbline.domain.self_test import SelfTest
from plumbline.domain.signoff import CaseType, Condition, Finding, Outcome, Signature
from plumbline.workflow.event import Event as Event
from plumbline.workflow.people_events import AccessReviewed as AccessReviewed
from plumbline.workflow.people_events import PasswordChanged as PasswordChanged
from plumbline.workflow.people_events import PasswordReset as PasswordReset
from plumbline.workflow.people_events import PersonAdded as PersonAdded
from plumbline.workflow.people_events import PersonDisabled as PersonDisabled
from plumbline.workflow.people_events import PersonEvent as PersonEvent
from plumbline.workflow.people_events import RoleGranted as RoleGranted
from plumbline.workflow.people_events import RoleProposed as RoleProposed
from plumbline.workflow.people_events import RoleRevoked as RoleRevoked
from plumbline.workflow.people_events import TokenIssued as TokenIssued
from plumbline.workflow.people_events import TokenRevoked as TokenRevoked


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRegistered(Event):
    entry: ModelEntry
    tier: Tier
    tier_because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAmended(Event):
    entry: ModelEntry
    tier: Tier
    tier_because: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRegistered(Event):
    version: VersionEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionAmended(Event):
    version: VersionEntry
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRegistered(Event):
    use: UseEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class UseAmended(Event):
    use: UseEntry
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionMoved(Event):
    version_id: str
    before: Stage
    after: Stage
    reason: str = ""
    artefact_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    case_id: str
    version_id: str
    use_id: str
    case_type: CaseType
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePinned(Event):
    case_id: str
    manifest_hash: str
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRaised(Event):
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRemediated(Event):
    finding_id: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingClosed(Event):
    finding_id: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSigned(Event):
    """The validation report as signed; its signature stands over the manifest the validator read."""

    case_id: str
    outcome: Outcome
    independence: str
    signature: Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteCast(Event):
    case_id: str
    signature: Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGranted(Event):
    case_id: str
    expires_at: datetime | None
    binding_hash: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRejected(Event):
    case_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReturned(Event):
    """Approvers ask; the case goes back to its validator with the question."""

    case_id: str
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionVerified(Event):
    case_id: str
    number: int
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringRecorded(Event):
    version_id: str
    run_id: str
    windows: tuple[str, ...]
    results_sha256: str
    profile_hashes: tuple[str, ...]
    policy_digest: str
    source: str
    rows: int
    quarantined: int
    observed_at: date | None = None
    account_sha256: str = ""  # of the run's account; empty before runs kept one


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationRecorded(Event):
    version_id: str
    explanation_id: str
    sha256: str
    method: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDriftRecorded(Event):
    """Found, not only its hash: a few lines a window, which the chain proves as it proves any fact."""

    version_id: str
    drift: SegmentDrift


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTestRecorded(Event):
    """What a self-test found stands in the log itself: it is small, and nobody need keep it elsewhere."""

    version_id: str
    policy_digest: str
    found: SelfTest


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event in its place in the log, with who recorded it and the roles held at that time."""

    seq: int
    recorded_at: datetime
    actor: str
    acting_role: str
    roles: tuple[str, ...]
    entity_id: str
    origin: str
    app_version: str
    hash: str
    event: Event


def action_of(event: type[Event]) -> str:
    """
    >>> action_of(ApprovalGranted)
    'approval_granted'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__).lower()


# Not `__subclasses__`: a dataclass with slots leaves the class that it was made from behind.
EVENTS: dict[str, type[Event]] = {
    action_of(kind): kind for kind in list(globals().values()) if isinstance(kind, type) and issubclass(kind, Event)
}


def payload_of(event: Event, *, roles: tuple[str, ...], app_version: str, origin: str) -> dict[str, Any]:
    """What the log keeps: the fact, what it changed, and the circumstances."""
    fact = to_plain(event)
    before, after = fact.pop("before", None), fact.pop("after", None)
    circumstances = {"roles": sorted(roles), "app_version": app_version, "origin": origin}
    return {"fact": fact, "before": before, "after": after, **circumstances}


def event_of(action: str, payload: Mapping[str, Any]) -> Event:
    """The event that `payload_of` took apart; KeyError for an action this code does not know."""
    kind = EVENTS[action]
    plain = dict(payload["fact"])
    if any(field.name == "before" for field in fields(kind)):
        plain |= {"before": payload["before"], "after": payload["after"]}
    return from_plain(kind, plain)
