"""Deciders of the two signatures: the validation report, and the seats' votes that make an approval."""

from __future__ import annotations

from datetime import datetime

from plumbline.domain.errors import EvidenceMissing, NotFound, TransitionNotAllowed
from plumbline.domain.models import Stage
from plumbline.domain.people import Seat
from plumbline.domain.signoff import CaseStatus, CaseType, Condition, Decision, Outcome, Severity, Signature
from plumbline.policy.load import Policy
from plumbline.policy.signoff import quorum
from plumbline.workflow import commands as c
from plumbline.workflow import events as e
from plumbline.workflow import guards
from plumbline.workflow.approval import expiry
from plumbline.workflow.guards import words
from plumbline.workflow.lifecycle import Act, find
from plumbline.workflow.manifest import binding_hash
from plumbline.workflow.permissions import check_reach, check_role
from plumbline.workflow.situation import Situation
from plumbline.workflow.state import CaseState, ModelState, VersionState

Events = tuple[e.Event, ...]
APPROVING = (Decision.APPROVE, Decision.APPROVE_WITH_CONDITIONS)


def submit(state: ModelState, command: c.SubmitForValidation, situation: Situation) -> Events:
    version = guards.the_version(state, command.version_id)
    guards.connected(state, situation.actor)
    if command.use_id not in state.uses:
        raise NotFound(f"Model {state.id} has no use {command.use_id}", remedy="Register the use first.")
    if state.open_case(command.version_id):
        raise TransitionNotAllowed(f"Version {command.version_id} already has an open case", where=state.id)
    if not version.stage.active and find(version.stage, Stage.IN_VALIDATION) is None:
        raise TransitionNotAllowed(
            f"A version that is {words(version.stage)} cannot be submitted for validation",
            where=f"{state.id} {command.version_id}",
            remedy="Only a version in development (or in use, for re-validation) can.",
        )
    if version.stage.active and command.case_type is not CaseType.RE_VALIDATION:
        raise TransitionNotAllowed("A version in use can only be re-validated", where=state.id)
    opened = e.CaseOpened(
        case_id=f"C-{situation.new_id()}",
        version_id=command.version_id,
        use_id=command.use_id,
        case_type=command.case_type,
        documents=command.documents,
    )
    return (opened, *_step(version, Stage.IN_VALIDATION, Act.SUBMIT))


def sign_report(state: ModelState, command: c.SignValidationReport, situation: Situation) -> Events:
    case = guards.the_case(state, command.case_id)
    version = state.versions[case.version_id]
    guards.may_sign(situation.actor)
    guards.validator_is_apart(state, version, situation.actor)
    check_role(situation.actor, c.SignValidationReport)
    check_reach(situation.actor, state.entry)
    _in_status(case, CaseStatus.VALIDATION)
    guards.freshly_authenticated(situation)
    guards.unchanged_evidence(case, command.manifest_hash, situation)
    if not command.independence.strip():
        raise EvidenceMissing("The declaration of independence is missing", remedy="Say how you are independent.")
    _no_open_critical(state, case, command.outcome)
    signature = _signature(
        case,
        situation,
        seat=None,
        decision=command.outcome,
        meaning=meaning_of_report(state, case, command.outcome),
        comment=command.comment,
    )
    signed = e.ReportSigned(
        case_id=case.id, outcome=command.outcome, independence=command.independence, signature=signature
    )
    return (signed, *_step(version, Stage.PENDING_APPROVAL, Act.REPORT))


def cast_vote(state: ModelState, command: c.CastVote, situation: Situation) -> Events:
    case = guards.the_case(state, command.case_id)
    # Duties come before the role: an owner is told S1, whichever role was chosen to try.
    guards.may_sign(situation.actor)
    guards.approver_is_apart(state, case, situation.actor)
    check_role(situation.actor, c.CastVote)
    check_reach(situation.actor, state.entry)
    _in_status(case, CaseStatus.APPROVAL)
    guards.one_vote(case, situation.actor)
    guards.holds_seat(state, situation.actor, command.seat)
    guards.seat_is_free(case, command.seat)
    guards.freshly_authenticated(situation)
    guards.unchanged_evidence(case, command.manifest_hash, situation)
    _decision_is_complete(state, case, command, situation)
    signature = _signature(
        case,
        situation,
        seat=command.seat,
        decision=command.decision,
        meaning=meaning_of(state, case, command.decision, situation.policy),
        comment=command.comment,
        conditions=command.conditions,
    )
    return (e.VoteCast(case_id=case.id, signature=signature), *_consequences(state, case, signature, situation))


def refresh(state: ModelState, command: c.RefreshEvidence, situation: Situation) -> Events:
    """Nothing to decide beyond whether it may be asked; the service pins what the store now holds."""
    guards.connected(state, situation.actor)
    case = guards.the_case(state, command.case_id)
    if not case.open:
        raise TransitionNotAllowed(f"The case is {words(case.status)}; its evidence stays as it was", where=case.id)
    return ()


def verify_condition(state: ModelState, command: c.VerifyCondition, situation: Situation) -> Events:
    case = guards.the_case(state, command.case_id)
    if not 0 <= command.number < len(case.conditions):
        raise NotFound(f"The case has no condition {command.number}", where=case.id)
    held = case.conditions[command.number]
    if held.verified_at is not None:
        return ()
    guards.validator_is_apart(state, state.versions[case.version_id], situation.actor)
    if not command.evidence.strip():
        raise EvidenceMissing("Evidence is asked for", where=case.id, remedy="Say how the condition was found met.")
    return (e.ConditionVerified(case_id=case.id, number=command.number, evidence=command.evidence),)


def meaning_of_report(state: ModelState, case: CaseState, outcome: Outcome) -> str:
    """The sentence that a validator signs."""
    subject = _name(state, case)
    return f"I validated {subject} and conclude that it is {words(outcome)}, having reviewed the evidence listed."


def meaning_of(state: ModelState, case: CaseState, decision: Decision, policy: Policy) -> str:
    """The sentence that a seat signs."""
    subject = _name(state, case)
    if decision in APPROVING:
        until = _expires(state, case, policy)
        end = f"until {until:%Y-%m-%d}" if until else "without an end date"
        under = " under the conditions named" if decision is Decision.APPROVE_WITH_CONDITIONS else ""
        return f"I approve use of {subject} {end}{under}, having reviewed the evidence listed."
    if decision is Decision.REJECT:
        return f"I reject {subject}, having reviewed the evidence listed."
    return f"I return {subject} with a question, having reviewed the evidence listed."


def _consequences(state: ModelState, case: CaseState, vote: Signature, situation: Situation) -> Events:
    version, rules = state.versions[case.version_id], quorum(state.tier, situation.policy)
    if vote.decision == Decision.RETURN_FOR_INFORMATION:
        returned = e.CaseReturned(case_id=case.id, question=vote.comment)
        return (returned, *_step(version, Stage.IN_VALIDATION, Act.QUESTION))
    if vote.decision == Decision.REJECT:
        if vote.seat not in rules.must_include:
            return ()
        return (e.CaseRejected(case_id=case.id, reason=vote.comment), *_step(version, Stage.REJECTED, Act.QUORUM))
    votes = [v.signature for v in case.standing_votes] + [vote]
    approving = [v for v in votes if v.decision in APPROVING]
    seats = {v.seat for v in approving}
    if len(approving) < rules.quorum or not seats.issuperset(rules.must_include):
        return ()
    granted = e.ApprovalGranted(
        case_id=case.id,
        expires_at=_expires(state, case, situation.policy),
        binding_hash=binding_hash(state, case),
        conditions=tuple(condition for v in approving for condition in v.conditions),
    )
    return (granted, *_step(version, Stage.APPROVED, Act.QUORUM))


def _step(version: VersionState, target: Stage, act: Act) -> Events:
    """The lifecycle's move that goes with a signature; a version in use stays where it is while it is re-validated."""
    if version.stage.active:
        return ()
    step = find(version.stage, target)
    if step is None or step.act is not act:
        raise TransitionNotAllowed(f"A version that is {words(version.stage)} cannot become {words(target)} by {act}")
    return (e.VersionMoved(version_id=version.entry.id, before=version.stage, after=target),)


def _expires(state: ModelState, case: CaseState, policy: Policy) -> datetime | None:
    # Counted from the pin: every seat signs the same last day, and an approval is never younger than its evidence.
    start = case.manifest_pinned_at or case.opened_at
    return expiry(start, quorum(state.tier, policy).expiry_months)


def _decision_is_complete(state: ModelState, case: CaseState, command: c.CastVote, situation: Situation) -> None:
    if command.decision in (Decision.REJECT, Decision.RETURN_FOR_INFORMATION) and not command.comment.strip():
        asked = "question" if command.decision is Decision.RETURN_FOR_INFORMATION else "reason"
        raise EvidenceMissing(f"The {asked} is missing", where=case.id, remedy=f"Write the {asked} as a comment.")
    if command.decision is Decision.APPROVE_WITH_CONDITIONS:
        _conditions_stand(case, command.conditions, situation)
    elif command.conditions:
        raise EvidenceMissing(
            "Conditions were named", where=case.id, remedy="Choose 'approve with conditions', or remove them."
        )
    if command.decision in APPROVING:
        _approvable(state, case, command.decision)


def _conditions_stand(case: CaseState, conditions: tuple[Condition, ...], situation: Situation) -> None:
    if not conditions:
        raise EvidenceMissing("No condition is named", where=case.id, remedy="Name one with its owner and due date.")
    for condition in conditions:
        guards.the_person(situation, condition.owner)
        if not condition.text.strip() or condition.due < situation.now.date():
            raise EvidenceMissing(
                "A condition needs a text and a due date that is not past", where=case.id, remedy="Correct it."
            )


def _approvable(state: ModelState, case: CaseState, decision: Decision) -> None:
    if case.report is None or case.report.outcome is Outcome.NOT_FIT:
        raise EvidenceMissing(
            "The validation report concludes that the version is not fit", where=case.id, remedy="Reject or return it."
        )
    _no_open_critical(state, case, case.report.outcome)
    if decision is Decision.APPROVE and state.open_findings(case.version_id, Severity.HIGH):
        raise EvidenceMissing(
            "A high finding is open", where=case.id, remedy="Approve with conditions, or have it closed first."
        )


def _no_open_critical(state: ModelState, case: CaseState, outcome: Outcome) -> None:
    critical = state.open_findings(case.version_id, Severity.CRITICAL)
    if critical and outcome is not Outcome.NOT_FIT:
        raise EvidenceMissing(
            f"The critical finding '{critical[0].title}' is open",
            where=f"{state.id} {case.version_id}",
            remedy="It has to be closed first, or the outcome is not fit.",
        )


def _in_status(case: CaseState, status: CaseStatus) -> None:
    if case.status is not status:
        raise TransitionNotAllowed(
            f"The case is at {case.status}, not at {status}", where=case.id, remedy="Read the case again."
        )


def _name(state: ModelState, case: CaseState) -> str:
    name = state.entry.name if state.entry else state.id
    return f"{name} version {case.version_id} for the use '{state.uses[case.use_id].purpose}'"


def _signature(
    case: CaseState,
    situation: Situation,
    *,
    seat: Seat | None,
    decision: str,
    meaning: str,
    comment: str,
    conditions: tuple[Condition, ...] = (),
) -> Signature:
    actor, proof = situation.actor, situation.authentication
    return Signature(
        printed_name=actor.name,
        user_id=actor.user_id,
        acting_role=actor.acting_role,
        seat=seat,
        case_id=case.id,
        manifest_hash=case.manifest_hash,
        decision=str(decision),
        meaning=meaning,
        comment=comment.strip(),
        conditions=conditions,
        signed_at=situation.now,
        zone=actor.zone,
        auth_method=proof.method if proof else "",
    )
