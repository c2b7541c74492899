"""A model's dossier: the four chips, the checks with their pages, and the tabs of the register's facts."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from plumbline.services.views.model import Chip, ModelView
from plumbline.services.views.standing import CheckState
from plumbline.ui import components, navigation, signatures
from plumbline.ui.board import PAGE_OF
from plumbline.ui.words import day, plain

DATES = {
    "at": st.column_config.DatetimeColumn("When (UTC)", format="D MMM YYYY HH:mm"),
    "since": st.column_config.DateColumn("Since", format="D MMM YYYY"),
    "opened_at": st.column_config.DateColumn("Opened", format="D MMM YYYY"),
    "original_due": st.column_config.DateColumn("Original due", format="D MMM YYYY"),
    "due": st.column_config.DateColumn("Due", format="D MMM YYYY"),
}


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
    components.facts({fact.field: fact.value for fact in view.facts}, name="facts", alt="Fields of the register")


def _check(state: CheckState, model_id: str, version: str) -> None:
    name, verdict, reason, page = st.columns([2.3, 2.4, 5, 0.8], vertical_alignment="center")
    name.markdown(f"**{state.check.capitalize()}**")
    verdict.markdown(components.badge(state.level, state.words))
    reason.markdown(plain(state.reason))
    if state.check in PAGE_OF:
        with page:
            navigation.link(PAGE_OF[state.check], "Open", model=model_id, version=version)


def versions(view: ModelView) -> None:
    components.table(
        view.versions, name="versions", alt="Versions of this model", columns=DATES | {"artefact_sha256": "SHA-256"}
    )


def uses(view: ModelView) -> None:
    components.table(view.uses, name="uses", alt="Uses of this model")
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
    components.csv_download(view.findings, "findings")


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
        components.table(view.conditions, name="conditions", alt="Conditions of approvals", columns=DATES)
    components.section("Signatures")
    signatures.blocks(view.signatures)


def changes(view: ModelView) -> None:
    components.table(
        view.changes,
        name="changes",
        alt="Log entries about this model, newest first",
        columns=DATES | {"seq": "Entry", "who": "Who", "role": "Role", "what": "What"},
    )
