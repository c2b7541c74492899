"""The log on screen: the proof's banner, entries by who, what, when and about whom, refusals and sign-ins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from plumbline.services.views.audit import AuditView, LogLine, Verified
from plumbline.ui import components, tables
from plumbline.ui.words import day, plain


def banner(found: Verified) -> None:
    """Whether the log proves itself, and each proof."""
    (st.success if found.holds else st.error)(plain(found.sentence))
    rows = [{"Proof": one.name, "Holds": "yes" if one.holds else "no", "Found": one.found} for one in found.proofs]
    tables.wrapped(rows, name="proofs", alt="Proofs of the log and what follows from it", download=False)
    st.caption(f"Head of the log: {found.head}")


def entries(view: AuditView) -> None:
    """The log of decisions under its filters, all of them in the address."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        who = _filter("Who", view.people, "who")
        what = _filter("What", view.actions, "what")
        about = _filter("About", view.entities, "about")
        since = st.date_input("From", None, key="from", width=140)
        until = st.date_input("To", None, key="to", width=140)
    some = [
        line
        for line in view.events
        if who in (None, line.who)
        and (what is None or line.action == what)
        and about in (None, line.about)
        and (not isinstance(since, date) or line.at.date() >= since)
        and (not isinstance(until, date) or line.at.date() <= until)
    ]
    st.caption(f"{len(some)} of {len(view.events)} entries, newest first.")
    lines(some, name="events", alt="Log of decisions, newest first")


def _filter(label: str, options: Sequence[str], key: str) -> str | None:
    return st.selectbox(label, options, index=None, placeholder="all", key=key, bind="query-params", width=200)


def lines(some: Sequence[LogLine], *, name: str, alt: str) -> None:
    if not some:
        components.empty("No entry is here.")
        return
    rows = [
        {
            "Entry": one.seq,
            "Hash": one.hash[:12],
            "When (UTC)": f"{day(one.at)} {one.at:%H:%M:%S}",
            "Who": one.who,
            "Role": one.role,
            "What": one.what,
            "In their words": one.reason,
            "About": one.about,
        }
        for one in some
    ]
    tables.wrapped(rows, name=name, alt=alt)
