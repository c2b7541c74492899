"""Access reviews: whose roles an administrator has to look at again, and by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from plumbline.services.clock import today
from plumbline.services.context import Context
from plumbline.store import log, people


@dataclass(frozen=True, slots=True)
class Due:
    """The day by whose end (UTC) a person is to be reviewed; None for one who can do nothing (any more)."""

    user_id: str
    on: date | None
    overdue: bool


def reviews(ctx: Context) -> tuple[Due, ...]:
    """Of everyone in the register: so long after the last review, before the first after the account was made."""
    now = today(ctx).now
    with ctx.store.read() as cursor:
        register, made = people.people(cursor), log.first_entries(cursor, "person")
    due = []
    for person in register:
        since = person.review.at if person.review else made[person.user_id]
        on = (since + ctx.policy.access.review).date() if person.active and person.roles else None
        due.append(Due(person.user_id, on, on is not None and on < now.date()))
    return tuple(due)
