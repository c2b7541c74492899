"""Who sits at this browser, in which role, and what they chose: the only file that touches Streamlit's session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import streamlit as st

from plumbline.domain.people import Actor

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in person; `last_visit` is the one before this, `stay` the server's id of it.

    `ticket` is what the browser still has to change for its cookie; `proven_at` when the house's provider, which signed
    the person in if `by_provider`, last had them prove who they are.
    """

    actor: Actor
    last_visit: datetime | None
    stay: str | None = None
    ticket: str | None = None
    by_provider: bool = False
    proven_at: datetime | None = None


def visit() -> Visit | None:
    """The visit in progress; None before sign-in."""
    found = st.session_state.get("_visit")
    return found if isinstance(found, Visit) else None


def actor() -> Actor:
    """The signed-in person in the role they act in; without one, nothing is drawn but the sign-in.

    Until app.py has run once in a process, Streamlit opens a page's address past it, straight from the folder.
    """
    found = visit()
    if found is None:
        st.switch_page("app.py")
    return found.actor


def begin(visit: Visit) -> Visit:
    """From now on this is who sits here."""
    st.session_state["_visit"] = visit
    return visit


def seat(rehearsal: AppTest, visit: Visit) -> None:
    """Put a visit into a run that no browser asked for, such as the server's warm-up."""
    rehearsal.session_state["_visit"] = visit


def end(*, over: bool = False) -> None:
    """Nothing of the person stays behind; `over` when it was not them who ended it."""
    for key in list(st.session_state):
        del st.session_state[key]
    if over:
        st.session_state["_over"] = True


def was_over() -> bool:
    """Whether the visit before this was ended by time or from elsewhere."""
    return bool(st.session_state.get("_over"))


def seed(key: str, value: Any) -> None:
    """What a keyed widget shows before anyone chose."""
    if key not in st.session_state:
        st.session_state[key] = value


def choose(key: str, value: Any) -> None:
    """Set a widget's choice for it; only before that widget is drawn in this run."""
    st.session_state[key] = value


def forget(key: str) -> None:
    """Take a widget's choice back, so that it shows its default again; only before that widget is drawn in this run."""
    st.session_state.pop(key, None)


def chosen(key: str) -> Any:
    return st.session_state.get(key)


def remember(name: str, value: Any) -> None:
    """Keep a choice across pages, under a name of its own."""
    st.session_state[f"_kept_{name}"] = value


def remembered(name: str) -> Any:
    return st.session_state.get(f"_kept_{name}")
