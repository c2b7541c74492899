"""Until when a browser stands for a person, and what ends that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.moving_clock import MovingClock

from plumbline.domain.errors import NotAuthorised
from plumbline.domain.people import Actor, Role
from plumbline.policy.load import load_policy
from plumbline.services import identity, sessions
from plumbline.services.context import Context
from plumbline.services.governance import handle
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

ADMIN = Actor("root", "Root", Role.ADMINISTRATOR, (Role.ADMINISTRATOR,))
PASSWORD = "correct horse battery"


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def ctx(clock: MovingClock, new_id: Callable[[], str]) -> Context:
    ctx = Context(Store.open(":memory:", clock=clock), clock, new_id, load_policy())
    handle(ctx, c.AddPerson(user_id="root", name="Root", password_hash=""), SYSTEM)
    handle(ctx, c.GrantRole(user_id="root", role=Role.ADMINISTRATOR), SYSTEM)
    handle(
        ctx,
        c.AddPerson(user_id="ada", name="Ada Min", password_hash=identity.hash_password(PASSWORD), initial=False),
        ADMIN,
    )
    for role in (Role.AUDITOR, Role.VALIDATOR):
        handle(ctx, c.GrantRole(user_id="ada", role=role), ADMIN)
    return ctx


def signed_in(ctx: Context) -> tuple[sessions.Stay, str]:
    """A stay, and the token that the browser holds."""
    stay, ticket = sessions.begin(ctx, identity.sign_in(ctx, "ada", PASSWORD, zone="Europe/Zurich"))
    return stay, sessions.change(ctx, ticket)


def test_a_browser_that_comes_back_is_the_same_person_in_the_same_role(ctx: Context) -> None:
    stay, token = signed_in(ctx)
    sessions.act_as(ctx, stay.session_id, stay.actor, Role.AUDITOR)
    found = sessions.resume(ctx, token)
    assert found is not None
    assert found.actor == Actor("ada", "Ada Min", Role.AUDITOR, (Role.AUDITOR, Role.VALIDATOR), "Europe/Zurich")
    assert found.session_id == stay.session_id
    assert not found.waits


def test_neither_a_ticket_nor_a_guess_is_a_token(ctx: Context) -> None:
    stay, ticket = sessions.begin(ctx, identity.sign_in(ctx, "ada", PASSWORD))
    assert stay.waits
    assert sessions.resume(ctx, ticket) is None
    assert sessions.resume(ctx, "") is None
    assert sessions.resume(ctx, "None") is None


def test_the_store_holds_nothing_that_opens_a_door(ctx: Context) -> None:
    _, token = signed_in(ctx)
    _, ticket = sessions.begin(ctx, identity.sign_in(ctx, "ada", PASSWORD))
    with ctx.store.read() as cursor:
        kept = str(cursor.execute("select * from session").fetchall())
    assert "ada" in kept
    assert token not in kept
    assert ticket not in kept


def test_thirty_idle_minutes_end_it(ctx: Context, clock: MovingClock) -> None:
    stay, token = signed_in(ctx)
    clock.goes_on(minutes=29)
    assert sessions.go_on(ctx, stay.session_id) is not None
    clock.goes_on(minutes=29)
    assert sessions.resume(ctx, token) is not None, "a page in between counts as use"
    clock.goes_on(minutes=2)
    assert sessions.go_on(ctx, stay.session_id) is None
    assert sessions.resume(ctx, token) is None


def test_twelve_hours_end_it_however_busy(ctx: Context, clock: MovingClock) -> None:
    stay, token = signed_in(ctx)
    for _ in range(36):
        clock.goes_on(minutes=20)
        assert sessions.go_on(ctx, stay.session_id) is not None
    clock.goes_on(minutes=1)
    assert sessions.go_on(ctx, stay.session_id) is None
    assert sessions.resume(ctx, token) is None


def test_signing_out_ends_one_browser_or_all(ctx: Context) -> None:
    (desk, of_desk), (phone, of_phone), (train, of_train) = (signed_in(ctx) for _ in range(3))
    assert sessions.elsewhere(ctx, desk.session_id, desk.actor) == 2
    sessions.end(ctx, phone.session_id, phone.actor)
    assert sessions.resume(ctx, of_phone) is None
    assert sessions.resume(ctx, of_train) is not None
    sessions.end(ctx, desk.session_id, desk.actor, everywhere=True)
    assert sessions.resume(ctx, of_desk) is None
    assert sessions.go_on(ctx, train.session_id) is None
    with ctx.store.read() as cursor:
        said = cursor.execute("select actor from access where action = 'signed_out' order by seq").fetchall()
    assert said == [("ada",), ("ada",)]


def test_a_role_taken_away_is_gone_at_the_next_page(ctx: Context) -> None:
    stay, _ = signed_in(ctx)
    assert stay.actor.acting_role is Role.VALIDATOR
    handle(ctx, c.RevokeRole(user_id="ada", role=Role.VALIDATOR, reason="moved"), ADMIN)
    now = sessions.go_on(ctx, stay.session_id)
    assert now is not None
    assert now.actor.acting_role is Role.AUDITOR
    assert now.actor.roles == (Role.AUDITOR,)


def test_a_disabled_account_is_out_at_once(ctx: Context) -> None:
    stay, token = signed_in(ctx)
    handle(ctx, c.DisablePerson(user_id="ada", reason="left"), ADMIN)
    assert sessions.go_on(ctx, stay.session_id) is None
    assert sessions.resume(ctx, token) is None


def test_a_role_that_is_not_held_is_refused_and_changes_nothing(ctx: Context) -> None:
    stay, token = signed_in(ctx)
    with pytest.raises(NotAuthorised):
        sessions.act_as(ctx, stay.session_id, stay.actor, Role.APPROVER)
    found = sessions.resume(ctx, token)
    assert found is not None
    assert found.actor.acting_role is Role.VALIDATOR


def test_a_new_sign_in_clears_away_what_can_never_be_resumed(ctx: Context, clock: MovingClock) -> None:
    signed_in(ctx)
    clock.goes_on(hours=1)
    signed_in(ctx)
    with ctx.store.read() as cursor:
        assert cursor.execute("select count(*) from session").fetchall() == [(1,)]
