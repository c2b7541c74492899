"""What the log says now about one model: the state that deciders read and `evolve` folds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from plumbline.domain.models import Document, ModelEntry, Stage, Tier, UseEntry, VersionEntry
from plumbline.domain.segment_drift import SegmentDrift
from plumbline.domain.signoff import (
    CaseStatus,
    CaseType,
    Condition,
    Finding,
    FindingStatus,
    Outcome,
    Severity,
    Signature,
)
from plumbline.workflow.events import ExplanationRecorded, MonitoringRecorded, SelfTestRecorded


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionState:
    """A version, where it stands, and everyone who ever committed or submitted it."""

    entry: VersionEntry
    stage: Stage
    stage_since: datetime
    registered_at: datetime
    registered_by: str
    committers: frozenset[str]
    submitters: frozenset[str] = frozenset()
    deployed_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Vote:
    """A signed vote; `seq` is its place in the log."""

    signature: Signature
    seq: int


@dataclass(frozen=True, slots=True)
class ConditionState:
    condition: Condition
    verified_by: str = ""
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The signed validation report."""

    outcome: Outcome
    independence: str
    signature: Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseState:
    """A case and all that was signed in it; a vote over an earlier manifest stays, marked stale."""

    id: str
    version_id: str
    use_id: str
    case_type: CaseType
    status: CaseStatus
    requester: str
    opened_at: datetime
    documents: tuple[Document, ...]
    manifest_hash: str = ""
    manifest_pinned_at: datetime | None = None
    report: Report | None = None
    question: str = ""
    votes: Mapping[str, Vote] = field(default_factory=dict)
    signatures: tuple[Signature, ...] = ()
    signature_seqs: tuple[int, ...] = ()
    conditions: tuple[ConditionState, ...] = ()
    decided_at: datetime | None = None
    reason: str = ""
    expires_at: datetime | None = None
    binding_hash: str = ""

    def is_stale(self, vote: Vote) -> bool:
        return vote.signature.manifest_hash != self.manifest_hash

    @property
    def standing_votes(self) -> tuple[Vote, ...]:
        """One per person, over the manifest as it is pinned now."""
        return tuple(vote for vote in self.votes.values() if not self.is_stale(vote))

    @property
    def open(self) -> bool:
        return self.status in (CaseStatus.VALIDATION, CaseStatus.APPROVAL)


@dataclass(frozen=True, slots=True)
class RunState:
    """A monitoring run as the log knows it."""

    fact: MonitoringRecorded
    seq: int
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class ExplanationState:
    fact: ExplanationRecorded
    seq: int
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class SelfTestState:
    fact: SelfTestRecorded
    seq: int
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Pin:
    """A manifest that a case has, or had."""

    case_id: str
    manifest_hash: str
    pinned_at: datetime
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelState:
    """One model, folded from its events; empty before it is registered."""

    id: str
    entry: ModelEntry | None = None
    tier: Tier = Tier.ONE
    tier_because: str = ""
    registered_at: datetime | None = None
    owners_ever: frozenset[str] = frozenset()
    developers_ever: frozenset[str] = frozenset()
    versions: Mapping[str, VersionState] = field(default_factory=dict)
    uses: Mapping[str, UseEntry] = field(default_factory=dict)
    cases: Mapping[str, CaseState] = field(default_factory=dict)
    findings: Mapping[str, Finding] = field(default_factory=dict)
    runs: tuple[RunState, ...] = ()
    explanations: tuple[ExplanationState, ...] = ()
    segment_drifts: tuple[tuple[str, SegmentDrift], ...] = ()  # with their version, in the order of the log
    self_tests: tuple[SelfTestState, ...] = ()
    pins: tuple[Pin, ...] = ()

    def cases_of(self, version_id: str) -> tuple[CaseState, ...]:
        return tuple(case for case in self.cases.values() if case.version_id == version_id)

    def segment_drift(self, version_id: str, by: str, segment: str) -> tuple[SegmentDrift, ...]:
        """Every count of a segment's own columns, the newest last."""
        wanted = version_id, by, segment
        return tuple(
            drift for version, drift in self.segment_drifts if (version, drift.segment_by, drift.segment) == wanted
        )

    def open_case(self, version_id: str) -> CaseState | None:
        return next((case for case in self.cases_of(version_id) if case.open), None)

    def validators_of(self, version_id: str) -> frozenset[str]:
        """Everyone who ever signed a report on this version: none of them may approve it."""
        signatures = [s for case in self.cases_of(version_id) for s in case.signatures if s.seat is None]
        return frozenset(signature.user_id for signature in signatures)

    def open_findings(self, version_id: str, severity: Severity | None = None) -> tuple[Finding, ...]:
        found = (f for f in self.findings.values() if f.version == version_id)
        return tuple(
            f
            for f in found
            if f.status is not FindingStatus.VERIFIED_CLOSED and (severity is None or f.severity is severity)
        )
