"""What scripts hold instead of a password: issued, used, revoked."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from datetime import datetime, timedelta

from plumbline.domain.errors import NotAuthorised, StoreUnavailable
from plumbline.domain.people import Actor, Authentication, Role
from plumbline.domain.tokens import Token
from plumbline.services.context import Context
from plumbline.services.governance import handle
from plumbline.store import people as accounts
from plumbline.store import tokens as kept
from plumbline.workflow import commands as c
from plumbline.workflow import events as e
from plumbline.workflow.permissions import check_own_password

# So that whoever searches code and logs for secrets knows one when they see it.
PREFIX = "plumbline_"
# A script asks many times a second; when it was last used is written down no more often than this.
USED = timedelta(minutes=1)


def issue(
    ctx: Context,
    actor: Actor,
    proof: Authentication,
    *,
    label: str,
    role: Role,
    days: int,
    models: tuple[str, ...] = (),
) -> tuple[Token, str]:
    """A token for the person's own scripts, and its secret, which is shown this once.

    `proof` that the person is at the keyboard: no token makes another.
    """
    secret = PREFIX + secrets.token_urlsafe(32)
    command = c.IssueToken(
        user_id=actor.user_id, label=label, role=role, days=days, models=models, secret_hash=_hash(secret)
    )
    event = handle(ctx, command, actor, authentication=proof)[0].event
    if not isinstance(event, e.TokenIssued):
        raise RuntimeError(f"a token was asked for, and {type(event).__name__} recorded")
    with ctx.store.read() as cursor:
        issued = next(token for token, _ in kept.of_person(cursor, actor.user_id) if token.token_id == event.token_id)
    return issued, secret


def revoke(ctx: Context, actor: Actor, *, user_id: str, token_id: str, reason: str) -> bool:
    """Whether it opened anything until now."""
    return bool(handle(ctx, c.RevokeToken(user_id=user_id, token_id=token_id, reason=reason), actor))


def of_person(ctx: Context, user_id: str) -> tuple[tuple[Token, datetime | None], ...]:
    """(token, last use, known to the minute) of all that a person was given, newest first."""
    with ctx.store.read() as cursor:
        return kept.of_person(cursor, user_id)


def bearer(ctx: Context, secret: str) -> tuple[Actor, Token]:
    """Whom a secret speaks for, acting in the token's role; NotAuthorised for one that opens nothing (any more)."""
    now = ctx.clock()
    with ctx.store.read() as cursor:
        found = kept.by_secret(cursor, _hash(secret))
        person = accounts.person(cursor, found[0].user_id) if found else None
    if found is None or person is None or not found[0].lasts(now) or not person.active:
        raise _refused("The token is unknown, revoked or past its day")
    check_own_password(person)
    token, used = found
    if token.role not in person.roles:
        raise _refused(f"{person.name} does not hold the token's role any more")
    if used is None or now - used >= USED:
        # Where nothing can be written, scripts read on.
        with suppress(StoreUnavailable), ctx.store.transaction() as cursor:
            kept.use(cursor, token.token_id, now)
    return person.acting_as(token.role, models=token.models), token


def _refused(what: str) -> NotAuthorised:
    return NotAuthorised(what, duty="authentication", remedy="Make a new one: plumbline user token.")


def _hash(secret: str) -> str:
    """A secret of 256 random bits needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
