"""Signing in by the house's own provider, and proving by it at a signature that it is still the same person.

What the provider said comes here checked: its signature, issuer, audience and nonce are Authlib's work. Here it is held
against the register: it names a person, it is fresh, and it is used once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from plumbline.domain.chain import sha256
from plumbline.domain.errors import NotAuthorised
from plumbline.domain.people import Actor, Person
from plumbline.policy.single_sign_on import SingleSignOn
from plumbline.services import access, identity
from plumbline.services.context import Context
from plumbline.store import people as accounts
from plumbline.store import sessions as stays
from plumbline.store.database import Cursor
from plumbline.workflow.guards import SIGNING_WINDOW
from plumbline.workflow.permissions import check_own_password

# From the provider's answer to the page that shows it takes seconds; a copy found later opens nothing.
FRESH = timedelta(minutes=2)
SKEW = timedelta(minutes=1)  # by how much the provider's clock may be ahead of ours


def waits(ctx: Context, claims: Mapping[str, Any]) -> bool:
    """Whether this is an answer of the provider that has not been used, and is still to be."""
    if ctx.single_sign_on is None or not _within(ctx, claims.get("iat"), FRESH):
        return False
    with ctx.store.read() as cursor:
        return not accounts.proof_used(cursor, _digest(claims), ctx.clock() - FRESH - SKEW)


def sign_in(ctx: Context, claims: Mapping[str, Any], *, zone: str = "UTC") -> Actor:
    """The person whom the provider speaks of, in those of their roles that their groups let them act in.

    Raises:
        NotAuthorised: nobody here has that name, no role is left, or the answer is old or was used before.
    """
    person = _person(ctx, claims)
    check_own_password(person)
    offered = _settings(ctx).offered(claims)
    roles = tuple(role for role in person.roles if offered is None or role in offered)
    if not roles:
        raise NotAuthorised(
            f"{person.name} holds no role that their groups at {_settings(ctx).label} allow",
            duty="role",
            remedy="Both an administrator here and whoever keeps the groups there have to give it.",
        )
    within = replace(person, roles=roles)
    actor = within.acting_as(identity.first_role(within), zone, offered=offered)
    with ctx.store.transaction() as cursor:
        _use(cursor, ctx, actor, claims, identity.SIGNED_IN)
    return actor


def prove_again(ctx: Context, session_id: str, actor: Actor, claims: Mapping[str, Any]) -> None:
    """From now on, and for five minutes, the stay's person may sign.

    Raises:
        NotAuthorised: the provider speaks of somebody else, or did not ask them to prove anything just now.
    """
    person = _person(ctx, claims)
    at = _within(ctx, claims.get("auth_time"), SIGNING_WINDOW)
    if person.user_id != actor.user_id or at is None:
        raise NotAuthorised(
            f"{_settings(ctx).label} did not just prove that it is {actor.name}",
            duty="authentication",
            remedy="Prove it again, as the person who is signed in here.",
        )
    with ctx.store.transaction() as cursor:
        _use(cursor, ctx, actor, claims, identity.REAUTHENTICATED)
        stays.prove(cursor, session_id, at)


def _person(ctx: Context, claims: Mapping[str, Any]) -> Person:
    name = _settings(ctx).account(claims)
    with ctx.store.read() as cursor:
        person = accounts.person(cursor, name) if name else None
    if person is None or not person.active:
        raise NotAuthorised(
            f"{_settings(ctx).label} knows you as '{name}', and there is no such account here",
            duty="authentication",
            remedy="Ask an administrator for one of that name (plumbline user add).",
        )
    return person


def _use(cursor: Cursor, ctx: Context, actor: Actor, claims: Mapping[str, Any], action: str) -> None:
    """In one transaction with what it opens: an answer of the provider opens one thing, once."""
    digest = _digest(claims)
    used = accounts.proof_used(cursor, digest, ctx.clock() - FRESH - SKEW)
    if used or not _within(ctx, claims.get("iat"), FRESH):
        raise NotAuthorised("This sign-in is over", duty="authentication", remedy="Sign in again.")
    access.enter(
        cursor,
        ctx,
        actor.user_id,
        actor.acting_role.value,
        action,
        about=("person", actor.user_id),
        payload={"method": "oidc", "issuer": str(claims.get("iss", "")), "proof": digest},
    )


def _within(ctx: Context, seconds: Any, most: timedelta) -> datetime | None:
    """The moment, if it is one of the last few; None otherwise."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    now = ctx.clock()
    return min(at, now) if -SKEW <= now - at < most else None


def _digest(claims: Mapping[str, Any]) -> str:
    return sha256(json.dumps(claims, sort_keys=True, default=str).encode())


def _settings(ctx: Context) -> SingleSignOn:
    if ctx.single_sign_on is None:
        raise NotAuthorised("There is no single sign-on here", duty="authentication", remedy="Use your password.")
    return ctx.single_sign_on
