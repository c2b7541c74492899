"""The log as its readers ask for it: who did what and when, what was signed, what was refused, and the proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from plumbline.domain.chain import Link
from plumbline.services import approvals, evidence, integrity, reach
from plumbline.services.context import Context
from plumbline.services.history import told
from plumbline.services.identity import FAILED, REAUTHENTICATED, SIGNED_IN
from plumbline.services.sessions import SIGNED_OUT
from plumbline.services.views.audit import Accesses, AuditView, LogLine, Proof, Verified
from plumbline.store import cases, log, people
from plumbline.store.database import Cursor
from plumbline.workflow.guards import words

REFUSED = "refused"
SIGN_INS = (SIGNED_IN, FAILED, REAUTHENTICATED, SIGNED_OUT)
Names = Mapping[str, str]


def audit(ctx: Context) -> AuditView:
    """The whole log of decisions, newest first, and every signature in it."""
    with ctx.store.read() as cursor:
        names = {person.user_id: person.name for person in people.people(cursor)}
        found = _seen(ctx, cursor, log.links(cursor))
        seen = reach.reached(ctx, cursor, cases.models_with_cases(cursor))
        states = [evidence.state_of(cursor, model_id) for model_id in seen]
    lines = tuple(_event(link, names) for link in reversed(found))
    blocks = [
        approvals.block(state, case, signature)
        for state in states
        for case in state.cases.values()
        for signature in case.signatures
    ]
    return AuditView(
        sentence=_sentence(lines, len(blocks)),
        events=lines,
        people=tuple(sorted({line.who for line in lines})),
        entities=tuple(sorted({line.about for line in lines})),
        actions=tuple(sorted({words(link.entry.action) for link in found})),
        signatures=tuple(sorted(blocks, key=lambda block: block.signed_at, reverse=True)),
    )


def _sentence(lines: tuple[LogLine, ...], signatures: int) -> str:
    if not lines:
        return "The log is empty: nothing has been decided or recorded here yet."
    first, last = lines[-1].at, lines[0].at
    span = f"from {first.day} {first:%b %Y} to {last.day} {last:%b %Y}"
    return f"{len(lines)} entries {span}, {signatures} of them signatures; each is bound to the one before by its hash."


def accesses(ctx: Context, _access_seq: int) -> Accesses:
    """Refusals and sign-ins, newest first; the second argument only tells one state of that chain from the next."""
    with ctx.store.read() as cursor:
        names = {person.user_id: person.name for person in people.people(cursor)}
        found = _seen(ctx, cursor, log.links(cursor, "access"))[::-1]
    return Accesses(
        refusals=tuple(_access(link, names) for link in found if link.entry.action == REFUSED),
        sign_ins=tuple(_access(link, names) for link in found if link.entry.action in SIGN_INS),
    )


def since(ctx: Context, user_id: str, last: datetime) -> tuple[str, ...]:
    """What others did since that moment, newest first, told in lines."""
    with ctx.store.read() as cursor:
        names = {person.user_id: person.name for person in people.people(cursor)}
        others = [one for one in log.since(cursor, last) if one.actor != user_id]
        known = set(reach.reached(ctx, cursor, {one.entity_id for one in others if one.event.entity == "model"}))
        found = [one for one in others if one.event.entity != "model" or one.entity_id in known]
    return tuple(f"{names.get(one.actor, one.actor)}, {one.entity_id}: {told(one.event)}" for one in reversed(found))


def access_seq(ctx: Context) -> int:
    """The last entry of the access log."""
    with ctx.store.read() as cursor:
        return log.head(cursor, "access")[0]


def verified(ctx: Context) -> Verified:
    """The store proved as it stands, in words."""
    result = integrity.verify(ctx)
    broken = next((check for check in result.checks if not check.holds), None)
    sentence = (
        f"The log does not prove itself: {broken.name}, {broken.found}."
        if broken
        else f"Verified: {result.seq} entries follow from one another, and everything stored follows from them."
    )
    proofs = tuple(Proof(check.name, check.holds, check.found) for check in result.checks)
    return Verified(sentence, result.holds, proofs, result.head)


def _seen(ctx: Context, cursor: Cursor, links: Iterable[Link]) -> list[Link]:
    """All about people, and about models what the reader may see."""
    found = list(links)
    about = {link.entry.entity_id for link in found if link.entry.entity == "model"}
    known = set(reach.reached(ctx, cursor, about))
    return [link for link in found if link.entry.entity != "model" or link.entry.entity_id in known]


def _event(link: Link, names: Names) -> LogLine:
    entry = link.entry
    return LogLine(
        seq=entry.seq,
        at=entry.recorded_at,
        who=names.get(entry.actor, entry.actor),
        role=words(entry.acting_role),
        action=words(entry.action),
        what=_what(link),
        about=f"{entry.entity} {entry.entity_id}",
        reason=entry.reason,
        hash=link.hash,
    )


def _what(link: Link) -> str:
    # A log that was tampered with must still be listed, so that an auditor sees where.
    try:
        return told(log.recorded(link).event)
    except (KeyError, TypeError, ValueError):
        return f"{words(link.entry.action)} (unreadable)"


def _access(link: Link, names: Names) -> LogLine:
    entry = link.entry
    rule = entry.payload.get("rule")
    command = str(entry.payload.get("command", ""))
    what = f"{command} refused by {rule}" if entry.action == REFUSED else words(entry.action)
    return LogLine(
        seq=entry.seq,
        at=entry.recorded_at,
        who=names.get(entry.actor, entry.actor),
        role=words(entry.acting_role),
        action=words(entry.action),
        what=what,
        about=f"{entry.entity} {entry.entity_id}",
        reason=entry.reason,
        hash=link.hash,
    )
