"""`evolve(state, recorded) -> state`: what each fact changes, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from plumbline.domain.models import Stage
from plumbline.domain.signoff import CaseStatus, FindingStatus, Signature
from plumbline.workflow import events as e
from plumbline.workflow.state import (
    CaseState,
    ConditionState,
    ExplanationState,
    ModelState,
    Pin,
    Report,
    RunState,
    SelfTestState,
    VersionState,
    Vote,
)

Fold = Callable[[ModelState, e.Recorded, Any], ModelState]


def evolve(state: ModelState, recorded: e.Recorded) -> ModelState:
    """The state after one more event of this model."""
    return FOLDS[type(recorded.event)](state, recorded, recorded.event)


def fold(state: ModelState, history: Iterable[e.Recorded]) -> ModelState:
    """The state after all of them."""
    for recorded in history:
        state = evolve(state, recorded)
    return state


def _model(state: ModelState, recorded: e.Recorded, event: e.ModelRegistered | e.ModelAmended) -> ModelState:
    return replace(
        state,
        entry=event.entry,
        tier=event.tier,
        tier_because=event.tier_because,
        registered_at=state.registered_at or recorded.recorded_at,
        owners_ever=state.owners_ever | {event.entry.owner},
        developers_ever=state.developers_ever | set(event.entry.developers),
    )


def _version_registered(state: ModelState, recorded: e.Recorded, event: e.VersionRegistered) -> ModelState:
    version = VersionState(
        entry=event.version,
        stage=Stage.PROPOSED,
        stage_since=recorded.recorded_at,
        registered_at=recorded.recorded_at,
        registered_by=recorded.actor,
        committers=frozenset({recorded.actor}),
    )
    return replace(state, versions={**state.versions, event.version.id: version})


def _version_amended(state: ModelState, recorded: e.Recorded, event: e.VersionAmended) -> ModelState:
    version = state.versions[event.version.id]
    return _with_version(state, replace(version, entry=event.version, committers=version.committers | {recorded.actor}))


def _use(state: ModelState, _: e.Recorded, event: e.UseRegistered | e.UseAmended) -> ModelState:
    return replace(state, uses={**state.uses, event.use.id: event.use})


def _moved(state: ModelState, recorded: e.Recorded, event: e.VersionMoved) -> ModelState:
    version = state.versions[event.version_id]
    deployed = event.artefact_sha256 if event.after.active else version.deployed_sha256
    moved = replace(version, stage=event.after, stage_since=recorded.recorded_at, deployed_sha256=deployed)
    state = _with_version(state, moved)
    case = state.open_case(event.version_id)
    # A version that leaves review for its workshop, or for good, takes its open case with it.
    if case and event.after in (Stage.IN_DEVELOPMENT, Stage.WITHDRAWN):
        closed = replace(case, status=CaseStatus.RETURNED, decided_at=recorded.recorded_at, reason=event.reason)
        return _with_case(state, closed)
    return state


def _case_opened(state: ModelState, recorded: e.Recorded, event: e.CaseOpened) -> ModelState:
    version = state.versions[event.version_id]
    case = CaseState(
        id=event.case_id,
        version_id=event.version_id,
        use_id=event.use_id,
        case_type=event.case_type,
        status=CaseStatus.VALIDATION,
        requester=recorded.actor,
        opened_at=recorded.recorded_at,
        documents=event.documents,
    )
    state = _with_version(state, replace(version, submitters=version.submitters | {recorded.actor}))
    return _with_case(state, case)


def _pinned(state: ModelState, recorded: e.Recorded, event: e.EvidencePinned) -> ModelState:
    case = replace(
        state.cases[event.case_id], manifest_hash=event.manifest_hash, manifest_pinned_at=recorded.recorded_at
    )
    pinned = Pin(event.case_id, event.manifest_hash, recorded.recorded_at, event.items)
    return replace(_with_case(state, case), pins=(*state.pins, pinned))


def _report(state: ModelState, recorded: e.Recorded, event: e.ReportSigned) -> ModelState:
    signature = replace(event.signature, hash=recorded.hash)
    case = _signed(state.cases[event.case_id], signature, recorded.seq)
    report = Report(event.outcome, event.independence, signature)
    return _with_case(state, replace(case, report=report, status=CaseStatus.APPROVAL, question=""))


def _vote(state: ModelState, recorded: e.Recorded, event: e.VoteCast) -> ModelState:
    signature = replace(event.signature, hash=recorded.hash)
    case = _signed(state.cases[event.case_id], signature, recorded.seq)
    votes = {**case.votes, signature.user_id: Vote(signature, recorded.seq)}
    return _with_case(state, replace(case, votes=votes))


def _granted(state: ModelState, recorded: e.Recorded, event: e.ApprovalGranted) -> ModelState:
    case = replace(
        state.cases[event.case_id],
        status=CaseStatus.GRANTED,
        decided_at=recorded.recorded_at,
        expires_at=event.expires_at,
        binding_hash=event.binding_hash,
        conditions=tuple(ConditionState(condition) for condition in event.conditions),
    )
    return _with_case(state, case)


def _rejected(state: ModelState, recorded: e.Recorded, event: e.CaseRejected) -> ModelState:
    case = state.cases[event.case_id]
    return _with_case(
        state, replace(case, status=CaseStatus.REJECTED, decided_at=recorded.recorded_at, reason=event.reason)
    )


def _returned(state: ModelState, _: e.Recorded, event: e.CaseReturned) -> ModelState:
    case = replace(state.cases[event.case_id], status=CaseStatus.VALIDATION, question=event.question)
    return _with_case(state, case)


def _condition(state: ModelState, recorded: e.Recorded, event: e.ConditionVerified) -> ModelState:
    case = state.cases[event.case_id]
    conditions = list(case.conditions)
    conditions[event.number] = replace(
        conditions[event.number], verified_by=recorded.actor, verified_at=recorded.recorded_at
    )
    return _with_case(state, replace(case, conditions=tuple(conditions)))


def _finding_raised(state: ModelState, _: e.Recorded, event: e.FindingRaised) -> ModelState:
    return replace(state, findings={**state.findings, event.finding.id: event.finding})


def _finding_remediated(state: ModelState, recorded: e.Recorded, event: e.FindingRemediated) -> ModelState:
    changed = replace(
        state.findings[event.finding_id],
        status=FindingStatus.REMEDIATED,
        evidence=event.evidence,
        remediated_by=recorded.actor,
    )
    return replace(state, findings={**state.findings, changed.id: changed})


def _finding_closed(state: ModelState, recorded: e.Recorded, event: e.FindingClosed) -> ModelState:
    finding = state.findings[event.finding_id]
    changed = replace(
        finding,
        status=FindingStatus.VERIFIED_CLOSED,
        closure_evidence=event.evidence,
        closed_by=recorded.actor,
        closed_at=recorded.recorded_at,
    )
    return replace(state, findings={**state.findings, changed.id: changed})


def _run(state: ModelState, recorded: e.Recorded, event: e.MonitoringRecorded) -> ModelState:
    run = RunState(event, recorded.seq, recorded.recorded_at, recorded.actor)
    return replace(state, runs=(*state.runs, run))


def _explanation(state: ModelState, recorded: e.Recorded, event: e.ExplanationRecorded) -> ModelState:
    found = ExplanationState(event, recorded.seq, recorded.recorded_at, recorded.actor)
    return replace(state, explanations=(*state.explanations, found))


def _segment_drift(state: ModelState, _: e.Recorded, event: e.SegmentDriftRecorded) -> ModelState:
    return replace(state, segment_drifts=(*state.segment_drifts, (event.version_id, event.drift)))


def _self_test(state: ModelState, recorded: e.Recorded, event: e.SelfTestRecorded) -> ModelState:
    found = SelfTestState(event, recorded.seq, recorded.recorded_at, recorded.actor)
    return replace(state, self_tests=(*state.self_tests, found))


def _with_version(state: ModelState, version: VersionState) -> ModelState:
    return replace(state, versions={**state.versions, version.entry.id: version})


def _with_case(state: ModelState, case: CaseState) -> ModelState:
    return replace(state, cases={**state.cases, case.id: case})


def _signed(case: CaseState, signature: Signature, seq: int) -> CaseState:
    return replace(case, signatures=(*case.signatures, signature), signature_seqs=(*case.signature_seqs, seq))


FOLDS: dict[type[e.Event], Fold] = {
    e.ModelRegistered: _model,
    e.ModelAmended: _model,
    e.VersionRegistered: _version_registered,
    e.VersionAmended: _version_amended,
    e.UseRegistered: _use,
    e.UseAmended: _use,
    e.VersionMoved: _moved,
    e.CaseOpened: _case_opened,
    e.EvidencePinned: _pinned,
    e.ReportSigned: _report,
    e.VoteCast: _vote,
    e.ApprovalGranted: _granted,
    e.CaseRejected: _rejected,
    e.CaseReturned: _returned,
    e.ConditionVerified: _condition,
    e.FindingRaised: _finding_raised,
    e.FindingRemediated: _finding_remediated,
    e.FindingClosed: _finding_closed,
    e.MonitoringRecorded: _run,
    e.ExplanationRecorded: _explanation,
    e.SegmentDriftRecorded: _segment_drift,
    e.SelfTestRecorded: _self_test,
}
