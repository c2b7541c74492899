"""The log told in words: entries, signatures, refusals, and a broken chain that is listed all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plumbline.domain.errors import NotAuthorised
from plumbline.services.audit import access_seq, accesses, audit, since, verified

if TYPE_CHECKING:
    from tests.services.conftest import Desk


def test_every_entry_is_told_newest_first_and_every_signature_is_listed(desk: Desk) -> None:
    desk.approve()
    view = audit(desk.ctx)
    assert [line.seq for line in view.events] == list(range(len(view.events), 0, -1))
    assert view.events[-1].what == "Person added: Adm"
    assert any(line.what.startswith("Approval granted until 1 Oct 2027") for line in view.events)
    assert len(view.signatures) == 4
    assert f"{len(view.events)} entries" in view.sentence


def test_a_refusal_is_listed_with_its_rule(desk: Desk) -> None:
    desk.submit()
    desk.sign_report()
    with pytest.raises(NotAuthorised):
        desk.vote("val")
    refusal = accesses(desk.ctx, access_seq(desk.ctx)).refusals[0]
    assert (refusal.who, refusal.what) == ("Val", "CastVote refused by S1")
    assert "may not approve" in refusal.reason


def test_the_banner_says_what_is_proved_and_names_what_is_broken(desk: Desk) -> None:
    desk.approve()
    assert verified(desk.ctx).holds
    with desk.ctx.store.transaction() as cursor:
        cursor.execute("drop trigger event_no_update on event")
        cursor.execute("update event set reason = 'otherwise' where seq = 5")
    found = verified(desk.ctx)
    assert not found.holds
    assert "entry 5 is broken" in found.sentence
    assert len(audit(desk.ctx).events) == desk.ctx.store.revision(), "a broken log is still listed"


def test_since_tells_what_others_did_and_nothing_older(desk: Desk) -> None:
    before = desk.ctx.clock()
    assert since(desk.ctx, "val", before) == ()
    desk.submit()
    said = since(desk.ctx, "val", before)
    assert any(line.startswith("Dev, m: Case opened for version 1: initial approval") for line in said)
    assert since(desk.ctx, "dev", before) == (), "one's own acts are no news"
