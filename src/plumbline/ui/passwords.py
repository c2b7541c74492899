"""Choosing a password of one's own: before anything else where somebody else knows the present one, or at any time."""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

import streamlit as st

from plumbline.domain.people import Actor
from plumbline.services import identity, passwords
from plumbline.ui import cached, errors, session, stay
from plumbline.ui.words import plain

OWED = "password-owed"  # the account whose first password has just been proved
DONE = "password-done"
WHY = (
    "**Choose a password of your own.** Somebody else gave you the one you have, and knows it too. It opens nothing "
    "but this page."
)


def owed() -> str:
    """Who has to choose one at this browser before anything else; empty for nobody."""
    return str(session.remembered(OWED) or "")


def owe(user_id: str) -> NoReturn:
    """Ask for one of their own, and for nothing else, until they have chosen it or gone back."""
    session.remember(OWED, user_id)
    st.rerun()


def first(user_id: str) -> str | None:
    """In place of the sign-in; the new password, once it is chosen."""
    st.markdown(WHY)
    with st.form("first-password", border=True):
        present, new = _fields(f"Password that {user_id} was given")
        sent = st.form_submit_button("Choose it and sign in", key="password-send", type="primary")
    if sent and new is not None:
        with errors.reporting():
            passwords.change(cached.context(), user_id, present, new)
            session.remember(OWED, "")
            return new
    st.button("Back to sign-in", key="password-back", type="tertiary", on_click=session.remember, args=(OWED, ""))
    return None


def way(actor: Actor) -> None:
    """The button that leads to it; the sample's accounts keep the password that all know."""
    person = next((each for each in cached.view(identity.people) if each.user_id == actor.user_id), None)
    if person is None or person.origin == "demo":
        return
    if st.button("Change password", key="password-change", width="stretch"):
        _dialog()
    if session.remembered(DONE):
        session.remember(DONE, None)
        st.toast("Your password is changed. Every other browser is signed out.")


@st.dialog("Change your password")
def _dialog() -> None:
    actor = session.actor()
    with st.form("change-password", border=False):
        present, new = _fields(f"Present password of {actor.name}")
        sent = st.form_submit_button("Change it", key="password-send", type="primary")
    st.caption("Every other browser of yours is signed out; tokens of your scripts stay as they are.")
    if sent and new is not None:
        with errors.reporting():
            changed = passwords.change(cached.context(), actor.user_id, present, new, zone=actor.zone)
            # A stay of its own: whoever has a cookie of before has nothing.
            stay.start(replace(changed, acting_role=actor.acting_role))
            session.remember(DONE, True)
            st.rerun()


def _fields(present_label: str) -> tuple[str, str | None]:
    """(the present one, the new one), the latter None and a word about it where it was entered in two ways."""
    least = cached.context().policy.access.least_length
    present = st.text_input(
        plain(present_label), type="password", key="password-present", autocomplete="current-password"
    )
    new = st.text_input("New password", type="password", key="password-new", autocomplete="new-password")
    again = st.text_input("New password again", type="password", key="password-again", autocomplete="new-password")
    st.caption(
        f"At least {least} characters. A few words in a row that have nothing to do with you or with each other are "
        "long, and easy to keep in mind."
    )
    if new != again:
        st.error("You entered two different new passwords. Nothing was changed. Enter the same one twice.")
        return str(present), None
    return str(present), str(new)
