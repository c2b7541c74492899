"""What a script holds instead of a password: whom it speaks for, for how long, about what, and what it never does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.entries import LOAN_DEFAULT
from tests.moving_clock import MovingClock

from plumbline.domain.errors import EvidenceMissing, NotAuthorised, NotFound
from plumbline.domain.people import Actor, Authentication, Role
from plumbline.domain.tokens import Token
from plumbline.policy.load import load_policy
from plumbline.services import integrity, tokens
from plumbline.services.context import Context
from plumbline.services.governance import handle
from plumbline.store import log
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

ADMIN = Actor("root", "Root", Role.ADMINISTRATOR, (Role.ADMINISTRATOR,))
ADA = Actor("ada", "Ada Min", Role.MODEL_OWNER, (Role.MODEL_OWNER, Role.VALIDATOR))
BOB = Actor("bob", "Bob Lee", Role.MODEL_OWNER, (Role.MODEL_OWNER,))


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def ctx(clock: MovingClock, new_id: Callable[[], str]) -> Context:
    ctx = Context(Store.open(":memory:", clock=clock), clock, new_id, load_policy())
    handle(ctx, c.AddPerson(user_id="root", name="Root", password_hash=""), SYSTEM)
    handle(ctx, c.GrantRole(user_id="root", role=Role.ADMINISTRATOR), SYSTEM)
    for actor in (ADA, BOB):
        handle(ctx, c.AddPerson(user_id=actor.user_id, name=actor.name, password_hash=""), ADMIN)
        for role in actor.roles:
            handle(ctx, c.GrantRole(user_id=actor.user_id, role=role), ADMIN)
    return ctx


def issued(
    ctx: Context, *, role: Role = Role.MODEL_OWNER, days: int = 30, models: tuple[str, ...] = ()
) -> tuple[Token, str]:
    proof = Authentication("ada", "password", ctx.clock())
    return tokens.issue(ctx, ADA, proof, label="nightly run", role=role, days=days, models=models)


def registering(model_id: str) -> c.RegisterModel:
    people = {"owner": "ada", "developers": (), "accountable_executive": "", "independent_member": ""}
    return c.RegisterModel(entry=replace(LOAN_DEFAULT, id=model_id, **people))  # type: ignore[arg-type]


def test_it_speaks_for_its_person_in_its_role(ctx: Context) -> None:
    token, secret = issued(ctx)
    actor, found = tokens.bearer(ctx, secret)
    assert actor == ADA
    assert found == token
    assert handle(ctx, registering("sme-pd"), actor)


def test_the_secret_is_nowhere_in_the_store(ctx: Context) -> None:
    _, secret = issued(ctx)
    with ctx.store.read() as cursor:
        kept = [
            str(cursor.execute(f"select * from {table}").fetchall()) for table in ("token", "token_secret", "event")
        ]
    assert "nightly run" in kept[0]
    assert all(secret not in each and secret.removeprefix(tokens.PREFIX) not in each for each in kept)


@pytest.mark.parametrize("guess", ["", "plumbline_", "plumbline_" + "x" * 43, "None"])
def test_a_guess_opens_nothing(ctx: Context, guess: str) -> None:
    issued(ctx)
    with pytest.raises(NotAuthorised, match="unknown, revoked or past its day"):
        tokens.bearer(ctx, guess)


def test_it_ends_on_its_day(ctx: Context, clock: MovingClock) -> None:
    token, secret = issued(ctx, days=30)
    clock.now = token.expires_at - timedelta(seconds=1)
    assert tokens.bearer(ctx, secret)
    clock.now = token.expires_at
    with pytest.raises(NotAuthorised):
        tokens.bearer(ctx, secret)


def test_it_ends_when_revoked_and_the_log_says_by_whom(ctx: Context) -> None:
    token, secret = issued(ctx)
    assert tokens.revoke(ctx, ADMIN, user_id="ada", token_id=token.token_id, reason="laptop lost")
    with pytest.raises(NotAuthorised):
        tokens.bearer(ctx, secret)
    assert not tokens.revoke(ctx, ADA, user_id="ada", token_id=token.token_id, reason="again"), "it is so already"
    with ctx.store.read() as cursor:
        last = list(log.events(cursor, "person", "ada"))[-1]
    assert (last.actor, type(last.event).__name__) == ("root", "TokenRevoked")


def test_it_ends_with_the_role_and_with_the_account(ctx: Context) -> None:
    _, owner = issued(ctx)
    _, validator = issued(ctx, role=Role.VALIDATOR)
    handle(ctx, c.RevokeRole(user_id="ada", role=Role.MODEL_OWNER, reason="moved"), ADMIN)
    with pytest.raises(NotAuthorised, match="does not hold the token's role any more"):
        tokens.bearer(ctx, owner)
    assert tokens.bearer(ctx, validator)
    handle(ctx, c.DisablePerson(user_id="ada", reason="left"), ADMIN)
    with pytest.raises(NotAuthorised):
        tokens.bearer(ctx, validator)


def test_it_reaches_its_models_alone(ctx: Context) -> None:
    _, secret = issued(ctx, models=("sme-pd",))
    actor, _ = tokens.bearer(ctx, secret)
    assert handle(ctx, registering("sme-pd"), actor)
    with pytest.raises(NotAuthorised, match="reaches sme-pd alone"):
        handle(ctx, registering("retail-pd"), actor)
    with pytest.raises(NotAuthorised, match="reaches sme-pd alone"):
        handle(ctx, c.RevokeToken(user_id="ada", token_id="t", reason="mine"), actor)
    with ctx.store.read() as cursor:
        refused = cursor.execute("select entity_id from access where action = 'refused'").fetchall()
    assert [row[0] for row in refused] == ["retail-pd", "ada"]


def test_no_token_makes_another_and_nobody_makes_one_for_somebody_else(ctx: Context) -> None:
    actor, _ = tokens.bearer(ctx, issued(ctx)[1])
    asked = c.IssueToken(user_id="ada", label="more", role=Role.MODEL_OWNER, days=1, secret_hash="h")
    with pytest.raises(NotAuthorised, match="needs your password again"):
        handle(ctx, asked, actor)
    proof = Authentication("bob", "password", ctx.clock())
    with pytest.raises(NotAuthorised, match="speaks for the person who makes it"):
        handle(ctx, asked, BOB, authentication=proof)


def test_no_token_signs(ctx: Context) -> None:
    actor, _ = tokens.bearer(ctx, issued(ctx, role=Role.VALIDATOR)[1])
    handle(ctx, registering("sme-pd"), ADA)
    with pytest.raises(NotFound):
        handle(ctx, c.RefreshEvidence(case_id="C-none"), actor)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_it_lasts_no_longer_than_the_policy_allows(ctx: Context, days: int) -> None:
    with pytest.raises(EvidenceMissing, match="from one day to 365"):
        issued(ctx, days=days)


def test_only_in_a_role_that_one_holds(ctx: Context) -> None:
    with pytest.raises(NotAuthorised, match="does not hold the role Auditor"):
        issued(ctx, role=Role.AUDITOR)


def test_another_persons_is_not_ones_own_to_revoke(ctx: Context) -> None:
    token, secret = issued(ctx)
    with pytest.raises(NotAuthorised, match="or by an administrator"):
        tokens.revoke(ctx, BOB, user_id="ada", token_id=token.token_id, reason="spite")
    with pytest.raises(NotFound):
        tokens.revoke(ctx, ADMIN, user_id="bob", token_id=token.token_id, reason="not his")
    assert tokens.bearer(ctx, secret)


def test_its_last_use_is_known_to_the_minute(ctx: Context, clock: MovingClock) -> None:
    _, secret = issued(ctx)
    assert tokens.of_person(ctx, "ada")[0][1] is None
    tokens.bearer(ctx, secret)
    first = tokens.of_person(ctx, "ada")[0][1]
    clock.goes_on(seconds=30)
    tokens.bearer(ctx, secret)
    assert tokens.of_person(ctx, "ada")[0][1] == first
    clock.goes_on(seconds=31)
    tokens.bearer(ctx, secret)
    assert tokens.of_person(ctx, "ada")[0][1] == clock.now


def test_the_log_proves_the_register_of_tokens(ctx: Context) -> None:
    token, _ = issued(ctx)
    assert integrity.verify(ctx).holds
    with ctx.store.transaction() as cursor:
        cursor.execute("update token set expires_at = expires_at + interval 1 year")
    found = integrity.verify(ctx)
    assert not found.holds
    assert f"table token differs from the log for person {token.user_id}" in str(found.checks)
