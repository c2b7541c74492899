"""What other machines read of the store: within a token's reach, in the words of the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plumbline.domain.chain import as_json
from plumbline.domain.errors import NotAuthorised, NotFound
from plumbline.domain.payload import to_plain
from plumbline.domain.people import Actor, Role
from plumbline.services import reach
from plumbline.services.context import Context
from plumbline.services.evidence import state_of
from plumbline.store import log, measurements
from plumbline.store.measurements import Selection
from plumbline.workflow.permissions import check_scope
from plumbline.workflow.state import CaseState, ModelState

# Sign-ins and refusals of everybody stand in the log; those who answer for a model alone do not read it in bulk.
READERS = frozenset({Role.AUDITOR, Role.MODEL_RISK_OFFICER, Role.VALIDATOR, Role.EXECUTIVE, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Read:
    """A model as plain values, and the revision that it was read at."""

    body: dict[str, Any]
    revision: int


def check_reach(ctx: Context, actor: Actor, model_id: str) -> None:
    """NotAuthorised where the actor's token speaks for other models alone; NotFound where the role does."""
    check_scope(actor, model_id)
    with ctx.store.read() as cursor:
        reach.check(reach.within(ctx, actor), cursor, model_id)


def model(ctx: Context, actor: Actor, model_id: str) -> Read:
    """Everything that the register and sign-off hold of a model; NotFound for one that nobody registered."""
    check_reach(ctx, actor, model_id)
    with ctx.store.read() as cursor:
        state = state_of(cursor, model_id)
        last = [one.seq for one in log.events(cursor, "model", model_id)]
    if state.entry is None:
        raise NotFound(f"There is no model '{model_id}'", remedy="Check the name; GET /api/v1/models lists them.")
    return Read(_body(state), last[-1])


def results(
    ctx: Context,
    actor: Actor,
    model_id: str,
    version_id: str,
    *,
    windows: Sequence[str] = (),
    metrics: Sequence[str] = (),
) -> tuple[dict[str, Any], ...]:
    """The current results of a version in the results format; NotFound for one that is not registered."""
    check_reach(ctx, actor, model_id)
    wanted = Selection(windows=tuple(windows), metrics=tuple(metrics))
    with ctx.store.read() as cursor:
        if measurements.registered(cursor, model_id, version_id) is None:
            raise NotFound(f"There is no version {version_id} of a model '{model_id}'", remedy="Check the names.")
        found = measurements.current(cursor, model_id, version_id, wanted)
    return tuple(one.result.as_json() for one in found)


def events(
    ctx: Context, actor: Actor, *, after: int, limit: int, entity_id: str | None = None
) -> tuple[dict[str, Any], ...]:
    """Entries of the event log behind `after`, with their hashes; NotAuthorised for roles that read no logs."""
    if actor.acting_role not in READERS:
        raise NotAuthorised(
            f"The role {actor.acting_role.label} does not read the log",
            duty="role",
            remedy="An auditor, the risk officer, a validator, an executive or an administrator does.",
        )
    check_scope(actor, entity_id or "the whole log")
    if entity_id is None:
        reach.whole(actor, "the whole log")
    elif actor.reach():
        check_reach(ctx, actor, entity_id)
    where = "seq > ? and seq <= ? + ?" if entity_id is None else "seq > ? and entity_id = ?"
    values = (after, after, limit) if entity_id is None else (after, entity_id)
    with ctx.store.read() as cursor:
        found = [as_json(link) for link in log.links(cursor, where=where, values=values)]
    return tuple(found[:limit])


def _body(state: ModelState) -> dict[str, Any]:
    return {
        "model": to_plain(state.entry),
        "tier": state.tier.value,
        "tier_because": state.tier_because,
        "uses": [to_plain(use) for use in state.uses.values()],
        "versions": [
            {"version": to_plain(held.entry), "stage": held.stage.value, "stage_since": to_plain(held.stage_since)}
            for held in state.versions.values()
        ],
        "cases": [_case(case) for case in state.cases.values()],
        "findings": [to_plain(finding) for finding in state.findings.values()],
    }


def _case(case: CaseState) -> dict[str, Any]:
    return {
        "case_id": case.id,
        "version": case.version_id,
        "use": case.use_id,
        "type": case.case_type.value,
        "status": case.status.value,
        "opened_at": to_plain(case.opened_at),
        "manifest_hash": case.manifest_hash,
        "outcome": case.report.outcome.value if case.report else None,
        "decided_at": to_plain(case.decided_at),
        "expires_at": to_plain(case.expires_at),
    }
