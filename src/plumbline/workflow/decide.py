"""`decide(state, command, situation) -> events`: pure; refuses in words or says what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plumbline.workflow import commands as c
from plumbline.workflow import events as e
from plumbline.workflow import findings, moving, people, recording, registering, signing, tokens, well_formed
from plumbline.workflow.permissions import check_own_password, check_reach, check_role
from plumbline.workflow.situation import Situation
from plumbline.workflow.state import ModelState

Events = tuple[e.Event, ...]

ABOUT_MODELS: dict[type[c.Command], Callable[[ModelState, Any, Situation], Events]] = {
    c.RegisterModel: registering.register_model,
    c.RegisterVersion: registering.register_version,
    c.RegisterUse: registering.register_use,
    c.SubmitForValidation: signing.submit,
    c.RaiseFinding: findings.raise_finding,
    c.RemediateFinding: findings.remediate_finding,
    c.CloseFinding: findings.close_finding,
    c.SignValidationReport: signing.sign_report,
    c.CastVote: signing.cast_vote,
    c.RefreshEvidence: signing.refresh,
    c.VerifyCondition: signing.verify_condition,
    c.MoveVersion: moving.move_version,
    c.RecordMonitoring: recording.record_monitoring,
    c.RecordExplanation: recording.record_explanation,
    c.RecordSegmentDrift: recording.record_segment_drift,
    c.RecordSelfTest: recording.record_self_test,
}
ABOUT_PEOPLE: dict[type[c.Command], Callable[[Any, Situation], Events]] = {
    c.AddPerson: people.add_person,
    c.ChangePassword: people.change_password,
    c.ResetPassword: people.reset_password,
    c.GrantRole: people.grant_role,
    c.RevokeRole: people.revoke_role,
    c.DisablePerson: people.disable_person,
    c.ReviewAccess: people.review_access,
    c.IssueToken: tokens.issue_token,
    c.RevokeToken: tokens.revoke_token,
}

# Signatures name the broken duty before the missing role, so they check the role and its reach themselves.
DUTIES_FIRST = (c.SignValidationReport, c.CastVote)


def decide(state: ModelState, command: c.Command, situation: Situation) -> Events:
    """What this command would change; no event means that nothing changes.

    Raises:
        NotAuthorised: the role or a duty forbids it. TransitionNotAllowed: the lifecycle has no such step.
        EvidenceMissing: evidence is absent or has changed, or a text cannot be kept as it is.
        NotFound: it names something that is not there.
    """
    person = situation.people.get(situation.actor.user_id)
    if person and not isinstance(command, c.ChangePassword):
        check_own_password(person)
    if not isinstance(command, DUTIES_FIRST):
        check_role(situation.actor, type(command))
    well_formed.check(command)
    if type(command) in ABOUT_PEOPLE:
        return ABOUT_PEOPLE[type(command)](command, situation)
    if not isinstance(command, DUTIES_FIRST):
        check_reach(situation.actor, state.entry, command.entry if isinstance(command, c.RegisterModel) else None)
    return ABOUT_MODELS[type(command)](state, command, situation)
