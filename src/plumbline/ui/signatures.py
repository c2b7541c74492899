"""Signature blocks as they are shown and printed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from plumbline.services.views.approvals import SignatureBlock
from plumbline.ui import components, session
from plumbline.ui.words import moment, plain


def blocks(some: Sequence[SignatureBlock]) -> None:
    if not some:
        components.empty("Nothing has been signed yet.")
    for number, block in enumerate(some):
        _block(block, number)


def _block(block: SignatureBlock, number: int) -> None:
    """Who, in which role and seat, what it means, when, bound to which evidence."""
    with st.container(border=True, key=f"signature-{number}-{block.hash[:12]}"):
        stale = " (stale: the evidence changed after it)" if block.stale else ""
        st.markdown(f"**{plain(block.printed_name)}**, {plain(block.role)}, {plain(block.seat)}{stale}")
        st.markdown(f"“{plain(block.meaning)}”")
        if block.comment:
            st.markdown(f"Comment: {plain(block.comment)}")
        st.caption(
            f"Signed {moment(block.signed_at, block.zone)}, {plain(_proof(block))}  \n"
            f"Evidence {block.manifest_hash}  \nSignature {block.hash}"
        )


def _proof(block: SignatureBlock) -> str:
    """How the signer was known; the sample's own signatures say that nobody typed anything."""
    if block.auth_method == "password":
        return "password entered again at signing"
    if block.auth_method == "oidc":
        return "proved anew at the house's sign-in for signing"
    return f"made by the {block.auth_method or 'system'}, no password was typed"


def printable(some: Sequence[SignatureBlock], case_id: str) -> None:
    """The same as a text page to print or file."""
    text = "\n\n".join(_text(block) for block in some)
    st.download_button(
        "Printable signature page",
        text.encode(),
        file_name=f"signatures-{case_id}.txt",
        mime="text/plain",
        key="print-signatures",
        on_click="ignore",
        icon=":material/print:",
    )


def _text(block: SignatureBlock) -> str:
    zone = session.actor().zone
    return "\n".join(
        (
            f"Signature in case {block.case_id}: {block.model}",
            f"Printed name   {block.printed_name} ({block.user_id})",
            f"Acting role    {block.role}",
            f"Seat           {block.seat}",
            f"Decision       {block.decision}",
            f"Meaning        {block.meaning}",
            f"Comment        {block.comment or 'none'}",
            f"Signed         {moment(block.signed_at, block.zone or zone)}",
            f"Authentication {_proof(block)}",
            f"Evidence hash  {block.manifest_hash}",
            f"Signature hash {block.hash}",
        )
    )
