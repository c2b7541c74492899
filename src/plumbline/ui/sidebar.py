"""Beside every page: who you are and in which role, what day it is here, and the head of the log."""

from __future__ import annotations

import streamlit as st

from plumbline.domain.people import Role
from plumbline.services.context import duties_separated
from plumbline.services.integrity import head
from plumbline.ui import cached, passwords, session, stay
from plumbline.ui.words import day, plain


def show(visit: session.Visit) -> None:
    actor = visit.actor
    with st.sidebar:
        st.markdown(f"**{plain(actor.name)}**")
        if len(actor.roles) > 1:
            _role(actor.acting_role, actor.roles)
        else:
            st.caption(f"Acting as {actor.acting_role.label}")
        _standing()
        if not visit.by_provider:
            passwords.way(actor)
        _ways_out(visit)
        stay.keep(visit)


def _role(acting: Role, roles: tuple[Role, ...]) -> None:
    session.seed("acting-role", acting)
    st.selectbox(
        "Acting as",
        roles,
        format_func=lambda role: role.label,
        key="acting-role",
        on_change=lambda: stay.act_as(session.chosen("acting-role")),
    )


def _ways_out(visit: session.Visit) -> None:
    st.button("Sign out", key="sign-out", on_click=stay.leave, width="stretch")
    others = stay.elsewhere(visit)
    if others:
        where = "one other browser" if others == 1 else f"{others} other browsers"
        st.button(
            "Sign out everywhere",
            key="sign-out-everywhere",
            on_click=stay.leave,
            kwargs={"everywhere": True},
            help=f"You are signed in at {where}.",
            width="stretch",
        )


def _standing() -> None:
    """What holds on every page: the sample's own clock, duties not separated, the log's head."""
    today = cached.today()
    if today.sample:
        st.caption(f"Sample estate: today is {day(today.now)}.")
    if not cached.view(duties_separated):
        st.warning("Duties are not separated here: one person runs this place.")
    seq, hashed = cached.view(head)
    st.caption(f"Log entry {seq}, head {hashed[:12]}", help=f"Head of the log: {hashed}")
