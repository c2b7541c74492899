"""Model: one model's standing, its life, and everything the register holds about it."""

import streamlit as st

from plumbline.charts import model as charts
from plumbline.ui import components, dossier, passport, readings, subject
from plumbline.ui.words import plain

passport.shown()
head = st.container()
picked = subject.pick_model()
if picked is None:
    head.title("Model", anchor=False)
    st.stop()
chosen, version = picked
view = readings.model(chosen.model_id, version)
about = view.standing.about

with head:
    components.page_head(f"{about.name} {version}", view.sentence)
    place = f"Tier {about.tier}, {about.business_line}" if about.business_line else f"Tier {about.tier}"
    st.caption(plain(f"{place}, owned by {about.owner}. {about.purpose}"))
dossier.chips(view.chips)
if view.life:
    figure = charts.life_line(view.life, title=charts.title(view.life), dark=components.dark())
    components.figure(figure, data=charts.rows(view.life), name="life-line")

tabs = {
    "Summary": dossier.summary,
    "Versions": dossier.versions,
    "Uses and limits": dossier.uses,
    "Findings": dossier.findings,
    "Approvals": dossier.approvals,
    "Changes": dossier.changes,
}
for tab, (_, draw) in zip(
    st.tabs(list(tabs), key="tab", bind="query-params", on_change="rerun"), tabs.items(), strict=True
):
    with tab:
        if tab.open:
            draw(view)
