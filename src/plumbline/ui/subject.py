"""Which model and version a page is about: chosen once, carried along, kept in the address."""

from __future__ import annotations

import streamlit as st

from plumbline.services.inventory import subjects
from plumbline.services.views.inventory import Subject
from plumbline.ui import cached, components, navigation, session
from plumbline.ui.words import plain


def pick_model() -> tuple[Subject, str] | None:
    """The model and version that the page is about, chosen in one row; None, with a message, where there is none."""
    known = {subject.model_id: subject for subject in cached.view(subjects)}
    if not known:
        components.empty(
            "No model is registered yet.",
            "Register one with `plumbline register FILE.toml`, or build the sample estate.",
        )
        return None
    asked = st.query_params.get("model")
    if asked is not None and asked not in known:
        st.error(f"There is no model {plain(repr(asked))}. The address may be old, or misspelt; nothing was changed.")
        navigation.link("inventory", "All models")
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        return _choose(known)


def carry(model_id: str, version: str) -> None:
    """Whoever has read about this version elsewhere, as in a case, finds it on the next page too."""
    session.remember("model", model_id)
    session.choose("model", model_id)
    session.choose("version", version)


def _choose(known: dict[str, Subject]) -> tuple[Subject, str]:
    kept = session.remembered("model")
    chosen = components.choice(
        "Model", list(known), key="model", words=lambda key: known[key].name, default=kept if kept in known else None
    )
    session.remember("model", chosen)
    subject = known[chosen]
    if st.query_params.get("version") not in (None, *subject.versions):
        st.query_params.pop("version")
    version = components.choice("Version", list(subject.versions), key="version", default=subject.current)
    # Written out even where nobody chose: whoever gets this address sees the same model.
    st.query_params.update({"model": chosen, "version": version})
    return subject, version
