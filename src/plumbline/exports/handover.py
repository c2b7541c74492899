"""How anything leaves the store: stamped, hashed, and on record before it is handed over."""

from __future__ import annotations

from dataclasses import dataclass

from plumbline.domain.chain import first_break, sha256
from plumbline.domain.payload import to_plain
from plumbline.domain.people import Actor
from plumbline.services import access
from plumbline.services.clock import today
from plumbline.services.context import Context, duties_separated
from plumbline.services.views.stamp import Stamp
from plumbline.store import log
from plumbline.workflow.permissions import check_scope


@dataclass(frozen=True, slots=True)
class Export:
    """Bytes as handed over, their SHA-256, and what they say of themselves."""

    content: bytes
    sha256: str
    stamp: Stamp


def stamp(ctx: Context, actor: Actor, *, kind: str, subject: str, rows: int, model_id: str = "") -> Stamp:
    """The stamp of an export made now; `subject` is the filter, or the case or model it is about.

    NotAuthorised for a token that does not reach the model, or all of them where the export is about no single one.
    """
    check_scope(actor, model_id or "all models")
    now = today(ctx)
    with ctx.store.read() as cursor:
        seq, head = log.head(cursor)
        holds = first_break(log.links(cursor)) is None
    return Stamp(
        kind=kind,
        as_of=now.now,
        sample=now.sample,
        subject=subject,
        requester=f"{actor.name} ({actor.user_id})",
        acting_role=actor.acting_role.label,
        policy=ctx.policy.digest,
        rows=rows,
        log_seq=seq,
        log_head=head,
        log_holds=holds,
        duties_separated=duties_separated(ctx),
    )


def hand_over(ctx: Context, actor: Actor, content: bytes, stamped: Stamp) -> Export:
    """Put the export on record in the access log; only then is there anything to give."""
    digest = sha256(content)
    with ctx.store.transaction() as cursor:
        access.enter(
            cursor,
            ctx,
            actor.user_id,
            actor.acting_role.value,
            "exported",
            about=("export", stamped.kind),
            payload={
                "sha256": digest,
                "subject": stamped.subject,
                "rows": stamped.rows,
                "log_head": stamped.log_head,
                "policy": stamped.policy,
                "as_of": to_plain(stamped.as_of),
            },
        )
    return Export(content, digest, stamped)
