"""Facts about people: their accounts, what they hold by whose word, and what speaks for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from plumbline.domain.people import EVERYWHERE, Grant, Role, Scope
from plumbline.workflow.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEvent(Event):
    entity: ClassVar[str] = "person"
    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAdded(PersonEvent):
    """The password's hash is kept in the account alone: a log that is exported holds no secret."""

    name: str
    line_manager: str = ""
    initial_password: bool = False  # nobody was made to change theirs before this was written down


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(PersonEvent):
    """By the person themself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordReset(PersonEvent):
    """By an administrator, who knows the new one: the person has to choose another."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleProposed(PersonEvent):
    """The first of two administrators asked for it."""

    role: Role
    scope: Scope = EVERYWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGranted(PersonEvent):
    """`proposed_by` is the other administrator; empty where there is one alone."""

    role: Role
    scope: Scope = EVERYWHERE
    proposed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRevoked(PersonEvent):
    """Taken back, or no longer proposed: for one scope, or wherever the role was held."""

    role: Role
    reason: str
    scope: Scope = EVERYWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessReviewed(PersonEvent):
    """What the person held when an administrator found it right."""

    grants: tuple[Grant, ...]
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDisabled(PersonEvent):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenIssued(PersonEvent):
    """What it hashes to is kept beside the account alone, as a password's hash is."""

    token_id: str
    label: str
    role: Role
    models: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRevoked(PersonEvent):
    token_id: str
    reason: str
