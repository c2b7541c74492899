"""Whether the store can be written now; where it can not, people read on, and every door says why."""

from __future__ import annotations

from plumbline.domain.errors import ReadsOnly
from plumbline.services.context import Context
from plumbline.store import log


def hindrance(ctx: Context) -> ReadsOnly | None:
    """What a command would be refused for, whoever asks; None where nothing is known to be in the way."""
    found = ctx.store.hindrance()
    if found:
        return found
    try:
        log.refuse_behind(ctx.clock(), ctx.store.kept("last moment", log.last_moment))
    except ReadsOnly as behind:
        return behind
    return None


def refuse_hindered(ctx: Context) -> None:
    """ReadsOnly before anything is begun: a disk that fills up at a commit may stop the engine for everybody."""
    found = hindrance(ctx)
    if found:
        raise found
