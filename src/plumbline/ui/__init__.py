"""Streamlit's side of the house: session, cache, components, navigation."""
