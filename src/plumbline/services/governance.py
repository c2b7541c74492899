"""`handle(command)`: load, decide, and in one transaction append the events, the chain and the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from plumbline import __version__
from plumbline.domain.errors import NotAuthorised, NotFound, StaleRevision
from plumbline.domain.people import Actor, Authentication, Person
from plumbline.services import access
from plumbline.services.condition import refuse_hindered
from plumbline.services.context import Context
from plumbline.services.evidence import build_manifest, changes, state_of
from plumbline.store import log, manifests, people, projections, tokens
from plumbline.store.database import Cursor
from plumbline.workflow import commands as c
from plumbline.workflow import events as e
from plumbline.workflow.decide import ABOUT_PEOPLE, decide
from plumbline.workflow.evolve import evolve
from plumbline.workflow.people import SYSTEM, fold_person
from plumbline.workflow.permissions import check_scope
from plumbline.workflow.situation import Situation
from plumbline.workflow.state import ModelState
from plumbline.workflow.tokens import fold_tokens

Beside = Callable[[Cursor, e.Recorded], None]
After = Callable[[Cursor, tuple[e.Recorded, ...]], None]
Register = Mapping[str, Person]

# Whoever signs a case next must have its evidence pinned as of this moment.
PINNED_AFTER = (e.CaseOpened, e.ReportSigned)


def handle(
    ctx: Context,
    command: c.Command,
    actor: Actor,
    *,
    authentication: Authentication | None = None,
    expected_revision: int | None = None,
    beside: Beside | None = None,
    after: After | None = None,
) -> tuple[e.Recorded, ...]:
    """Do what the command asks, or refuse in words and change nothing.

    `beside` writes what travels with the command (a run's rows) in the same transaction, once per recorded event;
    `after` writes last, in the same transaction too, knowing all that was recorded.
    No event is returned when nothing had to change. `expected_revision` is the model's revision that the person saw.

    Raises:
        NotAuthorised: a role or a duty forbids it; the refusal is in the access log.
        TransitionNotAllowed, EvidenceMissing, NotFound, StaleRevision: nothing was changed.
        ReadsOnly, StoreBusy: nothing was begun.
    """
    refuse_hindered(ctx)
    try:
        with ctx.store.transaction() as cursor:
            register = _register(cursor)
            known = _as_registered(register, actor)
            recorded = _handle(ctx, cursor, command, known, register, authentication, expected_revision, beside)
            if after:
                after(cursor, recorded)
            return recorded
    except NotAuthorised as refusal:
        record_refusal(ctx, command, actor, refusal)
        raise


def handle_together(ctx: Context, commands: Sequence[c.Command], actor: Actor) -> tuple[e.Recorded, ...]:
    """Several commands in one transaction: if one is refused, none was asked. Errors as `handle`."""
    refuse_hindered(ctx)
    asked = None
    try:
        with ctx.store.transaction() as cursor:
            # Once for all: the batch that makes the first administrator may go on to make the second.
            register = _register(cursor)
            known = _as_registered(register, actor)
            recorded: list[e.Recorded] = []
            for asked in commands:
                recorded += _handle(ctx, cursor, asked, known, register)
                register = _register(cursor) if type(asked) in ABOUT_PEOPLE else register
            return tuple(recorded)
    except NotAuthorised as refusal:
        if asked:
            record_refusal(ctx, asked, actor, refusal)
        raise


def record_refusal(ctx: Context, command: c.Command, actor: Actor, refusal: NotAuthorised) -> None:
    """A denied attempt stays on record: who, what, and by which duty."""
    with ctx.store.transaction() as cursor:
        entity = "person" if type(command) in ABOUT_PEOPLE else "model"
        access.enter(
            cursor,
            ctx,
            actor.user_id,
            actor.acting_role.value,
            "refused",
            about=(entity, _subject(cursor, command) or command.model_id),
            payload={
                "command": type(command).__name__,
                "rule": refusal.duty,
                "case": getattr(command, "case_id", ""),
                "roles": sorted(role.value for role in actor.roles),
            },
            reason=refusal.what,
        )


def _handle(
    ctx: Context,
    cursor: Cursor,
    command: c.Command,
    actor: Actor,
    register: Register,
    authentication: Authentication | None = None,
    expected_revision: int | None = None,
    beside: Beside | None = None,
) -> tuple[e.Recorded, ...]:
    situation = Situation(
        actor=actor,
        now=ctx.clock(),
        new_id=ctx.new_id,
        policy=ctx.policy,
        people=register,
        authentication=authentication,
    )
    subject = _subject(cursor, command)
    check_scope(actor, f"the account {subject}" if type(command) in ABOUT_PEOPLE else subject)
    _check_revision(cursor, subject, expected_revision)
    if type(command) in ABOUT_PEOPLE:
        return _about_person(ctx, cursor, subject, command, situation)
    return _about_model(ctx, cursor, subject, command, situation, beside)


def _about_model(
    ctx: Context, cursor: Cursor, model_id: str, command: c.Command, situation: Situation, beside: Beside | None
) -> tuple[e.Recorded, ...]:
    before = state = state_of(cursor, model_id)
    if isinstance(command, c.SignValidationReport | c.CastVote) and command.case_id in state.cases:
        found = changes(cursor, ctx.policy, state, state.cases[command.case_id])
        situation = replace(situation, changed=found)
    recorded = []
    for event in decide(state, command, situation):
        recorded.append(_append(ctx, cursor, event, model_id, situation))
        state = evolve(state, recorded[-1])
        if beside:
            beside(cursor, recorded[-1])
    for case_id in _to_pin(command, recorded):
        state, pinned = _pin(ctx, cursor, state, case_id, situation)
        recorded += pinned
    if recorded:
        projections.rewrite(cursor, before, state)
    return tuple(recorded)


def _to_pin(command: c.Command, recorded: list[e.Recorded]) -> list[str]:
    if isinstance(command, c.RefreshEvidence):
        return [command.case_id]
    return [r.event.case_id for r in recorded if isinstance(r.event, PINNED_AFTER)]


def _pin(
    ctx: Context, cursor: Cursor, state: ModelState, case_id: str, situation: Situation
) -> tuple[ModelState, list[e.Recorded]]:
    case = state.cases[case_id]
    manifest = build_manifest(cursor, ctx.policy, state, case, situation.now)
    if manifest.hash == case.manifest_hash:
        return state, []
    manifests.insert_items(cursor, manifest)
    event = e.EvidencePinned(case_id=case_id, manifest_hash=manifest.hash, items=len(manifest.items))
    recorded = _append(ctx, cursor, event, state.id, situation)
    return evolve(state, recorded), [recorded]


def _about_person(
    ctx: Context, cursor: Cursor, user_id: str, command: c.Command, situation: Situation
) -> tuple[e.Recorded, ...]:
    situation = replace(situation, tokens=fold_tokens(log.events(cursor, "person", user_id)))
    decided = decide(ModelState(id=""), command, situation)
    recorded = tuple(_append(ctx, cursor, event, user_id, situation) for event in decided)
    history = tuple(log.events(cursor, "person", user_id))
    person = fold_person(history)
    if recorded and person:
        projections.rewrite_person(cursor, person, fold_tokens(history))
    _keep_secret(cursor, command, recorded)
    return recorded


def _keep_secret(cursor: Cursor, command: c.Command, recorded: Sequence[e.Recorded]) -> None:
    """What a password or a token hashes to stands beside the account, never in the log."""
    for each in recorded:
        if isinstance(command, c.AddPerson | c.ChangePassword | c.ResetPassword):
            people.set_password(cursor, command.user_id, command.password_hash, each.recorded_at)
        if isinstance(command, c.IssueToken) and isinstance(each.event, e.TokenIssued):
            tokens.keep_secret(cursor, each.event.token_id, command.secret_hash)


def _append(ctx: Context, cursor: Cursor, event: e.Event, entity_id: str, situation: Situation) -> e.Recorded:
    actor = situation.actor
    roles = tuple(role.value for role in actor.roles)
    signature = getattr(event, "signature", None)
    item = log.append(
        cursor,
        "event",
        recorded_at=situation.now,
        actor=actor.user_id,
        acting_role=actor.acting_role.value,
        action=e.action_of(type(event)),
        entity=event.entity,
        entity_id=entity_id,
        payload=e.payload_of(event, roles=roles, app_version=__version__, origin=_origin(ctx, event, situation)),
        reason=getattr(event, "reason", "") or (signature.comment if signature else ""),
        manifest_hash=getattr(event, "manifest_hash", "") or (signature.manifest_hash if signature else ""),
    )
    return log.recorded(item)


def _origin(ctx: Context, event: e.Event, situation: Situation) -> str:
    """What a sample account does to a model, or for its own scripts, is part of the sample; adding people begins
    something of one's own.
    """
    person = situation.people.get(situation.actor.user_id)
    of_sample = event.entity == "model" or isinstance(event, e.TokenIssued | e.TokenRevoked)
    return person.origin if person and of_sample else ctx.origin


def _register(cursor: Cursor) -> Register:
    return {person.user_id: person for person in people.people(cursor)}


def _as_registered(register: Register, actor: Actor) -> Actor:
    """The person with the roles held now, whatever the session still believes."""
    person = register.get(actor.user_id)
    if person and person.active:
        return replace(actor, name=person.name, roles=person.roles, narrowed=person.narrowed)
    if actor == SYSTEM and not any(SYSTEM.acting_role in p.roles for p in register.values()):
        return actor
    raise NotAuthorised(f"There is no active account '{actor.user_id}'", duty="role", remedy="Sign in again.")


def _subject(cursor: Cursor, command: c.Command) -> str:
    """The model or person that the command is about, found through its case or finding where only those are named."""
    if type(command) in ABOUT_PEOPLE:
        return str(getattr(command, "user_id", ""))
    if command.model_id:
        return command.model_id
    if isinstance(command, c.RegisterModel):
        return command.entry.id
    if isinstance(command, c.RegisterVersion):
        return command.version.model_id
    if isinstance(command, c.RegisterUse):
        return command.use.model_id
    for table, key in (("sign_off_case", "case_id"), ("finding", "finding_id")):
        value = getattr(command, key, "")
        row = cursor.execute(f"select model_id from {table} where {key} = ?", [value]).fetchone() if value else None
        if row:
            return str(row[0])
    raise NotFound("There is no such model, case or finding", remedy="Check the name.")


def _check_revision(cursor: Cursor, model_id: str, expected: int | None) -> None:
    row = cursor.execute("select coalesce(max(seq), 0) from event where entity_id = ?", [model_id]).fetchone()
    if expected is not None and row and row[0] != expected:
        raise StaleRevision(
            f"Somebody changed {model_id} while you were reading",
            remedy="Read it again, then repeat; nothing was changed.",
        )
