"""Signing: the sentence that a person is about to sign, and the signature made with the password entered again."""

from __future__ import annotations

from plumbline.domain.errors import NotAuthorised
from plumbline.domain.people import Actor, Authentication
from plumbline.services import evidence, governance, identity, sessions
from plumbline.services.context import Context
from plumbline.store import people
from plumbline.workflow import events as e
from plumbline.workflow.commands import CastVote, Command, SignValidationReport
from plumbline.workflow.decide import decide
from plumbline.workflow.situation import Situation

Signing = SignValidationReport | CastVote


def meaning(ctx: Context, command: Signing, actor: Actor) -> str:
    """The sentence that this signature would stand for.

    The decision is taken as if the password had just been entered, and thrown away, so what is refused here
    is refused there; a denied attempt goes on record, as it would at the signing itself.
    """
    now = ctx.clock()
    with ctx.store.read() as cursor:
        state = evidence.state_of_case(cursor, command.case_id)
        situation = Situation(
            actor=actor,
            now=now,
            new_id=ctx.new_id,
            policy=ctx.policy,
            people={person.user_id: person for person in people.people(cursor)},
            authentication=Authentication(actor.user_id, "password", now),
            changed=evidence.changes(cursor, ctx.policy, state, state.cases[command.case_id]),
        )
    try:
        decided = decide(state, command, situation)
    except NotAuthorised as refusal:
        governance.record_refusal(ctx, command, actor, refusal)
        raise
    return next(event.signature.meaning for event in decided if isinstance(event, e.ReportSigned | e.VoteCast))


def sign(ctx: Context, command: Signing, actor: Actor, password: str) -> str:
    """Prove the person again, then decide; returns the signature's hash, its place in the log."""
    proof = identity.reauthenticate(ctx, actor, password)
    recorded = governance.handle(ctx, command, actor, authentication=proof)
    return next(one.hash for one in recorded if isinstance(one.event, e.ReportSigned | e.VoteCast))


def sign_by_provider(ctx: Context, command: Signing, actor: Actor, session_id: str) -> str:
    """The same, where the house's provider has just proved the person for this stay."""
    found = sessions.go_on(ctx, session_id)
    at = found.proven_at if found and found.actor.user_id == actor.user_id else None
    proof = Authentication(actor.user_id, "oidc", at) if at else None
    recorded = governance.handle(ctx, command, actor, authentication=proof)
    return next(one.hash for one in recorded if isinstance(one.event, e.ReportSigned | e.VoteCast))


def act(ctx: Context, command: Command, actor: Actor) -> int:
    """A step without a signature; returns how many events it made (0: nothing had to change)."""
    return len(governance.handle(ctx, command, actor))
