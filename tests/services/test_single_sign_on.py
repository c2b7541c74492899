"""What the house's provider says, held against the register: whom it names, how old it is, and that it is used once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.moving_clock import MovingClock

from plumbline.domain.errors import NotAuthorised, PolicyError
from plumbline.domain.people import Actor, Role, Scope, ScopeKind
from plumbline.policy.load import load_policy
from plumbline.policy.single_sign_on import read_single_sign_on
from plumbline.services import governance, sessions, single_sign_on
from plumbline.services.context import Context
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

FILE = """
[provider]
label = "Example Bank"
metadata = "https://login.example/.well-known/openid-configuration"
client_id = "plumbline"
client_secret = "s"
address = "https://plumbline.example"
[groups]
claim = "groups"
[groups.roles]
validators = ["validator"]
seats = ["approver", "model_risk_officer"]
"""


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def ctx(clock: MovingClock, new_id: Callable[[], str], tmp_path: Path) -> Context:
    """A house with a provider; Kim is a validator and an approver, and has no password."""
    file = tmp_path / "house.toml"
    file.write_text(FILE)
    store = Store.open(":memory:", clock=clock)
    ctx = Context(store, clock, new_id, load_policy(), single_sign_on=read_single_sign_on(file))
    people = {"root": (Role.ADMINISTRATOR,), "kim": (Role.VALIDATOR, Role.APPROVER), "eve": (Role.VALIDATOR,)}
    added = [c.AddPerson(user_id=each, name=each.title(), password_hash="") for each in people]
    granted = [c.GrantRole(user_id=each, role=role) for each, roles in people.items() for role in roles]
    governance.handle_together(ctx, [*added, *granted], SYSTEM)
    return ctx


def said(ctx: Context, name: str = "kim", **more: Any) -> dict[str, Any]:
    """What the provider says of somebody just now."""
    now = int(ctx.clock().timestamp())
    claims = {"iss": "https://login.example", "sub": "1", "iat": now, "auth_time": now, "groups": ["validators"]}
    return {**claims, "preferred_username": name, **more}


def begun(ctx: Context, actor: Actor) -> str:
    return sessions.begin(ctx, actor, by_provider=True)[0].session_id


def test_a_person_acts_in_roles_that_both_the_register_and_the_groups_give(ctx: Context, clock: MovingClock) -> None:
    actor = single_sign_on.sign_in(ctx, said(ctx))
    assert (actor.user_id, actor.acting_role, actor.roles) == ("kim", Role.VALIDATOR, (Role.VALIDATOR,))
    stay = sessions.go_on(ctx, begun(ctx, actor))
    assert stay is not None
    assert (stay.actor.roles, stay.by_provider, stay.proven_at) == ((Role.VALIDATOR,), True, None)
    clock.goes_on(seconds=1)
    with pytest.raises(NotAuthorised, match="no role that their groups"):
        single_sign_on.sign_in(ctx, said(ctx, groups=["somebody else's"]))
    with pytest.raises(NotAuthorised, match="no role that their groups"):
        single_sign_on.sign_in(ctx, said(ctx, groups="validators"))


def test_a_role_for_some_models_is_no_wider_by_this_way_in(ctx: Context) -> None:
    cards = Scope(ScopeKind.BUSINESS_LINE, "Cards")
    root = Actor("root", "Root", Role.ADMINISTRATOR, (Role.ADMINISTRATOR,))
    changed = [
        c.RevokeRole(user_id="kim", role=Role.VALIDATOR, reason="narrower"),
        c.GrantRole(user_id="kim", role=Role.VALIDATOR, scope=cards),
    ]
    governance.handle_together(ctx, changed, root)
    actor = single_sign_on.sign_in(ctx, said(ctx))
    assert actor.reach() == (cards,)
    stay = sessions.go_on(ctx, begun(ctx, actor))
    assert stay is not None
    assert stay.actor.reach() == (cards,)


def test_what_the_groups_withhold_no_door_gives(ctx: Context) -> None:
    """The register says approver; a command asked in that role is refused all the same."""
    actor = single_sign_on.sign_in(ctx, said(ctx))
    with pytest.raises(NotAuthorised, match="does not hold the role Approver"):
        sessions.act_as(ctx, begun(ctx, actor), actor, Role.APPROVER)
    asked = c.RevokeToken(user_id="kim", token_id="t", reason="r")
    with pytest.raises(NotAuthorised, match="does not hold the role Approver"):
        governance.handle(ctx, asked, replace(actor, acting_role=Role.APPROVER))


def test_a_role_taken_from_the_register_is_gone_whatever_the_groups_say(ctx: Context) -> None:
    stay = begun(ctx, single_sign_on.sign_in(ctx, said(ctx)))
    root = Actor("root", "Root", Role.ADMINISTRATOR, (Role.ADMINISTRATOR,))
    governance.handle(ctx, c.RevokeRole(user_id="kim", role=Role.VALIDATOR, reason="moved"), root)
    assert sessions.go_on(ctx, stay) is None


def test_an_answer_opens_one_thing_once_and_not_for_long(ctx: Context, clock: MovingClock) -> None:
    claims = said(ctx)
    assert single_sign_on.waits(ctx, claims)
    single_sign_on.sign_in(ctx, claims)
    assert not single_sign_on.waits(ctx, claims)
    with pytest.raises(NotAuthorised, match="This sign-in is over"):
        single_sign_on.sign_in(ctx, claims)
    clock.goes_on(seconds=1)
    late = said(ctx)
    clock.goes_on(minutes=3)
    assert not single_sign_on.waits(ctx, late)
    with pytest.raises(NotAuthorised, match="This sign-in is over"):
        single_sign_on.sign_in(ctx, late)
    for nonsense in (None, "now", True, 1e300, float("nan")):
        assert not single_sign_on.waits(ctx, said(ctx, iat=nonsense))


@pytest.mark.parametrize("name", ["nobody", "", "kim@example.com", None])
def test_whom_the_register_does_not_know_is_told_so(ctx: Context, name: str | None) -> None:
    with pytest.raises(NotAuthorised, match="no such account here"):
        single_sign_on.sign_in(ctx, said(ctx, preferred_username=name))


def test_a_proof_for_signatures_is_fresh_and_of_the_same_person(ctx: Context, clock: MovingClock) -> None:
    actor = single_sign_on.sign_in(ctx, said(ctx))
    stay = begun(ctx, actor)
    clock.goes_on(minutes=10)
    refused = [said(ctx, "eve"), said(ctx, auth_time=None), said(ctx, auth_time=int(ctx.clock().timestamp()) - 301)]
    for claims in refused:
        with pytest.raises(NotAuthorised, match="did not just prove that it is Kim"):
            single_sign_on.prove_again(ctx, stay, actor, claims)
    proof = said(ctx)
    single_sign_on.prove_again(ctx, stay, actor, proof)
    found = sessions.go_on(ctx, stay)
    assert found is not None
    assert found.proven_at is not None
    assert found.proven_at.timestamp() == proof["auth_time"]


def test_an_address_is_verified_and_of_the_house(ctx: Context, tmp_path: Path) -> None:
    file = tmp_path / "mail.toml"
    file.write_text(FILE.replace("[groups]\n", 'account = "email"\nemail_domain = "Bank.example"\n[groups]\n'))
    house = replace(ctx, single_sign_on=read_single_sign_on(file))
    good = said(ctx, email="Kim@bank.example", email_verified=True)
    assert single_sign_on.sign_in(house, good).user_id == "kim"
    for bad in ({"email_verified": False}, {"email": "kim@elsewhere.example"}, {"email": "kim@evil.bank.example"}):
        with pytest.raises(NotAuthorised, match="no such account here"):
            single_sign_on.sign_in(house, {**good, **bad})


@pytest.mark.parametrize(
    ("spoiled", "named"),
    [
        (FILE.replace("label", "lable"), "provider.lable"),
        (FILE.replace('["validator"]', '["vaildator"]'), "vaildator"),
        (FILE.replace("[groups]\n", 'account = "email"\n[groups]\n'), "email_domain"),
        (FILE.replace("[provider]", "[provider"), "cannot be read"),
    ],
)
def test_a_misspelt_file_is_refused_by_name(tmp_path: Path, spoiled: str, named: str) -> None:
    file = tmp_path / "house.toml"
    file.write_text(spoiled)
    with pytest.raises(PolicyError, match=named):
        read_single_sign_on(file)
