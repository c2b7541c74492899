"""How long a browser stands for a person: from a sign-in to a sign-out, or until it was idle or open too long.

The browser holds a token in a cookie that no script can read; the store holds what it hashes to. The page that signs
somebody in never sees that token: it gets a ticket, good once and for a minute, which the browser changes for it.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from plumbline.domain.errors import NotAuthorised, StoreUnavailable
from plumbline.domain.people import Actor, Role
from plumbline.services import identity
from plumbline.services.context import Context
from plumbline.store import people as accounts
from plumbline.store import sessions as stays
from plumbline.store.database import Cursor
from plumbline.store.sessions import Session

TICKET = timedelta(minutes=1)
# A reader turns pages every few seconds; when they were seen last is written down no more often than this.
SEEN = timedelta(minutes=1)
SIGNED_OUT = "signed_out"
COOKIE = "plumbline_session"


@dataclass(frozen=True, slots=True)
class Stay:
    """A signed-in person at one browser; `waits` until the browser has changed its ticket for the cookie.

    `proven_at`: when the house's provider last had them prove who they are, for a signature.
    """

    session_id: str
    actor: Actor
    waits: bool
    by_provider: bool = False
    proven_at: datetime | None = None


def begin(ctx: Context, actor: Actor, *, by_provider: bool = False) -> tuple[Stay, str]:
    """A stay from now on, and the ticket that the browser changes for its token."""
    ticket, now = secrets.token_urlsafe(32), ctx.clock()
    session = Session(
        *(ctx.new_id(), actor.user_id, actor.acting_role, actor.zone, now, now, True),
        *(actor.offered, by_provider),
    )
    with ctx.store.transaction() as cursor:
        stays.remove_past(cursor, now - ctx.policy.access.longest, now - ctx.policy.access.idle)
        stays.insert(cursor, session, _hash(ticket))
    return Stay(session.session_id, actor, True, by_provider), ticket


def change(ctx: Context, ticket: str) -> str:
    """The token for a ticket; NotAuthorised if that is unknown, used or too old."""
    token = secrets.token_urlsafe(32)
    with ctx.store.transaction() as cursor:
        found = stays.by_ticket(cursor, _hash(ticket))
        if found is None or ctx.clock() - found.started_at > TICKET:
            raise NotAuthorised("This sign-in is over", duty="authentication", remedy="Sign in again.")
        stays.change_ticket(cursor, found.session_id, _hash(token))
    return token


def resume(ctx: Context, token: str) -> Stay | None:
    """Whom a cookie stands for; None if it stands for nobody any more."""
    with ctx.store.read() as cursor:
        return _stay(cursor, ctx, stays.by_token(cursor, _hash(token)))


def go_on(ctx: Context, session_id: str) -> Stay | None:
    """The same stay, seen now; None once it has ended, here or elsewhere, or has lasted too long."""
    now = ctx.clock()
    with ctx.store.read() as cursor:
        session = stays.by_id(cursor, session_id)
        stay = _stay(cursor, ctx, session)
    if stay and session and now - session.seen_at >= SEEN:
        # Where nothing can be written, people read on; the stay then lasts as long as it was known to.
        with suppress(StoreUnavailable), ctx.store.transaction() as cursor:
            stays.see(cursor, session_id, now)
    return stay


def act_as(ctx: Context, session_id: str, actor: Actor, role: Role) -> Actor:
    """In this role from now on, after a reload too; NotAuthorised if it is none of the person's."""
    changed = identity.acting_as(actor, role)
    with ctx.store.transaction() as cursor:
        stays.act_as(cursor, session_id, role)
    return changed


def leave_from(ctx: Context, session_id: str, page: str) -> None:
    """The person goes to the house's provider, to come back to this page."""
    with ctx.store.transaction() as cursor:
        stays.leave(cursor, session_id, page)


def left_from(ctx: Context, session_id: str) -> str | None:
    """The page that they went from, told once."""
    with ctx.store.transaction() as cursor:
        found = stays.left_at(cursor, session_id)
        if found:
            stays.leave(cursor, session_id, "")
    return found or None


def elsewhere(ctx: Context, session_id: str, actor: Actor) -> int:
    """At how many other browsers the person is signed in."""
    with ctx.store.read() as cursor:
        others = stays.of_person(cursor, actor.user_id)
    return sum(_lasts(ctx, each) for each in others if each.session_id != session_id)


def end(ctx: Context, session_id: str, actor: Actor, *, everywhere: bool = False) -> None:
    """Sign out, here or at every browser; it stands in the access log."""
    with ctx.store.transaction() as cursor:
        if everywhere:
            stays.remove_of_person(cursor, actor.user_id)
        else:
            stays.remove(cursor, session_id)
        identity.enter(cursor, ctx, actor.user_id, actor.acting_role.value, SIGNED_OUT)


def _stay(cursor: Cursor, ctx: Context, session: Session | None) -> Stay | None:
    """Roles and account are read anew: what an administrator took away is gone at the next page."""
    if session is None or not _lasts(ctx, session):
        return None
    person = accounts.person(cursor, session.user_id)
    if person is None or not person.active or not person.roles or person.initial_password:
        return None
    held = tuple(role for role in person.roles if session.offered is None or role in session.offered)
    if not held:
        return None
    within = replace(person, roles=held)
    role = session.acting_role if session.acting_role in held else identity.first_role(within)
    actor = within.acting_as(role, session.zone, offered=session.offered)
    return Stay(session.session_id, actor, session.waits, session.by_provider, session.proven_at)


def _lasts(ctx: Context, session: Session) -> bool:
    now, rules = ctx.clock(), ctx.policy.access
    return now - session.started_at <= rules.longest and now - session.seen_at <= rules.idle


def _hash(secret: str) -> str:
    """A secret of 256 random bits needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
