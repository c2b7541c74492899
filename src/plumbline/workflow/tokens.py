"""Deciders of API tokens, and the fold of those that a person was given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from plumbline.domain.errors import EvidenceMissing, NotAuthorised, NotFound
from plumbline.domain.people import Role
from plumbline.domain.tokens import Token
from plumbline.workflow import commands as c
from plumbline.workflow import events as e
from plumbline.workflow import guards
from plumbline.workflow.situation import Situation

Events = tuple[e.Event, ...]


def issue_token(command: c.IssueToken, situation: Situation) -> Events:
    """A token speaks for the person who made it: nobody makes one that speaks for somebody else."""
    guards.freshly_authenticated(situation, "A token")
    actor, most = situation.actor, situation.policy.access.token_days
    if command.user_id != actor.user_id:
        raise NotAuthorised(
            "A token speaks for the person who makes it",
            duty="S6",
            remedy=f"{command.user_id} has to make it, or the script gets an account of its own.",
        )
    if not actor.may_act_in(command.role):
        raise NotAuthorised(
            f"{actor.name} does not hold the role {command.role.label}", duty="role", remedy="Choose a role you hold."
        )
    if not command.label.strip() or not 1 <= command.days <= most:
        raise EvidenceMissing(
            f"A token is named, and lasts from one day to {most}", remedy="Say what it is for, and for how many days."
        )
    issued = e.TokenIssued(
        user_id=command.user_id,
        token_id=situation.new_id(),
        label=command.label.strip(),
        role=command.role,
        models=command.models,
        expires_at=situation.now + timedelta(days=command.days),
    )
    return (issued,)


def revoke_token(command: c.RevokeToken, situation: Situation) -> Events:
    """By whom it speaks for, or by an administrator; one that is revoked already changes nothing."""
    actor = situation.actor
    if command.user_id != actor.user_id and actor.acting_role is not Role.ADMINISTRATOR:
        raise NotAuthorised(
            "A token is revoked by the person it speaks for, or by an administrator", duty="role", remedy="Ask one."
        )
    token = next((token for token in situation.tokens if token.token_id == command.token_id), None)
    if token is None:
        raise NotFound(
            f"{command.user_id} has no token {command.token_id}", remedy="Look them up (plumbline user token)."
        )
    if token.revoked_at:
        return ()
    guards.with_reason(command.reason)
    return (e.TokenRevoked(user_id=command.user_id, token_id=command.token_id, reason=command.reason),)


def fold_tokens(history: Iterable[e.Recorded]) -> tuple[Token, ...]:
    """Every token of one person, from their events, oldest first."""
    tokens: dict[str, Token] = {}
    for recorded in history:
        event = recorded.event
        if isinstance(event, e.TokenIssued):
            tokens[event.token_id] = Token(
                token_id=event.token_id,
                user_id=event.user_id,
                label=event.label,
                role=event.role,
                models=event.models,
                issued_at=recorded.recorded_at,
                expires_at=event.expires_at,
            )
        elif isinstance(event, e.TokenRevoked):
            tokens[event.token_id] = replace(tokens[event.token_id], revoked_at=recorded.recorded_at)
    return tuple(tokens.values())
