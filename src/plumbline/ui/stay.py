"""The stay of a person at this browser: found again after a reload, ended by a sign-out here, elsewhere or by time."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from plumbline.domain.people import Actor, Role
from plumbline.services import identity, sessions
from plumbline.ui import cached, cookie, session
from plumbline.ui.session import Visit


def visit() -> Visit | None:
    """The visit in progress, by the server's own books; None before sign-in, and once it is over.

    Asked once a run, before anything is drawn.
    """
    here = session.visit()
    if here is None:
        return _by_cookie()
    if here.stay is None:
        return here  # the server's own rehearsal: no browser, no stay
    now = sessions.go_on(cached.context(), here.stay)
    if now is None:
        session.end(over=True)
        return None
    return session.begin(replace(here, actor=now.actor, ticket=here.ticket if now.waits else None))


def _by_cookie() -> Visit | None:
    token = st.context.cookies.get(sessions.COOKIE)
    # Where no browser asked for the run, Streamlit puts a stand-in there.
    found = sessions.resume(cached.context(), token) if isinstance(token, str) else None
    if found is None:
        return None
    return session.begin(
        Visit(found.actor, identity.last_visit(cached.context(), found.actor.user_id), found.session_id)
    )


def start(actor: Actor) -> None:
    """A person has just proved who they are."""
    ctx = cached.context()
    begun, ticket = sessions.begin(ctx, actor)
    session.begin(Visit(actor, identity.last_visit(ctx, actor.user_id), begun.session_id, ticket))


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
