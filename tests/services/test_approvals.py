"""The sign-off desk: who is told what waits, what a case shows, and how duties are worded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plumbline.domain.errors import NotFound
from plumbline.domain.people import Seat
from plumbline.domain.results import Level
from plumbline.domain.signoff import CaseStatus, Decision
from plumbline.services.approvals import case_view, inbox
from plumbline.workflow.commands import RefreshEvidence

if TYPE_CHECKING:
    from tests.services.conftest import Desk


def test_a_submitted_version_waits_for_its_validator_and_for_nobody_else(desk: Desk) -> None:
    desk.submit()
    assert [line.asks for line in inbox(desk.ctx, "val").mine] == ["validation report"]
    assert not inbox(desk.ctx, "mro").mine
    assert not inbox(desk.ctx, "dev").mine
    assert "none of them waits for you" in inbox(desk.ctx, "dev").sentence


def test_a_validated_version_waits_for_its_seats_until_each_has_voted(desk: Desk) -> None:
    desk.submit()
    desk.sign_report()
    assert inbox(desk.ctx, "mro").mine[0].asks == "votes: 0 of 3 approvals given"
    assert not inbox(desk.ctx, "ana").mine, "the owner is also an approver, and S1 keeps the case from her"
    desk.vote("mro")
    assert not inbox(desk.ctx, "mro").mine
    assert [seat.says for seat in case_view(desk.ctx, desk.case.id, "eve").seats][:2] == ["approve", "not voted yet"]


def test_a_decided_case_leaves_the_inbox_and_shows_its_signatures(desk: Desk) -> None:
    desk.approve()
    found = inbox(desk.ctx, "val")
    assert (found.mine, found.others) == ((), ())
    assert found.decided[0].status is CaseStatus.GRANTED
    view = case_view(desk.ctx, desk.case.id, "aud")
    assert len(view.signatures) == 4
    assert all(block.manifest_hash and block.hash and not block.stale for block in view.signatures)
    assert view.sentence == "Loan default version 1 was approved until 1 Oct 2027."


def test_the_case_is_rendered_from_its_manifest_and_says_what_changed_since(desk: Desk) -> None:
    desk.monitor("r1", 0.05)
    desk.submit()
    before = case_view(desk.ctx, desk.case.id, "val")
    assert [figure.estimate for figure in before.figures] == ["0.0500"]
    desk.monitor("r2", 0.40)
    after = case_view(desk.ctx, desk.case.id, "val")
    assert after.figures == before.figures
    assert "0.0500" in after.differences[0].then
    assert "0.400" in after.differences[0].now
    assert "changed since they were pinned" in after.sentence


@pytest.mark.parametrize(
    ("user", "rule", "words"),
    [
        ("ana", "S1", "owns or owned this model"),
        ("val", "S1", "validated this version"),
        ("aud", "Signing", "sign nothing"),
    ],
)
def test_a_duty_that_stands_in_the_way_is_named(desk: Desk, user: str, rule: str, words: str) -> None:
    desk.submit()
    desk.sign_report()
    unmet = {
        duty.rule: duty.words for duty in case_view(desk.ctx, desk.case.id, user).duties if duty.level is Level.RED
    }
    assert words in unmet[rule]


def test_only_free_seats_are_offered(desk: Desk) -> None:
    desk.submit()
    desk.sign_report()
    assert case_view(desk.ctx, desk.case.id, "eve").my_seats == (Seat.ACCOUNTABLE_EXECUTIVE,)
    assert case_view(desk.ctx, desk.case.id, "ana").my_seats == ()


def test_a_question_sends_the_case_back_with_its_words(desk: Desk) -> None:
    desk.submit()
    desk.sign_report()
    desk.vote("mro", Decision.RETURN_FOR_INFORMATION, comment="Why this segment?")
    view = case_view(desk.ctx, desk.case.id, "val")
    assert view.question == "Why this segment?"
    assert inbox(desk.ctx, "val").mine[0].asks == "answer to a seat's question"


def test_only_votes_go_stale_when_evidence_is_pinned_again(desk: Desk) -> None:
    desk.monitor("r1", 0.05)
    desk.submit()
    desk.sign_report()
    desk.vote("mro")
    desk.monitor("r2", 0.40)
    desk.act("val", RefreshEvidence(model_id="m", case_id=desk.case.id))
    signatures = case_view(desk.ctx, desk.case.id, "eve").signatures
    assert [(block.user_id, block.stale) for block in signatures] == [("val", False), ("mro", True)]


def test_the_report_reads_in_sentences(desk: Desk) -> None:
    desk.submit()
    desk.sign_report()
    assert case_view(desk.ctx, desk.case.id, "eve").report == (
        "Val concluded: fit. Reperformed. Independence: No part in it."
    )


def test_an_unknown_case_is_said(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no case nonesuch"):
        case_view(desk.ctx, "nonesuch", "val")


def test_the_brief_is_in_plain_words(desk: Desk) -> None:
    desk.monitor("r1", 0.05)
    desk.submit()
    assert case_view(desk.ctx, desk.case.id, "eve").brief == (
        "What it does: Ranks loans.",
        "What is asked: approval for 12 months for this use: ranking applications.",
        "What is at stake: its decisions are about people.",
        "What the figures say: none of the 1 that could be judged is past a limit.",
        "Known weaknesses: none is stated. No finding is open.",
    )
