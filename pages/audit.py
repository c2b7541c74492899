"""Audit: does the log prove itself, who did what and when, what was signed, what was refused?"""

import streamlit as st

from plumbline.ui import components, handing_over, log, readings, signatures

view = readings.audit()
components.page_head("Audit", view.sentence)
with st.container(horizontal=True, vertical_alignment="center"):
    verify = st.button("Verify the log now", key="verify", help="Recomputes every hash from the first entry on.")
    handing_over.log()
if verify:
    with st.spinner("Recomputing every hash of the log, the evidence and the results", show_time=True):
        log.banner(readings.verified())

tabs = st.tabs(["Entries", "Signatures", "Refusals", "Sign-ins"], key="tab", bind="query-params", on_change="rerun")
entries, signed, refused, sign_ins = tabs
with entries:
    if entries.open:
        log.entries(view)
with signed:
    if signed.open:
        signatures.blocks(view.signatures)
with refused:
    if refused.open:
        log.lines(readings.accesses().refusals, name="refusals", alt="Refused attempts, newest first")
with sign_ins:
    if sign_ins.open:
        log.lines(readings.accesses().sign_ins, name="sign-ins", alt="Sign-ins and failed attempts, newest first")
