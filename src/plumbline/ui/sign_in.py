"""The sign-in screen: accounts by name and password, and on the sample estate three doors, one click each."""

from __future__ import annotations

import streamlit as st

from plumbline.demo.people import DOORS, PASSWORD
from plumbline.domain.errors import NotAuthorised
from plumbline.domain.people import Person
from plumbline.services import identity
from plumbline.ui import cached, components, errors, navigation, passwords, session, single_sign_on, stay, tables
from plumbline.ui.words import plain
from plumbline.workflow.permissions import INITIAL_PASSWORD

WIDTH = 760
PROMISE = {
    "executive": "See whether the estate is within appetite, and decide what waits.",
    "model_risk_officer": "See what turned red or grey, and who must act on it.",
    "validator": "Review the evidence of a case, challenge it, and sign.",
}
OVER = (
    "You were signed out: after 30 minutes without use, after 12 hours, or because you signed out elsewhere or your "
    "account was changed. Sign in, and you go on where you were."
)


def show(page: str) -> None:
    """Drawn in place of any page while nobody is signed in; the address is kept for after."""
    with st.container(horizontal_alignment="center"), st.container(width=WIDTH):
        st.title("Plumbline", anchor=False)
        owing = passwords.owed()
        if owing:
            _first_password(owing, page)
            return
        st.markdown(
            "**For every model you rely on: does it still stand true, how sure are we, and who signed for it.**"
        )
        if session.was_over():
            st.info(OVER, icon=":material/timer_off:")
        single_sign_on.door()
        people = {person.user_id: person for person in identity.people(cached.context())}
        doors = [people[user] for user in DOORS if user in people and people[user].origin == "demo"]
        if doors:
            _doors(doors, page)
        elif not people:
            components.empty(
                "This store has no accounts yet.", "Run `plumbline init`, or `plumbline demo` for a sample."
            )
        _form([person for person in people.values() if person.origin == "demo"], page)


def _first_password(user_id: str, page: str) -> None:
    chosen = passwords.first(user_id)
    if chosen:
        enter(user_id, chosen, page)


def _doors(doors: list[Person], page: str) -> None:
    st.caption(
        "This is the sample estate. Walk in as one of three people; each has an account and duties of their own."
    )
    with st.grid(3, min_column_width=200):
        for person in doors:
            with st.container(border=True):
                role = person.roles[0]
                st.markdown(f"**{role.label}**")
                st.caption(f"{plain(person.name)}. {PROMISE.get(role.value, '')}")
                if st.button("Walk in", key=f"door-{role.value}", width="stretch"):
                    enter(person.user_id, PASSWORD, page)


def _form(samples: list[Person], page: str) -> None:
    with st.form("sign-in", border=True):
        user = st.text_input("User name", key="sign-in-user", autocomplete="username")
        password = st.text_input("Password", key="sign-in-password", type="password", autocomplete="current-password")
        sent = st.form_submit_button("Sign in", key="sign-in-send")
    if samples:
        with st.expander(f"All {len(samples)} sample accounts (password: {PASSWORD})"):
            rows = [
                {"User name": p.user_id, "Name": p.name, "Roles": ", ".join(r.label for r in p.roles)} for p in samples
            ]
            tables.wrapped(rows, name="accounts", alt="Sample accounts with their roles", download=False)
    if sent:
        enter(str(user), str(password), page)


def enter(user_id: str, password: str, page: str) -> None:
    """Check, remember, and lead to where the role's day begins (or stay, if the address named a page)."""
    with errors.reporting():
        try:
            actor = identity.sign_in(cached.context(), user_id, password, zone=st.context.timezone or "UTC")
        except NotAuthorised as refusal:
            if refusal.duty != INITIAL_PASSWORD:
                raise
            passwords.owe(user_id)
        stay.start(actor)
        navigation.arrive(actor.acting_role, page)
