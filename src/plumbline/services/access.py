"""The access log: who signed in, was refused, took an export or a copy, or put one back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plumbline import __version__
from plumbline.services.context import Context
from plumbline.store import log
from plumbline.store.database import Cursor


def enter(
    cursor: Cursor,
    ctx: Context,
    user_id: str,
    acting_role: str,
    action: str,
    *,
    about: tuple[str, str],
    payload: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """A line of it, in the transaction of the cursor; `about` is (entity, its id)."""
    log.append(
        cursor,
        "access",
        recorded_at=ctx.clock(),
        actor=user_id,
        acting_role=acting_role,
        action=action,
        entity=about[0],
        entity_id=about[1],
        payload={**(payload or {}), "app_version": __version__, "origin": ctx.origin},
        reason=reason,
    )
