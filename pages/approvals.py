"""Approvals: what waits for a signature, and one case with its evidence, duties, votes and decision."""

import streamlit as st

from plumbline.ui import case, components, forms, navigation, readings, signatures, since, subject

asked = st.query_params.get("case")
if asked is None:
    found = readings.inbox()
    components.page_head("Approvals", found.sentence)
    since.show()
    case.inbox(found)
    st.stop()

st.query_params["case"] = asked  # a link from this very page does not reach the browser's address by itself
navigation.link("approvals", "All cases")
view = readings.case(asked)
subject.carry(view.model_id, view.version)
components.page_head(f"{view.model} {view.version}", view.sentence)
forms.told()
evidence, desk = components.two_columns()
with evidence:
    case.evidence(view)
with desk:
    case.duties(view)
    forms.act(view)
    case.seats(view)
    components.section("Signatures")
    signatures.blocks(view.signatures)
    if view.signatures:
        signatures.printable(view.signatures, view.case_id)
