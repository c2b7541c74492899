"""How a browser comes by its cookie: the page may not set one that scripts cannot read, the server's answer may."""

from __future__ import annotations

import streamlit as st

# Relative to the page's own address, so that a house may put the app under a folder of its own.
CHANGE = """
export default function ({ data }) {
  const body = JSON.stringify({ ticket: data.ticket });
  const headers = { "Content-Type": "application/json" };
  // A person in haste may open another page before the answer is here: the cookie comes all the same.
  fetch("session", { method: "POST", credentials: "same-origin", keepalive: true, headers, body });
}
"""


def ask_for(ticket: str) -> None:
    """The browser changes this ticket for its cookie; nothing is seen of it."""
    # Named anew each time: what is named before the server runs, as modules are read, the server does not know.
    st.components.v2.component("plumbline_cookie", js=CHANGE)(data={"ticket": ticket}, key="cookie", height=1)
