"""Two signatures: the report by a validator, the approval by the tier's seats; duties hold whatever role is chosen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from plumbline.domain.errors import EvidenceMissing, NotAuthorised, TransitionNotAllowed
from plumbline.domain.models import Stage, Tier
from plumbline.domain.people import Role, Seat
from plumbline.domain.signoff import CaseStatus, Condition, Decision, Outcome, Severity, Signature
from plumbline.workflow import commands as c
from plumbline.workflow import events as e
from plumbline.workflow.situation import Change

if TYPE_CHECKING:
    from tests.workflow.conftest import History


def kinds(events: tuple[e.Event, ...]) -> list[type[e.Event]]:
    return [type(event) for event in events]


def finding(severity: Severity) -> c.RaiseFinding:
    return c.RaiseFinding(
        version_id="1", severity=severity, category="data", title="Leak", description="Label leaks", owner="dev"
    )


def test_submitting_opens_the_case_and_moves_the_version(history: History) -> None:
    events = history.when("dev", c.SubmitForValidation(version_id="1", use_id="ranking"))
    assert kinds(events) == [e.CaseOpened, e.VersionMoved]
    assert (history.stage, history.case.status) == (Stage.IN_VALIDATION, CaseStatus.VALIDATION)


def test_a_version_has_one_open_case(history: History) -> None:
    with pytest.raises(TransitionNotAllowed, match="already has an open case"):
        history.submitted().when("dev", c.SubmitForValidation(version_id="1", use_id="ranking"))


def test_the_report_moves_the_case_to_its_approval(history: History) -> None:
    history.validated()
    assert (history.stage, history.case.status) == (Stage.PENDING_APPROVAL, CaseStatus.APPROVAL)
    assert history.case.report
    signature = history.case.report.signature
    assert signature.meaning == (
        "I validated Loan default version 1 for the use 'ranking applications' and conclude that it is fit, "
        "having reviewed the evidence listed."
    )
    assert (signature.printed_name, signature.acting_role, signature.seat) == ("Val", Role.VALIDATOR, None)
    assert signature.hash == f"{history.seq - 2:064x}"


def test_s2_who_made_the_version_does_not_validate_it(history: History) -> None:
    history.submitted()
    with pytest.raises(NotAuthorised) as refusal:
        history.ask("dev", history.report(), Role.DEVELOPER)
    assert refusal.value.duty == "S2"


def test_s2_counts_who_repaired_the_version(history: History) -> None:
    history.submitted().when("val", replace(finding(Severity.LOW), owner="cara"))
    history.when("cara", c.RemediateFinding(finding_id=next(iter(history.state.findings)), evidence="done"))
    with pytest.raises(NotAuthorised) as refusal:
        history.ask("cara", history.report())
    assert refusal.value.duty == "S2"


def test_the_tiers_seats_together_make_the_approval(history: History) -> None:
    history.validated()
    assert kinds(history.when("mro", history.vote(Seat.MODEL_RISK_OFFICER))) == [e.VoteCast]
    assert kinds(history.when("eve", history.vote(Seat.ACCOUNTABLE_EXECUTIVE))) == [e.VoteCast]
    last = history.when("ind", history.vote(Seat.INDEPENDENT_MEMBER))
    assert kinds(last) == [e.VoteCast, e.ApprovalGranted, e.VersionMoved]
    assert (history.stage, history.case.status) == (Stage.APPROVED, CaseStatus.GRANTED)
    assert history.case.expires_at
    assert history.case.expires_at.isoformat() == "2027-10-01T23:59:59+00:00"


def test_the_signature_says_until_when_it_approves(history: History) -> None:
    history.approved()
    meaning = history.case.votes["mro"].signature.meaning
    assert meaning.startswith(
        "I approve use of Loan default version 1 for the use 'ranking applications' until 2027-10-01"
    )


@pytest.mark.parametrize(
    ("actor", "role", "part"),
    [
        ("ana", Role.APPROVER, "owns"),
        ("ana", Role.MODEL_OWNER, "owns"),
        ("dev", Role.DEVELOPER, "develops"),
        ("cara", Role.APPROVER, "validated"),
    ],
)
def test_s1_nobody_with_a_part_in_the_version_approves_it(history: History, actor: str, role: Role, part: str) -> None:
    history.validated(by="cara")
    with pytest.raises(NotAuthorised, match=part) as refusal:
        history.ask(actor, history.vote(Seat.MEMBER), role)
    assert refusal.value.duty == "S1"


def test_s1_remembers_a_former_owner(history: History) -> None:
    assert history.state.entry
    entry = replace(history.state.entry, owner="dev")
    history.given(
        "ana",
        e.ModelAmended(entry=entry, tier=Tier.ONE, tier_because="", before={"owner": "ana"}, after={"owner": "dev"}),
    )
    history.validated()
    with pytest.raises(NotAuthorised, match="owns or owned"):
        history.ask("ana", history.vote(Seat.MEMBER), Role.APPROVER)


def test_s8_two_seats_are_still_one_person(history: History) -> None:
    history.validated().when("ind", history.vote(Seat.INDEPENDENT_MEMBER))
    with pytest.raises(NotAuthorised, match="already voted") as refusal:
        history.ask("ind", history.vote(Seat.MEMBER))
    assert refusal.value.duty == "S8"


@pytest.mark.parametrize("actor", ["adm", "aud"])
def test_administrators_and_auditors_sign_nothing(history: History, actor: str) -> None:
    history.validated()
    with pytest.raises(NotAuthorised, match="can sign nothing"):
        history.ask(actor, history.vote(Seat.MEMBER))


@pytest.mark.parametrize(
    ("actor", "seat"),
    [
        ("ind", Seat.MODEL_RISK_OFFICER),
        ("mro", Seat.ACCOUNTABLE_EXECUTIVE),
        ("mro", Seat.INDEPENDENT_MEMBER),
        ("eve", Seat.MEMBER),
    ],
)
def test_a_seat_is_for_its_person_or_its_role(history: History, actor: str, seat: Seat) -> None:
    history.validated()
    with pytest.raises(NotAuthorised) as refusal:
        history.ask(actor, history.vote(seat))
    assert refusal.value.duty == "seat"


def test_a_signature_wants_a_fresh_password(history: History) -> None:
    history.validated()
    long_ago = history.now - timedelta(minutes=5)
    with pytest.raises(NotAuthorised, match="five minutes"):
        history.ask("mro", history.vote(Seat.MODEL_RISK_OFFICER), proved=long_ago)


def test_a_vote_over_an_earlier_manifest_is_refused(history: History) -> None:
    history.validated()
    early = replace(history.vote(Seat.MODEL_RISK_OFFICER), manifest_hash="0" * 64)
    with pytest.raises(EvidenceMissing, match="pinned again"):
        history.ask("mro", early)


def test_a_vote_over_evidence_that_changed_is_refused(history: History) -> None:
    history.validated()
    with pytest.raises(EvidenceMissing, match="result 2026-09/psi"):
        history.ask(
            "mro", history.vote(Seat.MODEL_RISK_OFFICER), changed=(Change("result", "2026-09/psi", "{}", "{1}"),)
        )


def test_votes_go_stale_when_evidence_is_pinned_again_and_may_be_recast(history: History) -> None:
    history.validated().when("mro", history.vote(Seat.MODEL_RISK_OFFICER))
    history.when("val", finding(Severity.LOW))
    history.pinned("val", history.case.id)
    assert not history.case.standing_votes
    history.when("mro", history.vote(Seat.MODEL_RISK_OFFICER))
    assert [vote.signature.user_id for vote in history.case.standing_votes] == ["mro"]
    assert len(history.case.signatures) == 3


def test_the_risk_officers_no_rejects_even_a_reached_quorum(history: History) -> None:
    history.validated()
    history.when("eve", history.vote(Seat.ACCOUNTABLE_EXECUTIVE))
    history.when("ind", history.vote(Seat.INDEPENDENT_MEMBER))
    with pytest.raises(EvidenceMissing, match="reason is missing"):
        history.ask("mro", history.vote(Seat.MODEL_RISK_OFFICER, Decision.REJECT))
    history.when("mro", history.vote(Seat.MODEL_RISK_OFFICER, Decision.REJECT, "Unstable"))
    assert (history.stage, history.case.status, history.case.reason) == (
        Stage.REJECTED,
        CaseStatus.REJECTED,
        "Unstable",
    )
    with pytest.raises(TransitionNotAllowed, match="cannot be submitted"):
        history.ask("dev", c.SubmitForValidation(version_id="1", use_id="ranking"))


def test_a_question_sends_the_case_back_to_its_validator(history: History) -> None:
    history.validated()
    history.when("mro", history.vote(Seat.MODEL_RISK_OFFICER, Decision.RETURN_FOR_INFORMATION, "Why March?"))
    assert (history.stage, history.case.status) == (Stage.IN_VALIDATION, CaseStatus.VALIDATION)
    assert history.case.question == "Why March?"
    history.when("val", history.report())
    assert (history.case.status, history.case.question) == (CaseStatus.APPROVAL, "")
    assert not history.case.standing_votes


def test_conditions_of_the_votes_become_conditions_of_the_approval(history: History) -> None:
    uplift = Condition(text="Weekly PSI", kind="monitoring_uplift", owner="dev", due=date(2027, 1, 31), blocking=True)
    history.validated()
    history.when("mro", history.vote(Seat.MODEL_RISK_OFFICER, Decision.APPROVE_WITH_CONDITIONS, "", uplift))
    history.when("eve", history.vote(Seat.ACCOUNTABLE_EXECUTIVE))
    history.when("ind", history.vote(Seat.INDEPENDENT_MEMBER))
    assert [held.condition for held in history.case.conditions] == [uplift]
    history.when("val", c.VerifyCondition(case_id=history.case.id, number=0, evidence="Seen running"))
    assert history.case.conditions[0].verified_by == "val"


def test_conditions_must_be_named_and_due_later(history: History) -> None:
    history.validated()
    late = Condition(text="x", kind="limit", owner="dev", due=date(2026, 9, 30))
    for conditions in ((), (late,)):
        with pytest.raises(EvidenceMissing, match="condition"):
            history.ask("mro", history.vote(Seat.MODEL_RISK_OFFICER, Decision.APPROVE_WITH_CONDITIONS, "", *conditions))


def test_an_open_critical_finding_stands_in_the_way_of_fit_and_of_approval(history: History) -> None:
    history.submitted().when("val", finding(Severity.CRITICAL))
    with pytest.raises(EvidenceMissing, match="critical finding 'Leak' is open"):
        history.ask("val", history.report(Outcome.FIT_WITH_FINDINGS))
    history.when("val", history.report(Outcome.NOT_FIT))
    with pytest.raises(EvidenceMissing, match="not fit"):
        history.ask("mro", history.vote(Seat.MODEL_RISK_OFFICER))


def test_an_open_high_finding_asks_for_conditions(history: History) -> None:
    history.submitted().when("val", finding(Severity.HIGH))
    history.when("val", history.report(Outcome.FIT_WITH_FINDINGS))
    with pytest.raises(EvidenceMissing, match="high finding is open"):
        history.ask("mro", history.vote(Seat.MODEL_RISK_OFFICER))


def test_a_seat_is_taken_once(history: History) -> None:
    history.validated().given("mro", e.VoteCast(case_id=history.case.id, signature=another_risk_officers(history)))
    with pytest.raises(NotAuthorised, match="seat model risk officer is taken by Rob"):
        history.ask("mro", history.vote(Seat.MODEL_RISK_OFFICER))


def another_risk_officers(history: History) -> Signature:
    return Signature(
        printed_name="Rob",
        user_id="rob",
        acting_role=Role.MODEL_RISK_OFFICER,
        seat=Seat.MODEL_RISK_OFFICER,
        case_id=history.case.id,
        manifest_hash=history.case.manifest_hash,
        decision=Decision.APPROVE,
        meaning="",
        comment="",
        conditions=(),
        signed_at=history.now,
        zone="UTC",
        auth_method="password",
    )


def test_a_version_in_use_is_revalidated_where_it_stands(history: History) -> None:
    history.approved().given("dep", e.VersionMoved(version_id="1", before=Stage.APPROVED, after=Stage.IN_USE))
    with pytest.raises(TransitionNotAllowed, match="only be re-validated"):
        history.ask("dev", c.SubmitForValidation(version_id="1", use_id="ranking"))
