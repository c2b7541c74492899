"""The metric passport: one figure's formula, sample, bins, rule and origin, and a button that makes it again."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from plumbline import __version__
from plumbline.reports import passport as report
from plumbline.services.passport import passport
from plumbline.services.recomputing import recompute
from plumbline.services.views import passport as words
from plumbline.services.views.by_window import Choice
from plumbline.services.views.passport import Passport, Recomputed
from plumbline.services.views.status import MARKS
from plumbline.ui import cached, components, errors, session, tables
from plumbline.ui.words import day, moment, plain

ADDRESS = "passport"
HELP = "Formula, sample, bins, rule and hash of this figure, and a button that makes it again"
ICON = ":material/fact_check:"


def ask(result_id: str) -> None:
    """The passport of this figure stands in the address, and so on the page; before anything is drawn."""
    st.query_params[ADDRESS] = result_id


def button(result_id: str, *, key: str, quiet: bool = False) -> None:
    """Opens the passport of one figure; nothing of it is read before."""
    if result_id:
        st.button(
            "Metric passport",
            key=f"passport-{key}",
            on_click=ask,
            args=(result_id,),
            icon=ICON,
            help=HELP,
            type="tertiary" if quiet else "secondary",
        )


def menu(choices: Sequence[Choice], *, key: str) -> None:
    """Opens the passport of one of many figures, each a result with its verdict's mark."""
    said = {one.key: f"{MARKS[one.level]} {one.words}" if one.level else one.words for one in choices}
    st.selectbox(
        "Metric passport of",
        list(said),
        index=None,
        format_func=lambda one: said.get(one, one),
        key=f"passports-{key}",
        on_change=_picked,
        args=(f"passports-{key}",),
        placeholder="Choose a figure",
        width=320,
    )


def _picked(key: str) -> None:
    """The list stands empty again, so that the same figure may be chosen twice."""
    if session.chosen(key):
        ask(session.chosen(key))
        session.choose(key, None)


def shown() -> None:
    """The dialog, where the address asks for one: a link to it opens it again."""
    asked = st.query_params.get(ADDRESS)
    if asked:
        _dialog(asked)


def _closed() -> None:
    st.query_params.pop(ADDRESS, None)


@st.dialog("Metric passport", width="large", icon=ICON, on_dismiss=_closed)
def _dialog(result_id: str) -> None:
    with errors.reporting():
        view = cached.view(passport, None, result_id)
        _head(view)
        _proof(view)
        _figure(view)
        _sample(view)
        _rule(view)
        _origin(view)


def _head(view: Passport) -> None:
    about = f"{view.model_id} {view.version}"
    st.markdown(f"{components.badge(view.result.verdict.level)} **{plain(view.title)}** :gray[{plain(about)}]")
    st.markdown(plain(view.result.verdict.reason))
    if view.metric.meaning:
        st.caption(plain(view.metric.meaning))
    if view.superseded:
        st.warning("A later run has measured this figure again; this is what stood before it.")


def _proof(view: Passport) -> None:
    """Made again on demand, never from the cache: a proof is made when it is asked for."""
    with st.container(horizontal=True):
        asked = st.button("Recompute", key="passport-recompute", type="primary", icon=":material/calculate:")
        st.download_button(
            "JSON",
            lambda: report.as_json(view),
            file_name=f"passport-{view.model_id}-{view.metric.key}-{view.result.window.label}.json",
            mime="application/json",
            key="passport-json",
            on_click="ignore",
            icon=":material/download:",
            help="This passport with every digit",
        )
    if asked:
        session.actor()
        with st.spinner("Measuring the stored counts again"):
            _again(recompute(cached.context(), view.origin.result_id), view.origin.app_version)


def _again(found: Recomputed, then: str) -> None:
    """`then` is the version of the product that measured the stored figure."""
    if found.why_not:
        st.warning(plain(found.why_not))
        return
    differ = [each.field for each in found.digits if not each.same]
    if differ:
        versions = "" if then == __version__ else f" Version {then} measured it, version {__version__} made it again."
        st.error(plain(f"Made again {moment(found.at)}, and it differs in: {', '.join(differ)}.{versions}"))
    else:
        st.success(
            f"Made again from the stored counts {moment(found.at)}: the same to the last digit, "
            f"in all {len(found.digits)} fields."
        )
    if found.note:
        st.caption(plain(found.note))
    rows = [
        {"Field": each.field, "Stored": each.stored, "Made again": each.again, "Same": "yes" if each.same else "no"}
        for each in found.digits
    ]
    tables.wrapped(rows, name="recomputed", alt="Stored and recomputed digits", download=False, page=len(rows))


def _figure(view: Passport) -> None:
    sides = st.grid(2, min_column_width=340)
    with sides.cell():
        components.section("The figure")
        tables.facts(words.figure(view), name="passport-figure", alt="The figure", download=False)
    with sides.cell():
        components.section("What it is")
        tables.facts(words.definition(view), name="passport-definition", alt="Definition", download=False)


def _sample(view: Passport) -> None:
    components.section("Sample", "Rows that came, rows set aside and why, rows that were counted.")
    tables.wrapped(words.samples(view), name="passport-sample", alt="Sample behind the figure", download=False)
    if view.bins:
        left = f" {view.bins.left_out} levels that moved least are not listed." if view.bins.left_out else ""
        components.section("Bins", f"{view.bins.kind}. Grid {view.bins.grid}.{left}")
        if view.bins.labels:
            tables.wrapped(words.bins(view.bins), name="passport-bins", alt="Shares of rows by bin", download=False)


def _rule(view: Passport) -> None:
    rule = view.rule
    pack = f"Pack {rule.pack} {rule.version}, owned by {rule.owner}, in effect since {day(rule.effective)}"
    components.section("Policy rule", f"Judged by {view.result.verdict.rule}. {pack}. Policy digest {rule.digest}.")
    if not rule.in_force:
        st.warning("The verdict was passed under another policy than the one in force, whose clauses follow.")
    if rule.clauses:
        tables.wrapped(words.clauses(rule), name="passport-clauses", alt="Clauses of the policy", download=False)
    else:
        st.markdown("The policy sets no limit on this figure.")
    st.markdown("  \n".join(f"{plain(level)}: {plain(takes)}" for level, takes in rule.levels))


def _origin(view: Passport) -> None:
    components.section("Where it comes from")
    origin = view.origin
    facts = {
        "Recorded": f"{moment(origin.recorded_at)} by {origin.recorded_by}, entry {origin.seq} of the log",
        "Run": origin.run_id,
        "Result": origin.result_id,
        "Log's fingerprint": origin.source,
        "Version of the product": origin.app_version,
    }
    tables.facts(facts, name="passport-origin", alt="Origin of the figure", download=False)
    if len(view.known) > 1:
        components.section("As each run knew it", "Labels come in, and the interval narrows.")
        tables.wrapped(words.known(view), name="passport-known", alt="The figure as each run knew it", download=False)
