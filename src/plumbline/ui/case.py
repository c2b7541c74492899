"""A case on screen: the inbox it comes from, its pinned evidence, and how the reader stands to it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from plumbline.domain.results import Level
from plumbline.domain.signoff import CaseStatus
from plumbline.services.views.approvals import CaseLine, CaseView, Duty, EvidenceFigure, Inbox
from plumbline.services.views.figures import count
from plumbline.services.views.status import marked
from plumbline.ui import components, handing_over, navigation, tables
from plumbline.ui.words import day, moment, plain

WORRYING = (Level.RED, Level.AMBER)


def inbox(found: Inbox) -> None:
    """What waits for me and for others, one line and one action each; then what was decided."""
    for title, lines in (("Waiting for you", found.mine), ("Open", found.others)):
        if lines:
            components.section(title)
            for line in lines:
                _line(line)
    if found.decided:
        components.section("Decided", "Newest first. Open a row for its case.")
        _decided(found.decided)
    if not (found.mine or found.others or found.decided):
        components.empty("Cases will stand here.", "A developer or owner submits a version for validation.")


def _decided(lines: Sequence[CaseLine]) -> None:
    rows = [
        {
            "Decision": line.asks,
            "Model": line.model,
            "Version": line.version,
            "Tier": line.tier,
            "Case": line.type,
            "Decided": line.decided_at,
            "Use": line.use,
        }
        for line in lines
    ]
    dates = {"Decided": st.column_config.DateColumn(format="D MMM YYYY")}
    picked = tables.picked(rows, name="decided", alt="Decided cases, newest first", columns=dates)
    if picked is not None:
        navigation.go("approvals", case=lines[picked].case_id)


def _line(line: CaseLine) -> None:
    with components.row(f"case-{line.case_id}"):
        st.markdown(
            f"**{plain(line.model)} {plain(line.version)}**, tier {line.tier}: {plain(line.asks)}  \n"
            f":gray[{plain(line.type)}, opened {day(line.opened_at)}. {plain(line.use)}]"
        )
        navigation.link("approvals", "Open", case=line.case_id)


def evidence(view: CaseView) -> None:
    """Everything as it was pinned; what is no longer so is said first."""
    if view.differences:
        components.section("Then and now", "Evidence that is not what it was when it was pinned.")
        rows = [
            {"What": one.what, "Then": one.then, "Now": one.now, "Binding": one.binding} for one in view.differences
        ]
        tables.wrapped(rows, name="differences", alt="Evidence then and now")
    components.section("In brief")
    for line in view.brief:
        head, _, rest = line.partition(": ")
        st.markdown(f"**{plain(head)}:** {plain(rest)}")
    components.section("Validation report")
    st.markdown(plain(view.report or "It is not signed yet."))
    handing_over.report(view.case_id, signed=bool(view.report))
    _figures(view.figures)
    st.caption("The same measures over time, as they stand today:")
    _pages(view)
    with st.expander(f"Everything else that is pinned ({len(view.items)})"):
        rows = [
            {"Kind": one.kind, "What": one.says or one.id, "SHA-256": one.sha256, "Binding": one.binding}
            for one in view.items
        ]
        st.caption("The approval itself stands on binding evidence: it lapses when that changes.")
        tables.wrapped(rows, name="pinned", alt="Pinned evidence beside the figures, with its hashes")
    st.caption(f"Manifest {view.manifest_hash}, pinned {moment(view.pinned_at)}")


def _figures(figures: Sequence[EvidenceFigure]) -> None:
    """Those past a limit stand open; a table of what is well is there for whoever doubts it."""
    past = [one for one in figures if one.level in WORRYING]
    if not figures:
        components.section("Figures")
        components.empty(
            "No figure was measured when the evidence was pinned.", "Run `plumbline monitor`, then refresh."
        )
        return
    components.section("Figures", f"{len(figures)} are pinned; {len(past) or 'none'} of them past a limit.")
    if not past:
        with st.expander(f"All {len(figures)} figures"):
            _table(figures)
        return
    worrying = components.segments("Show", list(SHOWN), key="figures", words=lambda key: SHOWN[key]) == "worrying"
    _table(past if worrying else figures)


def _table(figures: Sequence[EvidenceFigure]) -> None:
    rows = [_row(one) for one in figures]
    # Ten at once: on a narrow screen the form to sign stands below.
    tables.wrapped(rows, name="figures", alt="Pinned figures with interval, rows and verdict", page=10)


SHOWN = {"worrying": "Past a limit", "all": "All"}


def _row(one: EvidenceFigure) -> dict[str, object]:
    return {
        "Status": marked(one.level),
        "Measure": one.measure,
        "Where": one.where,
        "Window": one.window,
        "Value": one.estimate,
        "Interval": one.interval,
        "Rows": count(one.n),
        "Reference": one.reference,
        "Reason": one.reason,
    }


def _pages(view: CaseView) -> None:
    with st.container(horizontal=True):
        for page in navigation.ANALYTICS:
            navigation.link(page, navigation.TITLES[page][0], model=view.model_id, version=view.version)


def duties(view: CaseView) -> None:
    """May I sign? In one line where nothing stands in the way; else every duty that does, first."""
    if view.status not in (CaseStatus.VALIDATION, CaseStatus.APPROVAL):
        return
    unmet = [duty for duty in view.duties if duty.level is not Level.GREEN]
    if unmet:
        components.section("You cannot sign here")
        for duty in unmet:
            _duty(duty, "in the way")
        st.caption("An attempt is refused, and the refusal stands in the log.")
    else:
        components.section("You may sign here")
    met = [duty for duty in view.duties if duty.level is Level.GREEN]
    if met:
        with st.expander(f"Independence: {len(met)} of {len(view.duties)} duties met"):
            for duty in met:
                _duty(duty, "met")


def _duty(duty: Duty, word: str) -> None:
    st.markdown(f"{components.badge(duty.level, word)} {plain(duty.words)} :gray[({plain(duty.rule)})]")


def seats(view: CaseView) -> None:
    """Who has said what, and under which conditions."""
    components.section("Seats", view.quorum)
    for seat in view.seats:
        st.markdown(f"{components.badge(seat.level, seat.says)} **{plain(seat.seat)}** {plain(seat.holder)}")
    if view.conditions:
        components.section("Conditions")
        for one in view.conditions:
            blocking = ", blocking" if one.blocking else ""
            st.markdown(
                f"- {plain(one.text)}  \n:gray[{plain(one.owner)}, due {day(one.due)}{blocking}, {plain(one.state)}]"
            )
