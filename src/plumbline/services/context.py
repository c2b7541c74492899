"""What every use case is handed: the store, the time, fresh ids, and the policy in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from plumbline.domain.people import Role, Scope
from plumbline.policy.load import Policy
from plumbline.policy.single_sign_on import SingleSignOn
from plumbline.store import people
from plumbline.store.database import Store


@dataclass(frozen=True, slots=True)
class Context:
    """`origin` says on whose account events are made: a user's, or the sample estate's own.

    `reach` holds the scopes that a reader's role is held for; empty: they may read of every model.
    """

    store: Store
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    policy: Policy
    origin: str = "user"
    reach: tuple[Scope, ...] = ()
    single_sign_on: SingleSignOn | None = None


def duties_separated(ctx: Context) -> bool:
    """S9: False while one person runs the place alone; every page and export then says so."""
    with ctx.store.read() as cursor:
        administrators = [p for p in people.people(cursor) if p.active and Role.ADMINISTRATOR in p.roles]
    return len(administrators) > 1
