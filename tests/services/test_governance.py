"""Commands as the doors give them: decided, written whole, refused in words and on record."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from plumbline.domain.errors import EvidenceMissing, NotAuthorised, NotFound, StaleRevision, TransitionNotAllowed
from plumbline.domain.models import Document, Stage
from plumbline.domain.people import Actor, Authentication, Role, Seat
from plumbline.domain.results import Window
from plumbline.domain.signoff import CaseStatus, Decision, Severity
from plumbline.services import evidence, integrity
from plumbline.services.governance import handle, handle_together
from plumbline.workflow import commands as c
from plumbline.workflow import events as e
from plumbline.workflow.approval import approval
from plumbline.workflow.people import SYSTEM

if TYPE_CHECKING:
    from tests.services.conftest import Desk


def test_the_whole_way_ends_in_an_approval_that_verifies(desk: Desk) -> None:
    desk.monitor("r1", 0.05)
    desk.approve()
    desk.move("dep", Stage.IN_USE)
    state = desk.state()
    assert (state.versions["1"].stage, desk.case.status) == (Stage.IN_USE, CaseStatus.GRANTED)
    assert approval(state, "1", desk.time[0]).effective
    assert integrity.verify(desk.ctx).holds


def test_scenario_1_an_owner_who_is_also_approver_is_refused_and_it_is_logged(desk: Desk) -> None:
    desk.submit()
    desk.sign_report()
    before = desk.ctx.store.revision()
    with pytest.raises(NotAuthorised, match="owns or owned this model"):
        desk.vote("ana", role=Role.APPROVER)
    ((actor, payload, reason),) = desk.accesses("refused")
    logged = json.loads(payload)
    assert (actor, logged["rule"], logged["command"], logged["case"]) == ("ana", "S1", "CastVote", desk.case.id)
    assert reason == "Ana owns or owned this model and may not approve it"
    assert desk.ctx.store.revision() == before


def test_scenario_2_one_person_is_one_vote(desk: Desk) -> None:
    desk.submit()
    desk.sign_report()
    desk.vote("mro")
    desk.vote("ind")
    with pytest.raises(NotAuthorised) as refusal:
        desk.vote("ind", seat=Seat.MEMBER)
    assert refusal.value.duty == "S8"
    assert (desk.case.status, len(desk.case.standing_votes)) == (CaseStatus.APPROVAL, 2)


def test_a_vote_submitted_eight_times_at_once_is_one_signature(desk: Desk) -> None:
    desk.submit()
    desk.sign_report()
    refused: list[str] = []

    def submit() -> None:
        try:
            desk.vote("mro")
        except NotAuthorised as refusal:
            refused.append(refusal.duty)

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["S8"] * 7
    assert [s.user_id for s in desk.case.signatures] == ["val", "mro"]
    assert integrity.verify(desk.ctx).holds


def test_scenario_3_a_figure_measured_otherwise_makes_the_vote_stale(desk: Desk) -> None:
    desk.monitor("r1", 0.05)
    desk.submit()
    desk.sign_report()
    desk.vote("mro")
    desk.monitor("r2", 0.31)
    (change,) = evidence.changed(desk.ctx, desk.case.id)
    assert (change.kind, json.loads(change.then)["estimate"], json.loads(change.now)["estimate"]) == (
        "result",
        0.05,
        0.31,
    )
    with pytest.raises(EvidenceMissing, match="changed since they were pinned"):
        desk.vote("eve")
    desk.act("val", c.RefreshEvidence(case_id=desk.case.id))
    assert evidence.changed(desk.ctx, desk.case.id) == ()
    assert not desk.case.standing_votes
    for user_id in ("eve", "ind"):
        desk.vote(user_id)
    assert desk.case.open
    desk.vote("mro")
    assert desk.case.status is CaseStatus.GRANTED


def test_the_same_value_again_and_a_new_window_change_nothing(desk: Desk) -> None:
    desk.monitor("r1", 0.05)
    desk.submit()
    desk.monitor("r2", 0.05)
    desk.monitor("r3", 0.4, Window("2026-10", datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)))
    assert evidence.changed(desk.ctx, desk.case.id) == ()
    assert desk.act("val", c.RefreshEvidence(case_id=desk.case.id)) != ()


def test_scenario_4_an_approval_ends_by_the_clock_alone(desk: Desk) -> None:
    desk.approve()
    state, end = desk.state(), desk.case.expires_at
    assert end
    assert approval(state, "1", end - timedelta(seconds=1)).effective
    assert not approval(state, "1", end).effective


def test_scenario_11_the_risk_officers_no_rejects(desk: Desk) -> None:
    desk.submit()
    desk.sign_report()
    desk.vote("eve")
    desk.vote("ind")
    desk.vote("mro", Decision.REJECT, comment="Unstable in March")
    assert (desk.case.status, desk.case.reason) == (CaseStatus.REJECTED, "Unstable in March")
    with pytest.raises(TransitionNotAllowed):
        desk.submit()


def test_a_granted_approval_shows_then_and_now_without_losing_effect(desk: Desk) -> None:
    desk.monitor("r1", 0.05)
    desk.approve()
    desk.monitor("r2", 0.2)
    desk.act(
        "val",
        c.RaiseFinding(
            model_id="m",
            version_id="1",
            severity=Severity.LOW,
            category="data",
            title="Drift",
            description="PSI rose",
            owner="dev",
        ),
    )
    changed = evidence.changed(desk.ctx, desk.case.id)
    assert sorted((change.kind, change.then == "", change.binding) for change in changed) == [
        ("finding", True, False),
        ("result", False, False),
    ]
    assert approval(desk.state(), "1", desk.time[0]).effective


def test_the_manifest_is_what_was_signed_over(desk: Desk) -> None:
    desk.monitor("r1", 0.05)
    document = Document("model.pdf", "model document", "d1")
    desk.act("dev", c.SubmitForValidation(model_id="m", version_id="1", use_id="ranking", documents=(document,)))
    desk.sign_report()
    manifest = evidence.manifest_of(desk.ctx, desk.case.id)
    kinds = {item.kind for item in manifest.items}
    assert kinds == {"artefact", "document", "entry", "limits", "policy", "profile", "report", "result", "use"}
    assert {item.kind for item in manifest.items if item.binding} == {"artefact", "use", "limits", "report"}
    first = desk.case.signatures[0]
    assert first.manifest_hash != manifest.hash
    assert evidence.manifest_of(desk.ctx, desk.case.id, first.manifest_hash).hash == first.manifest_hash


def test_a_signature_is_bound_to_its_place_in_the_log(desk: Desk) -> None:
    desk.approve()
    signature = desk.case.votes["mro"].signature
    with desk.ctx.store.read() as cursor:
        row = cursor.execute(
            "select actor, action, manifest_hash from event where hash = ?", [signature.hash]
        ).fetchone()
    assert row == ("mro", "vote_cast", desk.case.manifest_hash)


def test_a_stale_reader_is_told_and_nothing_changes(desk: Desk) -> None:
    seen = desk.ctx.store.revision("m")
    desk.monitor("r1", 0.05)
    command = c.SubmitForValidation(model_id="m", version_id="1", use_id="ranking")
    with pytest.raises(StaleRevision, match="while you were reading"):
        handle(desk.ctx, command, desk.actor("dev"), expected_revision=seen)


def test_a_role_that_was_revoked_is_gone_at_once(desk: Desk) -> None:
    desk.act("adm", c.RevokeRole(user_id="val", role=Role.VALIDATOR, reason="moved"))
    desk.submit()
    with pytest.raises(NotAuthorised, match="does not hold the role Validator"):
        desk.sign_report()


def test_a_disabled_account_does_nothing(desk: Desk) -> None:
    desk.act("adm", c.DisablePerson(user_id="dev", reason="left"))
    with pytest.raises(NotAuthorised, match="no active account 'dev'"):
        desk.submit()


def test_an_auditor_writes_nothing_and_the_attempt_is_on_record(desk: Desk) -> None:
    with pytest.raises(NotAuthorised, match="may not register version"):
        desk.act("aud", c.RegisterVersion(version=desk.state().versions["1"].entry))
    assert [actor for actor, _, _ in desk.accesses("refused")] == ["aud"]


def test_someone_elses_password_signs_nothing(desk: Desk) -> None:
    desk.submit()
    desk.sign_report()
    command = c.CastVote(
        case_id=desk.case.id,
        manifest_hash=desk.case.manifest_hash,
        seat=Seat.MODEL_RISK_OFFICER,
        decision=Decision.APPROVE,
    )
    for proof in (None, Authentication("eve", "password", desk.time[0])):
        with pytest.raises(NotAuthorised, match="password again"):
            handle(desk.ctx, command, desk.actor("mro"), authentication=proof)


def test_together_means_all_or_none(desk: Desk) -> None:
    before = desk.ctx.store.revision()
    good = c.AddPerson(user_id="new", name="New", password_hash="")
    bad = c.GrantRole(user_id="nobody", role=Role.APPROVER)
    with pytest.raises(NotFound):
        handle_together(desk.ctx, [good, bad], desk.actor("adm"))
    assert desk.ctx.store.revision() == before


def test_the_system_makes_administrators_only_while_there_is_none(desk: Desk) -> None:
    with pytest.raises(NotAuthorised, match="no active account 'plumbline'"):
        handle(desk.ctx, c.AddPerson(user_id="new", name="New", password_hash=""), SYSTEM)


def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.act("val", c.RefreshEvidence(case_id="C-none"))
    with pytest.raises(NotFound, match="has no version 2"):
        desk.act("ana", c.MoveVersion(model_id="m", version_id="2", to=Stage.WITHDRAWN, reason="x"))


def test_an_event_keeps_the_circumstances(desk: Desk) -> None:
    with desk.ctx.store.read() as cursor:
        row = cursor.execute(
            "select actor, acting_role, payload, entity, entity_id from event order by seq desc limit 1"
        ).fetchone()
    assert row
    payload = json.loads(row[2])
    assert (row[0], row[1], row[3], row[4]) == ("ana", "model_owner", "model", "m")
    assert (payload["before"], payload["after"], payload["origin"]) == ("proposed", "in_development", "user")
    assert payload["roles"] == ["approver", "model_owner"]


def test_a_stranger_with_a_forged_session_gets_nowhere(desk: Desk) -> None:
    forged = Actor("ghost", "Ghost", Role.MODEL_OWNER, (Role.MODEL_OWNER,))
    with pytest.raises(NotAuthorised):
        handle(desk.ctx, c.RegisterUse(use=desk.state().uses["ranking"]), forged)


def test_events_are_in_the_past_tense_and_typed(desk: Desk) -> None:
    desk.submit()
    with desk.ctx.store.read() as cursor:
        actions = {row[0] for row in cursor.execute("select distinct action from event").fetchall()}
    assert actions <= set(e.EVENTS)
