"""Plumbline: page config, the sign-in, and the menu of the role."""

import streamlit as st

from plumbline.ui import condition, errors, navigation, sidebar, sign_in, single_sign_on, stay

st.set_page_config(page_title="Plumbline", page_icon=navigation.ICON, layout="wide")

with errors.guarding():
    visit = stay.visit()
    page = navigation.menu(visit.actor.acting_role if visit else None)
    condition.show()
    if visit is None:
        sign_in.show(page.title)
    else:
        single_sign_on.come_back(visit)
        sidebar.show(visit)
        page.run()
