"""The log as its readers ask for it: its head, who did what and when, what was refused, what was signed."""

from __future__ import annotations

from plumbline.services.context import Context
from plumbline.services.views.audit import Head
from plumbline.store import log


def log_head(ctx: Context) -> Head:
    """Where the log of decisions ends now."""
    with ctx.store.read() as cursor:
        return Head(*log.head(cursor))
