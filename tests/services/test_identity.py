"""Signing in: the right password and nothing else, slower after failures, on record, and what happened meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from plumbline.domain.errors import NotAuthorised
from plumbline.domain.people import Role
from plumbline.services import audit, identity
from plumbline.workflow import commands as c

if TYPE_CHECKING:
    from tests.services.conftest import Desk

PASSWORD = "correct horse"


@pytest.fixture
def with_account(desk: Desk) -> Desk:
    """The desk, with an account whose password is known."""
    added = c.AddPerson(user_id="kim", name="Kim Lee", password_hash=identity.hash_password(PASSWORD), initial=False)
    desk.act("adm", added)
    for role in (Role.MODEL_OWNER, Role.VALIDATOR):
        desk.act("adm", c.GrantRole(user_id="kim", role=role))
        desk.act("adm2", c.GrantRole(user_id="kim", role=role))
    return desk


def test_the_right_password_opens_in_the_role_with_most_waiting(with_account: Desk) -> None:
    actor = identity.sign_in(with_account.ctx, "kim", PASSWORD, zone="Asia/Tokyo")
    assert (actor.name, actor.acting_role, actor.zone) == ("Kim Lee", Role.VALIDATOR, "Asia/Tokyo")
    assert [who for who, _, _ in with_account.accesses("signed_in")] == ["kim"]
    assert identity.acting_for(actor, c.RegisterVersion).acting_role is Role.MODEL_OWNER
    with pytest.raises(NotAuthorised, match="does not hold the role Approver"):
        identity.acting_as(actor, Role.APPROVER)


@pytest.mark.parametrize(("user_id", "password"), [("kim", "wrong"), ("nobody", PASSWORD), ("adm", "")])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(with_account: Desk, user_id: str, password: str) -> None:
    with pytest.raises(NotAuthorised, match="The name or the password is wrong"):
        identity.sign_in(with_account.ctx, user_id, password)
    assert [who for who, _, _ in with_account.accesses("sign_in_failed")] == [user_id]


def test_a_disabled_account_is_closed(with_account: Desk) -> None:
    with_account.act("adm", c.DisablePerson(user_id="kim", reason="left"))
    with pytest.raises(NotAuthorised, match="wrong"):
        identity.sign_in(with_account.ctx, "kim", PASSWORD)


def test_after_five_failures_even_the_right_password_waits(with_account: Desk) -> None:
    for _ in range(with_account.ctx.policy.access.free_tries):
        with pytest.raises(NotAuthorised, match="wrong"):
            identity.sign_in(with_account.ctx, "kim", "guess")
    with pytest.raises(NotAuthorised, match="Try again in"):
        identity.sign_in(with_account.ctx, "kim", PASSWORD)
    with_account.time[0] += with_account.ctx.policy.access.first_wait
    assert identity.sign_in(with_account.ctx, "kim", PASSWORD).user_id == "kim"


def test_the_password_again_is_proof_for_a_signature(with_account: Desk) -> None:
    actor = identity.sign_in(with_account.ctx, "kim", PASSWORD)
    proof = identity.reauthenticate(with_account.ctx, actor, PASSWORD)
    assert (proof.user_id, proof.method, proof.at) == ("kim", "password", with_account.time[0])
    with pytest.raises(NotAuthorised):
        identity.reauthenticate(with_account.ctx, actor, "guess")


def test_no_log_holds_a_password_or_its_hash(with_account: Desk) -> None:
    identity.sign_in(with_account.ctx, "kim", PASSWORD)
    with with_account.ctx.store.read() as cursor:
        told = cursor.execute("select record from event union all select record from access").fetchall()
    assert not [record for (record,) in told if PASSWORD in record or "argon2" in record]


def test_nobody_is_given_time_for_a_megabyte_of_password(with_account: Desk) -> None:
    with pytest.raises(NotAuthorised, match="wrong"):
        identity.sign_in(with_account.ctx, "kim", PASSWORD + "x" * 1_000_000)


def test_since_the_last_visit_lists_what_others_did(with_account: Desk) -> None:
    ctx = with_account.ctx
    identity.sign_in(ctx, "kim", PASSWORD)
    assert identity.last_visit(ctx, "kim") is None
    with_account.time[0] += timedelta(days=1)
    with_account.submit()
    identity.sign_in(ctx, "kim", PASSWORD)
    last = identity.last_visit(ctx, "kim")
    assert last is not None
    told = audit.since(ctx, "kim", last)
    assert told
    assert not audit.since(ctx, "dev", last), "what one did oneself is no news"
