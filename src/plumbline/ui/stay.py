"""The stay of a person at this browser: found again after a reload, ended by a sign-out here, elsewhere or by time."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from plumbline.domain.errors import NotAuthorised
from plumbline.domain.people import Actor, Role
from plumbline.services import identity, sessions
from plumbline.services import single_sign_on as provider
from plumbline.ui import cached, cookie, session, single_sign_on
from plumbline.ui.session import Visit


def visit() -> Visit | None:
    """The visit in progress, by the server's own books; None before sign-in, and once it is over.

    Asked once a run, before anything is drawn.
    """
    here = session.visit()
    if here is None:
        return _by_provider(_by_cookie())
    if here.stay is None:
        return here  # the server's own rehearsal: no browser, no stay
    now = sessions.go_on(cached.context(), here.stay)
    if now is None:
        session.end(over=True)
        return None
    ticket = here.ticket if now.waits else None
    return session.begin(replace(here, actor=now.actor, ticket=ticket, proven_at=now.proven_at))


def _by_cookie() -> Visit | None:
    token = st.context.cookies.get(sessions.COOKIE)
    # Where no browser asked for the run, Streamlit puts a stand-in there.
    found = sessions.resume(cached.context(), token) if isinstance(token, str) else None
    if found is None:
        return None
    last = identity.last_visit(cached.context(), found.actor.user_id)
    return session.begin(
        Visit(found.actor, last, found.session_id, by_provider=found.by_provider, proven_at=found.proven_at)
    )


def _by_provider(found: Visit | None) -> Visit | None:
    """Whoever comes from the house's provider: to sign in, or, signed in already, to prove it for a signature."""
    claims = single_sign_on.answer()
    if claims is None:
        return found
    ctx = cached.context()
    try:
        if found and found.stay:
            single_sign_on.back()
            provider.prove_again(ctx, found.stay, found.actor, claims)
        else:
            start(provider.sign_in(ctx, claims, zone=st.context.timezone or "UTC"), by_provider=True)
            single_sign_on.back()
    except NotAuthorised as refusal:
        single_sign_on.refuse(refusal)
    return visit() if session.visit() else None


def start(actor: Actor, *, by_provider: bool = False) -> None:
    """A person has just proved who they are."""
    ctx = cached.context()
    begun, ticket = sessions.begin(ctx, actor, by_provider=by_provider)
    last = identity.last_visit(ctx, actor.user_id)
    session.begin(Visit(actor, last, begun.session_id, ticket, by_provider))


def keep(visit: Visit) -> None:
    """Until the browser holds its cookie, ask it to fetch it."""
    if visit.ticket:
        cookie.ask_for(visit.ticket)


def act_as(role: Role) -> None:
    """Change the acting role; only to one that the person holds."""
    found = session.visit()
    if found and found.stay:
        session.begin(replace(found, actor=sessions.act_as(cached.context(), found.stay, found.actor, role)))


def elsewhere(visit: Visit) -> int:
    """At how many other browsers the person is signed in."""
    return sessions.elsewhere(cached.context(), visit.stay, visit.actor) if visit.stay else 0


def leave(*, everywhere: bool = False) -> None:
    """Sign out: nothing of the person stays behind."""
    found = session.visit()
    if found and found.stay:
        sessions.end(cached.context(), found.stay, found.actor, everywhere=everywhere)
    session.end()
