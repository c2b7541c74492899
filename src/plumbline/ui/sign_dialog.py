"""Signing: the sentence, the evidence, and the person proved again, by password or by the house's own provider."""

from __future__ import annotations

import streamlit as st

from plumbline.services import signing
from plumbline.ui import cached, errors, session, single_sign_on
from plumbline.ui.session import Visit
from plumbline.ui.words import plain
from plumbline.workflow.guards import SIGNING_WINDOW

PAGE = "approvals"


@st.dialog("Sign", width="medium")
def sign_dialog(command: signing.Signing, meaning: str) -> None:
    """Meaning sentence, evidence hash, and proof."""
    st.markdown(f"**“{plain(meaning)}”**")
    st.caption(f"Evidence {command.manifest_hash}")
    visit = session.visit()
    if visit and visit.stay and visit.by_provider:
        _by_provider(command, visit, visit.stay)
    else:
        _by_password(command)


def _by_password(command: signing.Signing) -> None:
    with st.form("signing", border=False):
        password = st.text_input(
            f"Password of {session.actor().name}",
            type="password",
            key="signing-password",
            autocomplete="current-password",
        )
        sent = st.form_submit_button("Sign now", key="signing-send")
    if sent:
        with errors.reporting():
            _signed(signing.sign(cached.context(), command, session.actor(), str(password)))


def _by_provider(command: signing.Signing, visit: Visit, stay: str) -> None:
    house, now = cached.context().single_sign_on, cached.context().clock()
    if visit.proven_at and now - visit.proven_at < SIGNING_WINDOW:
        if st.button("Sign now", key="signing-send", type="primary"):
            with errors.reporting():
                _signed(signing.sign_by_provider(cached.context(), command, session.actor(), stay))
        return
    st.markdown(
        f"A signature wants you proved anew: {plain(house.label if house else '')} asks who you are, and leads you "
        "back to this case. What you have written here has to be written again; then you have five minutes to sign."
    )
    if st.button("Prove it now", key="signing-prove", type="primary"):
        single_sign_on.prove(visit, PAGE)


def _signed(signature: str) -> None:
    session.remember("told", f"Signed. Signature {signature[:12]} stands in the log.")
    st.rerun()
