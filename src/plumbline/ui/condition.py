"""Above every page, also the sign-in's: why nothing can be changed now, while there is a reason."""

from __future__ import annotations

import streamlit as st

from plumbline.services.condition import hindrance
from plumbline.ui import cached
from plumbline.ui.words import plain


def show() -> None:
    found = hindrance(cached.context())
    if found:
        st.warning(f"**{plain(found.what)}.** You can read on; nothing can be changed now. {plain(found.remedy)}")
