"""A model's dossier: the four chips, the checks with their pages, and the tabs of the register's facts."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from plumbline.services.views.model import Chip, ModelView
from plumbline.services.views.standing import CheckState
from plumbline.ui import components, navigation, passport, signatures, tables
from plumbline.ui.board import PAGE_OF
from plumbline.ui.words import day, plain


def chips(some: Sequence[Chip]) -> None:
    """Lifecycle, approval, validation and monitoring: four axes that never merge."""
    with st.grid(4, min_column_width=180):
        for chip in some:
            with st.container(border=True, gap="xxsmall", key=f"chip-{chip.title}"):
                st.caption(chip.title)
                st.markdown(components.badge(chip.level, chip.words) if chip.level else f"**{plain(chip.words)}**")


def summary(view: ModelView) -> None:
    """Each check with its reason and its page, then the facts."""
    for state in view.standing.checks:
        _check(state, view.standing.about.model_id, view.standing.version)
    components.section("In the register")
    tables.facts({fact.field: fact.value for fact in view.facts}, name="facts", alt="Fields of the register")


def _check(state: CheckState, model_id: str, version: str) -> None:
    name, verdict, reason, page = st.columns([2.3, 2.4, 5, 0.8], vertical_alignment="center")
    name.markdown(f"**{state.check.capitalize()}**")
    verdict.markdown(components.badge(state.level, state.words))
    reason.markdown(plain(state.reason))
    with reason:
        passport.button(state.result_id, key=state.check, quiet=True)
    if state.check in PAGE_OF:
        with page:
            navigation.link(PAGE_OF[state.check], "Open", model=model_id, version=version)


def versions(view: ModelView) -> None:
    rows = [
        {
            "Version": one.version,
            "Stage": one.stage,
            "Since": one.since.date(),
            "Registered by": one.registered_by,
            "Deployed": one.deployed,
            "Artefact": one.artefact,
            "SHA-256": one.artefact_sha256,
        }
        for one in view.versions
    ]
    tables.wrapped(rows, name="versions", alt="Versions of this model")


def uses(view: ModelView) -> None:
    rows = [
        {
            "Use": one.use,
            "Purpose": one.purpose,
            "Users": one.users,
            "Prohibited": one.prohibited,
            "Boundaries": one.boundaries,
        }
        for one in view.uses
    ]
    tables.wrapped(rows, name="uses", alt="Uses of this model")
    components.section("Limits and assumptions")
    for limit in view.limitations or ("None is stated.",):
        st.markdown(f"- {plain(limit)}")


def findings(view: ModelView) -> None:
    if not view.findings:
        components.empty("No finding has been raised.", "A validator raises findings while reviewing a case.")
        return
    for one in view.findings:
        mark = components.badge(one.level, f"{one.severity}, {one.status}")
        due = (
            f"due {day(one.due)}"
            if one.due == one.original_due
            else f"due {day(one.due)}, first {day(one.original_due)}"
        )
        st.markdown(f"{mark} **{plain(one.title)}**  \n{plain(one.description)}  \n:gray[{plain(one.owner)}, {due}]")
    tables.csv_download(view.findings, "findings")


def approvals(view: ModelView) -> None:
    """Cases, the conditions of their approvals, and every signature."""
    if not view.cases:
        components.empty(
            "No case has been opened for this version.", "Its developer or owner submits it for validation."
        )
        return
    for case in view.cases:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(case.type)}**, opened {day(case.opened_at)}: {plain(case.asks)}")
            navigation.link("approvals", "Open the case", case=case.case_id)
    if view.conditions:
        components.section("Conditions")
        rows = [
            {
                "Condition": one.text,
                "Kind": one.kind,
                "Owner": one.owner,
                "Due": one.due,
                "Blocking": one.blocking,
                "State": one.state,
            }
            for one in view.conditions
        ]
        tables.wrapped(rows, name="conditions", alt="Conditions of approvals")
    components.section("Signatures")
    signatures.blocks(view.signatures)


def changes(view: ModelView) -> None:
    rows = [
        {"Entry": one.seq, "When": one.at, "Who": one.who, "Role": one.role, "What": one.what} for one in view.changes
    ]
    tables.wrapped(rows, name="changes", alt="Log entries about this model, newest first")
