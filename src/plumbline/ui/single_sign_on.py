"""The house's own sign-in, by Streamlit's: there and back; what is answered there is used once, and forgotten."""

from __future__ import annotations

import json
import secrets as random
from collections.abc import Mapping
from typing import Any

import streamlit as st

from plumbline.domain.errors import PlumblineError
from plumbline.policy.single_sign_on import SingleSignOn
from plumbline.services import sessions, single_sign_on
from plumbline.ui import cached, errors, navigation, session
from plumbline.ui.session import Visit
from plumbline.ui.words import plain

SIGN_IN, AGAIN = "house", "again"
REFUSED, BACK = "house-refused", "house-back"


def settings(house: SingleSignOn | None) -> dict[str, Any] | None:
    """What Streamlit and Authlib have to know; the second provider is the same, asked to prove the person anew."""
    if house is None:
        return None
    known = {"client_id": house.client_id, "client_secret": house.client_secret, "server_metadata_url": house.metadata}
    anew = {"client_kwargs": {"prompt": "login"}, "authorize_params": {"max_age": 0}}
    # What Streamlit signs with it lives for seconds: the next start may sign with another.
    shared = {
        "redirect_uri": f"{house.address.rstrip('/')}/oauth2callback",
        "cookie_secret": random.token_urlsafe(32),
    }
    return {"auth": {**shared, SIGN_IN: known, AGAIN: {**known, **anew}}}


def door() -> None:
    """On the sign-in page, where the house has one."""
    house = cached.context().single_sign_on
    if house is None:
        return
    refused = session.remembered(REFUSED)
    if isinstance(refused, PlumblineError):
        errors.show(refused)
    if st.button(f"Sign in with {plain(house.label)}", key="house-sign-in", type="primary", width="stretch"):
        st.login(SIGN_IN)


def answer() -> Mapping[str, Any] | None:
    """What the provider said of whoever comes from there, unless it was used or refused before."""
    ctx = cached.context()
    if ctx.single_sign_on is None or session.remembered(REFUSED) or not st.user.get("is_logged_in"):
        return None
    claims = st.user.to_dict()
    return claims if single_sign_on.waits(ctx, claims) else None


def refuse(refusal: PlumblineError) -> None:
    """To be told on the page that is drawn next."""
    session.remember(REFUSED, refusal)


def prove(visit: Visit, page: str) -> None:
    """Off to the provider, to come back to this page as it stands in the address."""
    if visit.stay:
        sessions.leave_from(cached.context(), visit.stay, json.dumps([page, st.query_params.to_dict()]))
        st.login(AGAIN)


def come_back(visit: Visit) -> None:
    """Before the page is drawn: to where the person went from, or begins the day; there, told what was refused."""
    if session.remembered(BACK):
        session.remember(BACK, False)
        left = sessions.left_from(cached.context(), visit.stay) if visit.stay else None
        page, asked = json.loads(left) if left else (navigation.LANDING.get(visit.actor.acting_role, "inventory"), {})
        navigation.go(page, **asked)
    refused = session.remembered(REFUSED)
    if isinstance(refused, PlumblineError):
        session.remember(REFUSED, True)
        errors.show(refused)


def back() -> None:
    """Somebody has just come from the provider."""
    session.remember(BACK, True)
