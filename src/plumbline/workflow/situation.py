"""What a decision may look at beside the model's own state: who asks, when, under which policy, with what evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from plumbline.domain.people import Actor, Authentication, Person, Role
from plumbline.domain.tokens import Token
from plumbline.policy.load import Policy


@dataclass(frozen=True, slots=True)
class Change:
    """One pinned piece of evidence, then and now; an empty text on either side means it was not there."""

    kind: str
    id: str
    then: str
    now: str
    binding: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The circumstances of one command; `changed` is what differs from the case's pinned evidence, `tokens` those of
    the person that a command is about.
    """

    actor: Actor
    now: datetime
    new_id: Callable[[], str]
    policy: Policy
    people: Mapping[str, Person]
    authentication: Authentication | None = None
    changed: tuple[Change, ...] = ()
    tokens: tuple[Token, ...] = ()

    def active_with(self, role: Role) -> tuple[Person, ...]:
        return tuple(p for p in self.people.values() if p.active and role in p.roles)
