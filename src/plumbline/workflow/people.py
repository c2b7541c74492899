"""Deciders of the people register, and the fold of one person's events."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from plumbline.domain.errors import EvidenceMissing, NotAuthorised, NotFound, TransitionNotAllowed
from plumbline.domain.people import (
    EVERYWHERE,
    Actor,
    Grant,
    Person,
    Proposal,
    Review,
    Role,
    Scope,
    ScopeKind,
)
from plumbline.workflow import commands as c
from plumbline.workflow import events as e
from plumbline.workflow import guards
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
    added = e.PersonAdded(
        user_id=command.user_id,
        name=command.name,
        line_manager=command.line_manager,
        initial_password=command.initial and bool(command.password_hash),
    )
    return (added,)


def change_password(command: c.ChangePassword, situation: Situation) -> Events:
    """By the person whose it is, who has just proved it with the present one."""
    guards.freshly_authenticated(situation, "A new password")
    if command.user_id != situation.actor.user_id:
        raise NotAuthorised(
            "A password is chosen by the person whose it is",
            duty="S6",
            remedy="An administrator can reset it (plumbline user reset).",
        )
    _not_of_the_sample(_known(situation, command.user_id))
    return (e.PasswordChanged(user_id=command.user_id),)


def reset_password(command: c.ResetPassword, situation: Situation) -> Events:
    person = _known(situation, command.user_id)
    if command.user_id == situation.actor.user_id:
        raise NotAuthorised(
            "Nobody resets their own password", duty="S6", remedy="Change it instead (plumbline user password)."
        )
    if not person.active or not command.reason.strip():
        raise EvidenceMissing(
            f"A password is reset for a reason, of an account that is open: {person.name}",
            remedy="Say why; a disabled account stays closed.",
        )
    _not_of_the_sample(person)
    return (e.PasswordReset(user_id=command.user_id, reason=command.reason),)


def grant_role(command: c.GrantRole, situation: Situation) -> Events:
    """Proposed by the first of two administrators, granted by the second; at once where there is one alone."""
    person, grant = _known(situation, command.user_id), Grant(command.role, command.scope)
    _sensible(grant)
    if _holds(person, grant):
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
    asked = [p.by for p in person.proposals if p.grant == grant and p.by in {a.user_id for a in administrators}]
    granted = e.RoleGranted(user_id=person.user_id, role=grant.role, scope=grant.scope, proposed_by="".join(asked[:1]))
    if situation.actor == SYSTEM or len(administrators) < 2:
        return (granted,)
    if not asked:
        return (e.RoleProposed(user_id=person.user_id, role=grant.role, scope=grant.scope),)
    return () if situation.actor.user_id in asked else (granted,)


def revoke_role(command: c.RevokeRole, situation: Situation) -> Events:
    person = _known(situation, command.user_id)
    wanted = [*person.grants, *(proposal.grant for proposal in person.proposals)]
    if not any(_meant(grant, command.role, command.scope) for grant in wanted):
        return ()
    guards.with_reason(command.reason)
    if command.role in person.roles:
        _not_the_last_administrator(person, command.role, situation)
    return (e.RoleRevoked(user_id=person.user_id, role=command.role, reason=command.reason, scope=command.scope),)


def review_access(command: c.ReviewAccess, situation: Situation) -> Events:
    person = _known(situation, command.user_id)
    if person.user_id == situation.actor.user_id and len(situation.active_with(Role.ADMINISTRATOR)) > 1:
        raise NotAuthorised(
            "Nobody reviews what they hold themselves", duty="S6", remedy="Another administrator has to."
        )
    if not command.comment.strip():
        raise EvidenceMissing(
            "The review says nothing", where=person.user_id, remedy="Say why the person still needs these roles."
        )
    return (e.AccessReviewed(user_id=person.user_id, grants=person.grants, comment=command.comment.strip()),)


def disable_person(command: c.DisablePerson, situation: Situation) -> Events:
    person = _known(situation, command.user_id)
    if not person.active:
        return ()
    guards.with_reason(command.reason)
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
        return Person(
            *(event.user_id, event.name, (), event.line_manager or None),
            origin=recorded.origin,
            initial_password=event.initial_password,
        )
    if person is None:
        return None
    if isinstance(event, e.RoleProposed):
        proposal = Proposal(Grant(event.role, event.scope), recorded.actor, recorded.recorded_at)
        return replace(person, proposals=(*_other_proposals(person, event.role, event.scope), proposal))
    if isinstance(event, e.RoleGranted):
        return _granted(person, Grant(event.role, event.scope))
    if isinstance(event, e.RoleRevoked):
        return _revoked(person, event.role, event.scope)
    if isinstance(event, e.AccessReviewed):
        return replace(person, review=Review(recorded.actor, recorded.recorded_at))
    if isinstance(event, e.PasswordChanged | e.PasswordReset):
        return replace(person, initial_password=isinstance(event, e.PasswordReset))
    if isinstance(event, e.PersonDisabled):
        return replace(person, active=False)
    return person  # a token changes nothing about whom it speaks for


def _granted(person: Person, grant: Grant) -> Person:
    """One for everything takes the place of those for less."""
    kept = {each for each in person.narrowed if grant.scope != EVERYWHERE or each.role is not grant.role}
    narrowed = kept if grant.scope == EVERYWHERE else {*kept, grant}
    waiting = tuple(p for p in person.proposals if p.grant != grant)
    roles = tuple(sorted({*person.roles, grant.role}))
    return replace(person, roles=roles, narrowed=tuple(sorted(narrowed)), proposals=waiting)


def _revoked(person: Person, role: Role, scope: Scope) -> Person:
    left = [grant for grant in person.grants if not _meant(grant, role, scope)]
    return replace(
        person,
        roles=tuple(sorted({grant.role for grant in left})),
        narrowed=tuple(grant for grant in left if grant.scope != EVERYWHERE),
        proposals=_other_proposals(person, role, scope),
    )


def _other_proposals(person: Person, role: Role, scope: Scope) -> tuple[Proposal, ...]:
    return tuple(proposal for proposal in person.proposals if not _meant(proposal.grant, role, scope))


def _meant(grant: Grant, role: Role, scope: Scope) -> bool:
    return grant.role is role and scope in (EVERYWHERE, grant.scope)


def _holds(person: Person, grant: Grant) -> bool:
    return grant in person.grants or Grant(grant.role) in person.grants


def _sensible(grant: Grant) -> None:
    """EvidenceMissing for a scope that names nothing, or that the role cannot have."""
    everywhere = grant.scope.kind is ScopeKind.EVERYWHERE
    if everywhere != (not grant.scope.value.strip()):
        raise EvidenceMissing(
            f"'{grant.scope.value}' does not say what the role reaches",
            where=grant.scope.kind.label,
            remedy="Name a legal entity, a business line or a model, or leave it out for everything.",
        )
    if grant.role is Role.ADMINISTRATOR and not everywhere:
        raise EvidenceMissing(
            "An administrator runs the whole register", where=grant.scope.label, remedy="Grant the role for everything."
        )


def _known(situation: Situation, user_id: str) -> Person:
    if user_id not in situation.people:
        raise NotFound(f"There is no account '{user_id}'", remedy="Add it first (plumbline user add).")
    return situation.people[user_id]


def _not_of_the_sample(person: Person) -> None:
    if person.origin == "demo":
        raise TransitionNotAllowed(
            f"{person.name} is an account of the sample estate, whose password the sign-in page shows to all",
            remedy="Add an account of your own (plumbline user add), and disable those of the sample.",
        )


def _not_the_last_administrator(person: Person, role: Role, situation: Situation) -> None:
    others = [p for p in situation.active_with(Role.ADMINISTRATOR) if p.user_id != person.user_id]
    if role is Role.ADMINISTRATOR and not others:
        raise TransitionNotAllowed(
            f"{person.name} is the last administrator", remedy="Make another administrator first."
        )
