"""Approvals and audit log: both chains word for word, so that anyone can prove them offline."""

from __future__ import annotations

from dataclasses import replace

from plumbline.domain.chain import as_json, canonical_json
from plumbline.domain.errors import NotAuthorised
from plumbline.domain.payload import to_plain
from plumbline.domain.people import Actor, Role
from plumbline.exports.handover import Export, hand_over, stamp
from plumbline.services.context import Context
from plumbline.services.evidence import state_of
from plumbline.services.reach import whole
from plumbline.store import log

# Sign-ins and refusals of everybody stand in the log; those who answer for a model alone do not read them in bulk.
READERS = frozenset({Role.AUDITOR, Role.MODEL_RISK_OFFICER, Role.VALIDATOR, Role.EXECUTIVE, Role.ADMINISTRATOR})


def may_export(actor: Actor) -> bool:
    return actor.acting_role in READERS


def log_json(ctx: Context, actor: Actor) -> bytes:
    """The file for a download button; see `export`."""
    return export(ctx, actor).content


def export(ctx: Context, actor: Actor) -> Export:
    """Both logs and the signatures as JSON that `plumbline verify FILE` proves; NotAuthorised for other roles."""
    if not may_export(actor):
        raise NotAuthorised(
            f"The role {actor.acting_role.label} may not export the log",
            duty="role",
            remedy="An auditor, the risk officer, a validator or an executive can.",
        )
    whole(actor, "the approvals export holds every model's log")
    stamped = stamp(ctx, actor, kind="approvals", subject="all", rows=0)
    with ctx.store.read() as cursor:
        # No further than the head that the stamp names, whoever writes meanwhile.
        events = [as_json(link) for link in log.links(cursor, where="seq <= ?", values=(stamped.log_seq,))]
        accesses = [as_json(link) for link in log.links(cursor, "access")]
        states = [state_of(cursor, model_id) for model_id in log.entities(cursor, "model")]
    signatures = [to_plain(s) for state in states for case in state.cases.values() for s in case.signatures]
    stamped = replace(stamped, rows=len(events) + len(accesses))
    body = {"stamp": to_plain(stamped), "cautions": list(stamped.cautions), "signatures": signatures}
    content = canonical_json(body | {"event": events, "access": accesses}).encode()
    return hand_over(ctx, actor, content, stamped)
