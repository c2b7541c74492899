"""Deciders of the people register, and the fold of one person's events."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from plumbline.domain.errors import EvidenceMissing, NotAuthorised, NotFound, TransitionNotAllowed
from plumbline.domain.people import Actor, Person, Role
from plumbline.workflow import commands as c
from plumbline.workflow import events as e
from plumbline.workflow.guards import with_reason
from plumbline.workflow.permissions import NEVER_SIGN
from plumbline.workflow.situation import Situation

Events = tuple[e.Event, ...]
ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")

# Who acts before there is anybody: only `init` and `demo`, and only until an administrator stands in the register.
SYSTEM = Actor("plumbline", "Plumbline", Role.ADMINISTRATOR, (Role.ADMINISTRATOR,))


def add_person(command: c.AddPerson, situation: Situation) -> Events:
    if not ACCOUNT.fullmatch(command.user_id) or not command.name.strip():
        raise EvidenceMissing(
            f"'{command.user_id}' with the name '{command.name}' cannot be an account",
            remedy="Accounts are up to 64 small letters, digits, '.', '_' and '-'; signatures print the full name.",
        )
    if command.user_id in situation.people or command.user_id == SYSTEM.user_id:
        raise TransitionNotAllowed(
            f"There is already an account '{command.user_id}'", remedy="Choose another name; names are never reused."
        )
    if command.line_manager and command.line_manager not in situation.people:
        raise NotFound(
            f"There is no account '{command.line_manager}' to be the line manager", remedy="Add the manager first."
        )
    return (e.PersonAdded(user_id=command.user_id, name=command.name, line_manager=command.line_manager),)


def grant_role(command: c.GrantRole, situation: Situation) -> Events:
    person = _known(situation, command.user_id)
    if command.role in person.roles:
        return ()
    administrators = situation.active_with(Role.ADMINISTRATOR)
    if command.user_id == situation.actor.user_id and len(administrators) > 1:
        raise NotAuthorised(
            "Nobody grants a role to themselves", duty="S6", remedy="Another administrator has to grant it."
        )
    apart = NEVER_SIGN & {command.role, *person.roles}
    if apart and person.roles and len(administrators) > 1:
        raise NotAuthorised(
            f"{person.name} holds {', '.join(role.label.lower() for role in person.roles)}",
            duty="S6",
            remedy=f"{' and '.join(sorted(role.label for role in apart))} cannot be joined with another role.",
        )
    return (e.RoleGranted(user_id=command.user_id, role=command.role),)


def revoke_role(command: c.RevokeRole, situation: Situation) -> Events:
    person = _known(situation, command.user_id)
    if command.role not in person.roles:
        return ()
    with_reason(command.reason)
    _not_the_last_administrator(person, command.role, situation)
    return (e.RoleRevoked(user_id=command.user_id, role=command.role, reason=command.reason),)


def disable_person(command: c.DisablePerson, situation: Situation) -> Events:
    person = _known(situation, command.user_id)
    if not person.active:
        return ()
    with_reason(command.reason)
    if Role.ADMINISTRATOR in person.roles:
        _not_the_last_administrator(person, Role.ADMINISTRATOR, situation)
    return (e.PersonDisabled(user_id=command.user_id, reason=command.reason),)


def fold_person(history: Iterable[e.Recorded]) -> Person | None:
    """One entry of the people register, from its events."""
    person: Person | None = None
    for recorded in history:
        person = _evolve(person, recorded)
    return person


def _evolve(person: Person | None, recorded: e.Recorded) -> Person | None:
    event = recorded.event
    if isinstance(event, e.PersonAdded):
        return Person(event.user_id, event.name, (), event.line_manager or None, origin=recorded.origin)
    if person is None:
        return None
    if isinstance(event, e.RoleGranted):
        return replace(person, roles=tuple(sorted({*person.roles, event.role})))
    if isinstance(event, e.RoleRevoked):
        return replace(person, roles=tuple(role for role in person.roles if role is not event.role))
    if isinstance(event, e.PersonDisabled):
        return replace(person, active=False)
    return person  # a token changes nothing about whom it speaks for


def _known(situation: Situation, user_id: str) -> Person:
    if user_id not in situation.people:
        raise NotFound(f"There is no account '{user_id}'", remedy="Add it first (plumbline user add).")
    return situation.people[user_id]


def _not_the_last_administrator(person: Person, role: Role, situation: Situation) -> None:
    others = [p for p in situation.active_with(Role.ADMINISTRATOR) if p.user_id != person.user_id]
    if role is Role.ADMINISTRATOR and not others:
        raise TransitionNotAllowed(
            f"{person.name} is the last administrator", remedy="Make another administrator first."
        )
