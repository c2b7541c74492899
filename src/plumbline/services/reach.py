"""What a reader may see: to a role that is held for some models alone, the others are not there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from plumbline.domain.errors import NotAuthorised, NotFound
from plumbline.domain.people import Actor
from plumbline.services.context import Context
from plumbline.store import inventory
from plumbline.store.database import Cursor
from plumbline.store.inventory import Registered


def within(ctx: Context, actor: Actor) -> Context:
    """The context as the person may read it in the role they act in."""
    return replace(ctx, reach=actor.reach())


def registered(ctx: Context, cursor: Cursor) -> tuple[Registered, ...]:
    """The models that the reader may see, by name."""
    found = inventory.registered(cursor)
    seen = set(reached(ctx, cursor, (one.model_id for one in found)))
    return tuple(one for one in found if one.model_id in seen)


def reached(ctx: Context, cursor: Cursor, model_ids: Iterable[str]) -> tuple[str, ...]:
    """Of these models those that the reader may see, in the same order."""
    if not ctx.reach:
        return tuple(model_ids)
    entries = inventory.entries(cursor)
    return tuple(
        name for name in model_ids if name in entries and any(scope.covers(entries[name]) for scope in ctx.reach)
    )


def check(ctx: Context, cursor: Cursor, model_id: str) -> None:
    """NotFound for a model that the reader may not see, in the words that a model gets which nobody registered."""
    if model_id not in reached(ctx, cursor, (model_id,)):
        raise NotFound(f"There is no model '{model_id}'", remedy="Check the name, and what your role reaches.")


def whole(actor: Actor, what: str) -> None:
    """NotAuthorised where something about all models is asked for in a role that reaches some alone."""
    if actor.reach():
        raise NotAuthorised(
            actor.narrowness, duty="scope", where=what, remedy="Ask somebody whose role reaches every model."
        )
