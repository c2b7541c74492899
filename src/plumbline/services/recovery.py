"""What a start finds of a server that did not stop in order: what was read back, and where the log stands now."""

from __future__ import annotations

import json

from plumbline.services import integrity
from plumbline.services.context import Context


def told(ctx: Context) -> str | None:
    """One line for whoever starts it; None where the store had been closed in order."""
    if not ctx.store.read_back:
        return None
    seq, head = integrity.head(ctx)
    since, size = seq - _anchored(ctx), f"{ctx.store.read_back / 1024:,.0f} KiB"
    return (
        f"The store was not closed in order: {size} that were written, and not yet in its file, were read back. "
        f"The log stands at event {seq} ({head[:12]}), {since} since the last anchor."
    )


def _anchored(ctx: Context) -> int:
    """The last event that was known to be there when a head was kept outside; 0 without one."""
    path = integrity.anchor_path(ctx.store.path)
    if path is None or not path.exists():
        return 0
    try:
        return int(json.loads(path.read_text(encoding="utf-8").splitlines()[-1])["event"][0])
    except (ValueError, LookupError, TypeError):
        return 0  # `verify` says what is wrong with it
