"""Which pages there are, who sees which in the menu, and how one page leads to another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from plumbline.domain.people import Role

# A file of our own: browsers fetch named icons from outside the house.
ICON = Path(__file__).with_name("favicon.svg")
Page = Any  # streamlit's own page object is not part of its public typing
# Named in full, so that a page is found whichever script stands at the door.
PAGES = Path(__file__).resolve().parents[3] / "pages"
TITLES = {
    "portfolio": ("Portfolio", ":material/dashboard:"),
    "inventory": ("Inventory", ":material/list_alt:"),
    "approvals": ("Approvals", ":material/approval:"),
    "audit": ("Audit", ":material/verified_user:"),
    "model": ("Model", ":material/badge:"),
    "performance": ("Performance", ":material/monitoring:"),
    "drift": ("Drift", ":material/moving:"),
    "segments": ("Segments", ":material/segment:"),
    "fairness": ("Fairness", ":material/balance:"),
    "explanations": ("Explanations", ":material/account_tree:"),
}
GOVERNANCE = ("portfolio", "inventory", "approvals", "audit")
ANALYTICS = ("model", "performance", "drift", "segments", "fairness", "explanations")
# Where each role's day begins.
LANDING = {
    Role.EXECUTIVE: "portfolio",
    Role.MODEL_RISK_OFFICER: "portfolio",
    Role.VALIDATOR: "approvals",
    Role.APPROVER: "approvals",
    Role.AUDITOR: "audit",
}
# An executive's menu is short on purpose; every page stays open by its link.
SHORT_MENU = {Role.EXECUTIVE: ("portfolio", "inventory", "approvals", "model")}


def menu(role: Role | None) -> Page:
    """The pages, those of the role's menu visible; before sign-in all exist, so that a link survives it."""
    shown = SHORT_MENU.get(role, tuple(TITLES)) if role else ()
    # One flat list: under section headings Streamlit's own markup breaks the list for screen readers.
    pages = [_page(name, shown) for name in (*GOVERNANCE, *ANALYTICS)]
    return st.navigation(pages, position="sidebar" if role else "hidden", expanded=True)


def _page(name: str, shown: tuple[str, ...]) -> Page:
    title, icon = TITLES[name]
    return st.Page(
        PAGES / f"{name}.py",
        title=title,
        icon=icon,
        default=name == "portfolio",
        visibility="visible" if name in shown else "hidden",
    )


def arrive(role: Role, at: str) -> None:
    """After sign-in: the page that the address named, else where the role's day begins."""
    if at == TITLES["portfolio"][0]:
        go(LANDING.get(role, "inventory"))
    st.rerun()


def go(name: str, **query: str) -> None:
    """Open another page about this."""
    st.switch_page(PAGES / f"{name}.py", query_params=query)


def link(name: str, label: str, **query: str) -> None:
    st.page_link(
        PAGES / f"{name}.py", label=label, icon=":material/arrow_forward:", icon_position="right", query_params=query
    )
