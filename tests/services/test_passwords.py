"""What may be chosen as a password, what whoever chooses another is told, and what a change or a reset ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.moving_clock import MovingClock

from plumbline.domain.errors import NotAuthorised, WeakPassword
from plumbline.domain.people import Actor, Role
from plumbline.policy.load import Policy, load_policy
from plumbline.services import governance, identity, integrity, passwords, sessions, tokens
from plumbline.services.context import Context
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM
from plumbline.workflow.permissions import INITIAL_PASSWORD

ADMIN = Actor("root", "Root", Role.ADMINISTRATOR, (Role.ADMINISTRATOR,))
GIVEN, OWN = "as it was given to kim", "correct horse battery"


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy()


def choose(policy: Policy, password: str) -> None:
    passwords.check(policy.access, password, passwords.own_words("kim.lee", "Kim Lee"))


@pytest.mark.parametrize(
    "password", ["correct horse battery", "dkW8_x2kLlQ9aa-3", "straße über öland 7", "kim.lee walks on moss"]
)
def test_length_without_rules_of_composition_is_enough(policy: Policy, password: str) -> None:
    choose(policy, password)


@pytest.mark.parametrize(
    ("password", "why", "what_to_do"),
    [
        ("Tr0ub4dour&3", "has 12 characters, and 15 are the least", "A few words in a row"),
        ("qwertyuiopasdfghj", "too easy to guess", "similar to a commonly used password. Add another word"),
        ("aaaaaaaaaaaaaaaaa", "too easy to guess", "Avoid repeated words and characters"),
        ("summer2026summer2026", "too easy to guess", "only slightly harder to guess"),
        ("Kim.Lee-kim.lee!!", "little more than your own name", "nothing to do with you"),
        ("kim's Plumbline 2026", "little more than your own name", "nothing to do with you"),
        ("correct horse battery " * 50, "more than 1,000 characters", "Choose a shorter one"),
    ],
)
def test_the_refusal_says_why_and_what_to_do(policy: Policy, password: str, why: str, what_to_do: str) -> None:
    with pytest.raises(WeakPassword, match=why) as refused:
        choose(policy, password)
    assert what_to_do in refused.value.remedy


def test_of_a_very_long_password_the_beginning_is_examined(policy: Policy) -> None:
    """The estimate alone would refuse it, and takes time by the square of its length."""
    choose(policy, "correct horse battery " + "x" * 900)
    with pytest.raises(WeakPassword, match="easy to guess"):
        choose(policy, "x" * 900 + " correct horse battery")


@pytest.fixture
def ctx(new_id: Callable[[], str]) -> Context:
    """A house with an administrator, and Kim with a password that she was given."""
    clock = MovingClock()
    ctx = Context(Store.open(":memory:", clock=clock), clock, new_id, load_policy())
    hashed = identity.hash_password(GIVEN)
    added = [
        c.AddPerson(user_id="root", name="Root", password_hash=""),
        c.AddPerson(user_id="kim", name="Kim Lee", password_hash=hashed),
    ]
    roles = (("root", Role.ADMINISTRATOR), ("kim", Role.MODEL_OWNER))
    governance.handle_together(ctx, [*added, *(c.GrantRole(user_id=user, role=role) for user, role in roles)], SYSTEM)
    return ctx


def reset(ctx: Context) -> None:
    passwords.reset(ctx, ADMIN, "kim", identity.hash_password(GIVEN), "forgot it")


def token(ctx: Context) -> str:
    actor, proof = identity.proven(ctx, "kim", OWN)
    return tokens.issue(ctx, actor, proof, label="nightly", role=Role.MODEL_OWNER, days=9)[1]


def stay(ctx: Context) -> sessions.Stay:
    return sessions.begin(ctx, identity.sign_in(ctx, "kim", OWN))[0]


def test_a_given_password_opens_the_choice_of_another_alone(ctx: Context) -> None:
    with pytest.raises(NotAuthorised, match="somebody else chose") as refused:
        identity.sign_in(ctx, "kim", GIVEN)
    assert refused.value.duty == INITIAL_PASSWORD
    kim, _ = identity.proven(ctx, "kim", GIVEN)
    with pytest.raises(NotAuthorised, match="somebody else chose"):
        governance.handle(ctx, c.RevokeToken(user_id="kim", token_id="t", reason="r"), kim)
    with pytest.raises(NotAuthorised, match="wrong"):
        passwords.change(ctx, "kim", "not what was given", OWN)
    passwords.change(ctx, "kim", GIVEN, OWN)
    assert identity.sign_in(ctx, "kim", OWN).acting_role is Role.MODEL_OWNER
    with pytest.raises(NotAuthorised, match="wrong"):
        identity.sign_in(ctx, "kim", GIVEN)


def test_a_change_ends_every_session_and_leaves_tokens(ctx: Context) -> None:
    passwords.change(ctx, "kim", GIVEN, OWN)
    secret, before = token(ctx), stay(ctx)
    passwords.change(ctx, "kim", OWN, "battery staple horse")
    assert sessions.go_on(ctx, before.session_id) is None
    assert tokens.bearer(ctx, secret)[0].user_id == "kim"


def test_a_reset_ends_every_session_and_stops_tokens_until_another_is_chosen(ctx: Context) -> None:
    passwords.change(ctx, "kim", GIVEN, OWN)
    secret, before = token(ctx), stay(ctx)
    reset(ctx)
    assert sessions.go_on(ctx, before.session_id) is None
    with pytest.raises(NotAuthorised, match="somebody else chose"):
        tokens.bearer(ctx, secret)
    with pytest.raises(NotAuthorised, match="wrong"):
        identity.sign_in(ctx, "kim", OWN)
    passwords.change(ctx, "kim", GIVEN, OWN)
    assert tokens.bearer(ctx, secret)[0].user_id == "kim"


def test_each_change_is_in_the_log_and_no_hash_of_it_is(ctx: Context) -> None:
    passwords.change(ctx, "kim", GIVEN, OWN)
    reset(ctx)
    with ctx.store.read() as cursor:
        told = cursor.execute("select actor, action, reason, record from event order by seq desc limit 2").fetchall()
        kept = cursor.execute("select count(*) from credential where user_id = 'kim'").fetchall()
    assert [line[:3] for line in told] == [("root", "password_reset", "forgot it"), ("kim", "password_changed", "")]
    assert not [record for *_, record in told if "argon2" in record]
    assert kept == [(1,)], "what opened the account before is not kept"
    assert all(check.holds for check in integrity.verify(ctx).checks)


def test_wrong_guesses_at_the_present_password_are_slowed_as_at_the_sign_in(ctx: Context) -> None:
    for _ in range(ctx.policy.access.free_tries):
        with pytest.raises(NotAuthorised, match="wrong"):
            passwords.change(ctx, "kim", "a guess", OWN)
    with pytest.raises(NotAuthorised, match="Try again in"):
        passwords.change(ctx, "kim", GIVEN, OWN)
