"""Requests, in the imperative; every door builds these and `services.governance.handle` decides on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from plumbline.domain.models import Document, ModelEntry, Stage, UseEntry, VersionEntry
from plumbline.domain.people import EVERYWHERE, Role, Scope, Seat
from plumbline.domain.segment_drift import SegmentDrift
from plumbline.domain.self_test import SelfTest
from plumbline.domain.signoff import CaseType, Condition, Decision, Outcome, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A request about one model; people commands leave `model_id` empty."""

    model_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterModel(Command):
    entry: ModelEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterVersion(Command):
    version: VersionEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterUse(Command):
    use: UseEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitForValidation(Command):
    """Developer or owner hands the version over; opens the case and pins its first manifest."""

    version_id: str
    use_id: str
    case_type: CaseType = CaseType.INITIAL_APPROVAL
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseFinding(Command):
    version_id: str
    severity: Severity
    category: str
    title: str
    description: str
    owner: str
    case_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemediateFinding(Command):
    finding_id: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseFinding(Command):
    finding_id: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignValidationReport(Command):
    """The validator: "I validated". Moves the case to its approval."""

    case_id: str
    manifest_hash: str
    outcome: Outcome
    comment: str
    independence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CastVote(Command):
    """A seat of the tier: "I approve" (or not)."""

    case_id: str
    manifest_hash: str
    seat: Seat
    decision: Decision
    comment: str = ""
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshEvidence(Command):
    """Pin the case's evidence again; votes over the earlier manifest become stale."""

    case_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveVersion(Command):
    """A step of the lifecycle that no signature makes: start, return, deploy, restrict, suspend, retire, withdraw."""

    version_id: str
    to: Stage
    reason: str
    artefact_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPerson(Command):
    """`initial`: whoever adds somebody knows the password, so that it opens nothing but the choice of another."""

    user_id: str
    name: str
    password_hash: str
    line_manager: str = ""
    initial: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword(Command):
    """One's own; the hash goes into the store, not into the log."""

    user_id: str
    password_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPassword(Command):
    """Somebody else's, who has forgotten it or must not be let in by it: initial again."""

    user_id: str
    password_hash: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRole(Command):
    """Of several administrators the first to ask proposes it, and another who asks for the same grants it."""

    user_id: str
    role: Role
    scope: Scope = EVERYWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class DisablePerson(Command):
    user_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMonitoring(Command):
    """A run's fingerprint enters the log; its rows travel beside the command."""

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
class RecordExplanation(Command):
    version_id: str
    explanation_id: str
    sha256: str
    method: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSegmentDrift(Command):
    version_id: str
    drift: SegmentDrift


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSelfTest(Command):
    version_id: str
    policy_digest: str
    found: SelfTest


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyCondition(Command):
    """A validator confirms that a condition of an approval is met; `number` counts from 0 as in the case."""

    case_id: str
    number: int
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeRole(Command):
    """The role wherever it is held or proposed; for one `scope`, there alone."""

    user_id: str
    role: Role
    reason: str
    scope: Scope = EVERYWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAccess(Command):
    """An administrator confirms that a person still needs the roles they hold."""

    user_id: str
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueToken(Command):
    """A token for one's own scripts, in a role that one holds; `secret_hash` goes into the store, not into the log."""

    user_id: str
    label: str
    role: Role
    days: int
    models: tuple[str, ...] = ()
    secret_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeToken(Command):
    user_id: str
    token_id: str
    reason: str
