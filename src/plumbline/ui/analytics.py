"""The parts that the analytics pages share: views from the cache, choices in one row, the status beside a chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from plumbline.services.drift import drift_view
from plumbline.services.explanation_view import explanations_view
from plumbline.services.fairness import fairness_view
from plumbline.services.performance import performance_view
from plumbline.services.segments import segments_view
from plumbline.services.views.by_window import Choice, Headline, StatusLine
from plumbline.services.views.drift import DriftView
from plumbline.services.views.explanations import ExplanationsView
from plumbline.services.views.fairness import FairnessView
from plumbline.services.views.inventory import Subject
from plumbline.services.views.performance import PerformanceView
from plumbline.services.views.segments import SegmentsView
from plumbline.services.views.status import MARKS
from plumbline.ui import cached, components, passport, session, subject
from plumbline.ui.components import Width
from plumbline.ui.words import plain


@dataclass(frozen=True, slots=True)
class About:
    """What the page is about; `top` is the place above the controls, kept free for the sentence."""

    title: str
    model: Subject
    version: str
    top: DeltaGenerator

    def head(self, headline: Headline, note: str = "", further: Headline | None = None) -> None:
        """The first thing to know stands first, though it is known only after the choices below it."""
        with self.top:
            components.page_head(self.title, headline.sentence, headline.level)
            if further:
                components.remark(further.sentence, further.level)
            if note:
                st.caption(plain(note))


def about(title: str) -> About | None:
    """The model and version that the page is about; None, said, where there is none."""
    passport.shown()
    top = st.container()
    found = subject.pick_model()
    if found is None:
        top.title(title, anchor=False)
        return None
    return About(title, *found, top)


def asked(key: str) -> str:
    """What the address asks for, or what was chosen, before its control is drawn."""
    return str(st.query_params.get(key) or session.chosen(key) or "")


def performance(model: str, version: str) -> PerformanceView:
    def chosen(view: PerformanceView) -> dict[str, str]:
        return {"window": view.window, "metric": view.metric.key if view.metric else ""}

    choices = {key: asked(key) for key in ("window", "metric")}
    return cached.settled(performance_view, chosen, model, model, version, **choices)


def drift(model: str, version: str) -> DriftView:
    def chosen(view: DriftView) -> dict[str, str]:
        return {
            "window": view.window,
            "column": view.column,
            "metric": view.trend.metric.key if view.trend else "",
        }

    choices = {key: asked(key) for key in ("window", "column", "metric")}
    return cached.settled(drift_view, chosen, model, model, version, **choices)


def segments(model: str, version: str) -> SegmentsView:
    def chosen(view: SegmentsView) -> dict[str, str]:
        return {
            "window": view.window,
            "dimension": view.dimension,
            "metric": view.metric.key if view.metric else "",
            "segment": view.segment,
        }

    choices = {key: asked(key) for key in ("window", "metric", "segment")}
    # Of the whole estate: who else reads from a column's source is said by the other models.
    return cached.settled(segments_view, chosen, None, model, version, dimension=asked("by"), **choices)


def fairness(model: str, version: str) -> FairnessView:
    def chosen(view: FairnessView) -> dict[str, str]:
        return {"window": view.window, "attribute": view.attribute, "group": view.group}

    choices = {"window": asked("window"), "attribute": asked("by"), "group": asked("group")}
    return cached.settled(fairness_view, chosen, model, model, version, **choices)


def explanations(model: str, version: str) -> ExplanationsView:
    return cached.settled(explanations_view, lambda view: {"row": view.row}, model, model, version, row=asked("row"))


@contextmanager
def controls() -> Iterator[None]:
    """One row, wrapped where the screen is narrow."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        yield


def select(label: str, choices: Sequence[Choice], *, key: str, current: str, width: Width = "stretch") -> None:
    """A list to choose from; what the last model had and this one has not gives way to what the view shows."""
    words = _settle(choices, key, current)
    components.choice(label, list(words), key=key, words=lambda one: words.get(one, one), default=current, width=width)


def pills(label: str, choices: Sequence[Choice], *, key: str, current: str) -> None:
    """A few choices seen at once, each with its verdict's mark."""
    words = _settle(choices, key, current)
    components.segments(label, list(words), key=key, words=lambda one: words.get(one, one), default=current)


def _settle(choices: Sequence[Choice], key: str, current: str) -> dict[str, str]:
    words = {one.key: f"{MARKS[one.level]} {one.words}" if one.level else one.words for one in choices}
    if session.chosen(key) not in (None, *words):
        session.choose(key, current)
        st.query_params.pop(key, None)
    return words


def status(line: StatusLine | None) -> None:
    """Now, reference, interval, verdict, reason, and what would turn it green."""
    if line is None:
        components.empty("This figure was not measured in the chosen window.", "Choose another window.")
        return
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"{components.badge(line.level)} {plain(line.window)}")
        st.markdown(f"#### {plain(line.now)}")
        passport.button(line.result_id, key="status", quiet=True)
        said = (
            ("Reference", line.reference),
            ("Change", line.change),
            ("Interval", line.interval),
            ("Behind it", line.n),
            ("Labels", line.labels),
            ("Whom it describes", line.population),
            ("Limit", line.limit),
            ("Why", line.reason),
            ("What would turn it green", line.remedy),
        )
        for label, words in said:
            if words:
                st.markdown(f":small[{label}]  \n{plain(words)}")
        st.caption(f"Rule {plain(line.rule)} · policy {plain(line.policy)}")
