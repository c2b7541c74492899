"""Audit: being built."""

from plumbline.ui import components

components.page_head("Audit", "This page is being built.")
