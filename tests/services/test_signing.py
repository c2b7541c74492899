"""Signing: the sentence before the password, the refusal on record, and one signature for one act."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plumbline.domain.errors import NotAuthorised
from plumbline.domain.people import Seat
from plumbline.domain.signoff import Decision
from plumbline.services import signing
from plumbline.services.identity import hash_password
from plumbline.store import people
from plumbline.workflow.commands import CastVote

if TYPE_CHECKING:
    from tests.services.conftest import Desk

PASSWORD = "correct horse battery"


def vote(desk: Desk, seat: Seat = Seat.MODEL_RISK_OFFICER) -> CastVote:
    case = desk.case
    return CastVote(case_id=case.id, manifest_hash=case.manifest_hash, seat=seat, decision=Decision.APPROVE)


def give_password(desk: Desk, user: str) -> None:
    with desk.ctx.store.transaction() as cursor:
        people.set_password(cursor, user, hash_password(PASSWORD), desk.ctx.clock())


def test_the_sentence_shown_is_the_sentence_signed_and_showing_it_changes_nothing(desk: Desk) -> None:
    desk.submit()
    desk.sign_report()
    give_password(desk, "mro")
    before = desk.ctx.store.revision()
    said = signing.meaning(desk.ctx, vote(desk), desk.actor("mro"))
    assert said.startswith(
        "I approve use of Loan default version 1 for the use 'ranking applications' until 2027-10-01"
    )
    assert desk.ctx.store.revision() == before
    signature = signing.sign(desk.ctx, vote(desk), desk.actor("mro"), PASSWORD)
    assert desk.case.votes["mro"].signature.meaning == said
    assert desk.case.votes["mro"].signature.hash == signature


def test_an_owner_is_refused_before_any_password_and_the_refusal_stays(desk: Desk) -> None:
    desk.submit()
    desk.sign_report()
    with pytest.raises(NotAuthorised, match="owns or owned") as refusal:
        signing.meaning(desk.ctx, vote(desk, Seat.MEMBER), desk.actor("ana"))
    assert refusal.value.duty == "S1"
    assert [actor for actor, _, _ in desk.accesses("refused")] == ["ana"]


def test_a_wrong_password_signs_nothing(desk: Desk) -> None:
    desk.submit()
    desk.sign_report()
    give_password(desk, "mro")
    with pytest.raises(NotAuthorised, match="wrong"):
        signing.sign(desk.ctx, vote(desk), desk.actor("mro"), "another password")
    assert not desk.case.votes
