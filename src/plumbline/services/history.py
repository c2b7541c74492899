"""Events told in words, for change lists and for "since you were last here"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plumbline.domain.people import Grant
from plumbline.services.views.approvals import CASE_TYPES
from plumbline.workflow import events as e
from plumbline.workflow.guards import words


def told(event: e.Event) -> str:
    """One event as a sentence without its actor.

    >>> told(e.CaseReturned(case_id="C-1", question="Why this segment?"))
    'Returned with a question: Why this segment?'
    """
    maker = _TOLD.get(type(event))
    return maker(event) if maker else words(e.action_of(type(event))).capitalize()


def _granted(event: Any) -> str:
    until = f" until {event.expires_at.day} {event.expires_at:%b %Y}" if event.expires_at else ""
    conditions = f" under {len(event.conditions)} conditions" if event.conditions else ""
    return f"Approval granted{until}{conditions}"


_TOLD: dict[type[e.Event], Callable[[Any], str]] = {
    e.ModelRegistered: lambda event: f"Registered as tier {event.tier}",
    e.ModelAmended: lambda event: f"Entry amended: {', '.join(words(key) for key in event.after) or 'tier'}",
    e.VersionRegistered: lambda event: f"Version {event.version.id} registered",
    e.VersionAmended: lambda event: f"Version {event.version.id} amended",
    e.UseRegistered: lambda event: f"Use registered: {event.use.purpose}",
    e.UseAmended: lambda event: f"Use amended: {event.use.purpose}",
    e.VersionMoved: lambda event: f"Version {event.version_id}: {words(event.before)} to {words(event.after)}",
    e.CaseOpened: lambda event: f"Case opened for version {event.version_id}: {CASE_TYPES[event.case_type].lower()}",
    e.EvidencePinned: lambda event: f"Evidence pinned: {event.items} pieces, manifest {event.manifest_hash[:12]}",
    e.FindingRaised: lambda event: f"{event.finding.severity.capitalize()} finding raised: {event.finding.title}",
    e.FindingRemediated: lambda event: f"Finding remediated: {event.evidence}",
    e.FindingClosed: lambda event: f"Finding verified and closed: {event.evidence}",
    e.ReportSigned: lambda event: f"Validation report signed: {words(event.outcome)}",
    e.VoteCast: lambda event: f"Vote signed: {words(event.signature.decision)}",
    e.ApprovalGranted: _granted,
    e.CaseRejected: lambda event: f"Rejected: {event.reason}",
    e.CaseReturned: lambda event: f"Returned with a question: {event.question}",
    e.ConditionVerified: lambda event: f"Condition verified: {event.evidence}",
    e.MonitoringRecorded: lambda event: (
        f"Monitoring run: {len(event.windows)} windows, {event.rows:,} rows, {event.quarantined:,} quarantined"
    ),
    e.ExplanationRecorded: lambda event: f"Explanation stored: {event.rows} rows, {event.method}",
    e.SegmentDriftRecorded: lambda event: f"Columns counted of the segment {event.drift.name}",
    e.SelfTestRecorded: lambda event: (
        f"Self-test of version {event.version_id}: {event.found.whole.red.windows} of {event.found.whole.red.of} "
        f"windows red without drift; budget {event.found.kept}"
    ),
    e.PersonAdded: lambda event: f"Person added: {event.name}",
    e.PasswordChanged: lambda _: "Password changed",
    e.PasswordReset: lambda event: f"Password reset: {event.reason}",
    e.RoleProposed: lambda event: f"Role proposed: {Grant(event.role, event.scope).label}",
    e.RoleGranted: lambda event: f"Role granted: {Grant(event.role, event.scope).label}",
    e.RoleRevoked: lambda event: f"Role revoked: {Grant(event.role, event.scope).label}",
    e.AccessReviewed: lambda event: f"Access reviewed: {', '.join(each.label for each in event.grants) or 'no role'}",
    e.PersonDisabled: lambda event: f"Account disabled: {event.reason}",
    e.TokenIssued: lambda event: (
        f"Token issued: {event.label}, {event.role.label}, {', '.join(event.models) or 'all models'}, "
        f"until {event.expires_at.day} {event.expires_at:%b %Y}"
    ),
    e.TokenRevoked: lambda event: f"Token revoked: {event.reason}",
}
