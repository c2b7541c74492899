"""Model: being built."""

from plumbline.ui import components

components.page_head("Model", "This page is being built.")
