"""Approvals: being built."""

from plumbline.ui import components

components.page_head("Approvals", "This page is being built.")
