"""What may be taken away: each file is made, hashed and put on record at the moment somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from plumbline.exports import approvals, inventory, validation_report
from plumbline.ui import cached, session

ON_RECORD = "The file is stamped and hashed, and the log says that you took it."


def log() -> None:
    """Both chains as JSON, or who may have them."""
    ctx, actor = cached.context(), session.actor()
    if not approvals.may_export(actor):
        st.caption(
            f"The role {actor.acting_role.label.lower()} may not export the log; an auditor, the risk officer, "
            "a validator or an executive can."
        )
        return
    st.download_button(
        "Export the log",
        partial(approvals.log_json, ctx, actor),
        file_name="plumbline-log.json",
        mime="application/json",
        key="export-log",
        on_click="ignore",
        icon=":material/download:",
        help=f"{ON_RECORD} Prove it on any machine with: plumbline verify plumbline-log.json",
    )


def report(case_id: str, *, signed: bool) -> None:
    """The validation report of a case, a page to print and file; before its signature, a draft."""
    ctx, actor = cached.context(), session.actor()
    st.download_button(
        "Validation report to print" if signed else "Draft report to print",
        partial(validation_report.html, ctx, actor, case_id),
        file_name=f"validation-report-{case_id}.html",
        mime="text/html",
        key="export-report",
        on_click="ignore",
        icon=":material/download:",
        help=ON_RECORD,
    )


def whole_inventory() -> None:
    """Every model and version with every field, whatever the filters show."""
    ctx, actor = cached.context(), session.actor()
    st.caption("For an examiner: every version with every field, whatever the filters show.")
    with st.container(horizontal=True):
        _inventory("csv", "text/csv", lambda: inventory.csv(ctx, actor).content)
        _inventory("json", "application/json", lambda: inventory.json(ctx, actor).content)


def _inventory(kind: str, mime: str, made: Callable[[], bytes]) -> None:
    st.download_button(
        f"Whole inventory, {kind.upper()}",
        made,
        file_name=f"inventory.{kind}",
        mime=mime,
        key=f"export-inventory-{kind}",
        on_click="ignore",
        icon=":material/download:",
        help=ON_RECORD,
    )
