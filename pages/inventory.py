"""Inventory: being built."""

from plumbline.ui import components

components.page_head("Inventory", "This page is being built.")
