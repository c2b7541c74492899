"""The register's table: filters in the address, status first, a row opens its model."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from plumbline.domain.results import Level
from plumbline.services.views.inventory import InventoryLine
from plumbline.services.views.status import marked
from plumbline.ui import components, navigation, tables

ANY = "all"
STATUSES = tuple(level.value for level in (Level.RED, Level.AMBER, Level.GREY, Level.WATCH, Level.GREEN))


def filtered(lines: Sequence[InventoryLine]) -> list[InventoryLine]:
    """What the controls leave: search, tier, status, owner, family."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.text_input("Search", key="search", type="search", bind="query-params", width=220)
        tiers = st.pills(
            "Tier", sorted({one.tier for one in lines}), selection_mode="multi", key="tier", bind="query-params"
        )
        status = components.choice("Status", (ANY, *STATUSES), key="status", words=_status_words)
        owner = _one_of("Owner", sorted({one.owner for one in lines}), "owner")
        family = _one_of("Family", sorted({one.family for one in lines}), "family")
    return [
        one
        for one in lines
        if _matches(one, str(wanted or ""))
        and (not tiers or one.tier in tiers)
        and status in (ANY, one.level.value)
        and owner in (None, one.owner)
        and family in (None, one.family)
    ]


def _status_words(value: str) -> str:
    return value if value == ANY else marked(Level(value))


def _one_of(label: str, options: Sequence[str], key: str) -> str | None:
    return st.selectbox(
        label, options, index=None, placeholder=ANY, key=key, bind="query-params", width=180, filter_mode="contains"
    )


def _matches(one: InventoryLine, wanted: str) -> bool:
    text = f"{one.model} {one.model_id} {one.owner} {one.business_line} {one.stage}".casefold()
    return all(word in text for word in wanted.casefold().split())


def table(lines: Sequence[InventoryLine]) -> None:
    """At most a page of rows at once; the CSV has all of them."""
    page = _page(len(lines))
    shown = lines[page * tables.PAGE : (page + 1) * tables.PAGE]
    picked = tables.picked(
        [_row(one) | {"Model": f"{one.model} {one.version}"} for one in shown],
        name="inventory",
        alt="Registered models, what needs attention first; open a row for its model",
        columns={
            "Model": st.column_config.TextColumn(pinned=True),
            "Tier": st.column_config.TextColumn(width=48),
            "Findings": st.column_config.NumberColumn(width=72, help="Open findings"),
            # The model's cell names the version, "Approval" the month; the CSV has both, and what is due has the room.
            "Version": None,
            "Approved until": None,
            "Next due": st.column_config.DateColumn(format="D MMM YYYY"),
        },
    )
    tables.csv_download([_row(one) for one in lines], "inventory")
    if picked is not None:
        navigation.go("model", model=shown[picked].model_id, version=shown[picked].version)


def _page(rows: int) -> int:
    pages = -(-rows // tables.PAGE)
    if pages < 2:
        return 0
    number = st.segmented_control(
        "Page", list(range(1, pages + 1)), default=1, required=True, key="page", bind="query-params"
    )
    return int(number or 1) - 1


def _row(one: InventoryLine) -> dict[str, object]:
    return {
        "Status": one.status,
        "Model": one.model,
        "Version": one.version,
        "Tier": one.tier,
        "Stage": one.stage,
        "Approval": one.approval,
        "Approved until": one.approved_until,
        "Findings": one.findings,
        "Next due": one.next_due,
        "What is due": one.next_due_what,
        "Owner": one.owner,
        "Family": one.family,
        "Business line": one.business_line,
    }
