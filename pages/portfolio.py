"""Portfolio: being built."""

from plumbline.ui import components

components.page_head("Portfolio", "This page is being built.")
