"""The sign-off desk: what waits for whom, a case as its readers see it, and the signing itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from plumbline.domain.people import Actor, Person, Role, Seat
from plumbline.domain.results import Level
from plumbline.domain.signoff import CaseStatus, Signature
from plumbline.policy.signoff import quorum
from plumbline.services import evidence, reach
from plumbline.services.case_evidence import brief, differences, figures, items
from plumbline.services.clock import today
from plumbline.services.context import Context
from plumbline.services.duties import as_actor, duties, may_validate, open_seats
from plumbline.services.views.approvals import (
    CASE_TYPES,
    CaseLine,
    CaseView,
    ConditionLine,
    Inbox,
    SeatLine,
    SignatureBlock,
)
from plumbline.services.views.status import worst
from plumbline.store import cases, manifests, people
from plumbline.workflow.guards import words
from plumbline.workflow.signing import APPROVING
from plumbline.workflow.state import CaseState, ModelState

People = Mapping[str, Person]
NO_SEAT = "no seat"


def inbox(ctx: Context, user_id: str) -> Inbox:
    """Open cases, those that this person can move first; decided ones, newest first."""
    with ctx.store.read() as cursor:
        register = {person.user_id: person for person in people.people(cursor)}
        seen = reach.reached(ctx, cursor, cases.models_with_cases(cursor))
        states = [evidence.state_of(cursor, model_id) for model_id in seen]
    actor = as_actor(register, user_id)
    lines = [line(state, case, actor, ctx) for state in states for case in state.cases.values()]
    waiting = sorted((line for line in lines if line.decided_at is None), key=lambda line: (line.tier, line.opened_at))
    decided = (line for line in lines if line.decided_at is not None)
    newest_first = sorted(decided, key=lambda line: line.decided_at or line.opened_at, reverse=True)
    mine = tuple(line for line in waiting if line.mine)
    return Inbox(
        sentence=_inbox_sentence(len(mine), len(waiting)),
        mine=mine,
        others=tuple(line for line in waiting if not line.mine),
        decided=tuple(newest_first),
    )


def _inbox_sentence(mine: int, waiting: int) -> str:
    cases_wait = "1 case is open" if waiting == 1 else f"{waiting or 'No'} cases are open"
    if not mine:
        return f"{cases_wait}; none of them waits for you."
    if mine == waiting == 1:
        return "The one open case waits for you."
    return f"{mine} of {waiting} open cases {'waits' if mine == 1 else 'wait'} for you."


def line(state: ModelState, case: CaseState, actor: Actor | None, ctx: Context) -> CaseLine:
    return CaseLine(
        case_id=case.id,
        model_id=state.id,
        model=state.entry.name if state.entry else state.id,
        version=case.version_id,
        use=state.uses[case.use_id].purpose,
        tier=state.tier.value,
        type=CASE_TYPES[case.case_type],
        status=case.status,
        asks=_asks(state, case, ctx),
        opened_at=case.opened_at,
        decided_at=case.decided_at,
        mine=actor is not None and _waits_for(state, case, actor),
    )


def _waits_for(state: ModelState, case: CaseState, actor: Actor) -> bool:
    if case.status is CaseStatus.VALIDATION:
        return may_validate(state, case, actor)
    return case.status is CaseStatus.APPROVAL and bool(open_seats(state, case, actor))


def _asks(state: ModelState, case: CaseState, ctx: Context) -> str:
    if case.status is CaseStatus.VALIDATION:
        return "answer to a seat's question" if case.question else "validation report"
    if case.status is CaseStatus.APPROVAL:
        return f"votes: {_quorum(state, case, ctx)}"
    return words(case.status)


def _quorum(state: ModelState, case: CaseState, ctx: Context) -> str:
    given = [vote for vote in case.standing_votes if vote.signature.decision in APPROVING]
    return f"{len(given)} of {quorum(state.tier, ctx.policy).quorum} approvals given"


def case_view(ctx: Context, case_id: str, user_id: str) -> CaseView:
    """A case rendered from its manifest, with the duties of the person who reads it; NotFound for an unknown case."""
    with ctx.store.read() as cursor:
        state = evidence.state_of_case(cursor, case_id)
        reach.check(ctx, cursor, state.id)
        case = state.cases[case_id]
        register = {person.user_id: person for person in people.people(cursor)}
        pinned = manifests.items(cursor, case_id, case.manifest_hash)
        changed = evidence.changes(cursor, ctx.policy, state, case)
    actor, now = as_actor(register, user_id), today(ctx).now
    shown = figures(pinned)
    return CaseView(
        case_id=case.id,
        model_id=state.id,
        model=state.entry.name if state.entry else state.id,
        version=case.version_id,
        use=state.uses[case.use_id].purpose,
        tier=state.tier.value,
        type=CASE_TYPES[case.case_type],
        status=case.status,
        sentence=_sentence(state, case, ctx, len(changed)),
        level=worst(figure.level for figure in shown if figure.level is not Level.GREY),
        requester=_name(register, case.requester),
        opened_at=case.opened_at,
        manifest_hash=case.manifest_hash,
        pinned_at=case.manifest_pinned_at,
        question=case.question,
        brief=brief(pinned, quorum(state.tier, ctx.policy).expiry_months),
        report=_report(case),
        owner_id=state.entry.owner if state.entry else "",
        figures=shown,
        items=items(pinned),
        differences=differences(changed),
        duties=duties(state, case, actor) if actor else (),
        seats=_seats(state, case, register, ctx),
        my_seats=open_seats(state, case, actor) if actor and case.status is CaseStatus.APPROVAL else (),
        quorum=_quorum(state, case, ctx),
        conditions=conditions(case, register, now),
        signatures=tuple(block(state, case, signature) for signature in case.signatures),
    )


def _sentence(state: ModelState, case: CaseState, ctx: Context, changed: int) -> str:
    name = f"{state.entry.name if state.entry else state.id} version {case.version_id}"
    if changed and case.open:
        return f"{changed} pieces of evidence changed since they were pinned: read them again before anyone signs."
    if case.status is CaseStatus.VALIDATION:
        return f"{name} waits for its validation report."
    if case.status is CaseStatus.APPROVAL:
        return f"{name} is validated as {_outcome(case)} and waits for its seats: {_quorum(state, case, ctx)}."
    if case.status is CaseStatus.GRANTED:
        until = f"until {case.expires_at.day} {case.expires_at:%b %Y}" if case.expires_at else "without an end date"
        return f"{name} was approved {until}."
    return f"{name} was {words(case.status)}: {case.reason or 'no reason is recorded'}."


def _outcome(case: CaseState) -> str:
    return words(case.report.outcome) if case.report else "not yet"


def _report(case: CaseState) -> str:
    if case.report is None:
        return ""
    signed = case.report.signature
    independence = case.report.independence and f"Independence: {case.report.independence}"
    said = (f"{signed.printed_name} concluded: {_outcome(case)}", signed.comment, independence)
    return " ".join(_sentence_of(words) for words in said if words.strip())


def _sentence_of(words: str) -> str:
    """People end what they write with a full stop, or forget it."""
    words = words.strip()
    return words if words.endswith((".", "?", "!")) else f"{words}."


def _seats(state: ModelState, case: CaseState, register: People, ctx: Context) -> tuple[SeatLine, ...]:
    """The chairs that the tier must fill, then whoever else voted."""
    wanted: list[Seat] = list(quorum(state.tier, ctx.policy).must_include)
    taken = {vote.signature.seat: vote for vote in case.votes.values()}
    wanted += [seat for seat in taken if seat is not None and seat not in wanted]
    lines = []
    for seat in wanted:
        vote = taken.get(seat)
        if vote is None:
            lines.append(SeatLine(_title(seat), _holder(state, seat, register), "not voted yet", Level.GREY))
        else:
            stale = " (stale: the evidence changed)" if case.is_stale(vote) else ""
            level = Level.GREY if stale else Level.GREEN if vote.signature.decision in APPROVING else Level.RED
            said = f"{words(vote.signature.decision)}{stale}"
            lines.append(SeatLine(_title(seat), vote.signature.printed_name, said, level))
    return tuple(lines)


def _holder(state: ModelState, seat: Seat, register: People) -> str:
    entry = state.entry
    if seat is Seat.ACCOUNTABLE_EXECUTIVE:
        return _name(register, entry.accountable_executive) if entry else ""
    if seat is Seat.INDEPENDENT_MEMBER:
        return _name(register, entry.independent_member) if entry else ""
    role = Role.MODEL_RISK_OFFICER if seat is Seat.MODEL_RISK_OFFICER else Role.APPROVER
    return " or ".join(person.name for person in register.values() if person.active and role in person.roles)


def _title(seat: Seat | None) -> str:
    return NO_SEAT if seat is None else words(seat).capitalize()


def _name(register: People, user_id: str) -> str:
    return register[user_id].name if user_id in register else user_id or "nobody named"


def conditions(case: CaseState, register: People, now: datetime) -> tuple[ConditionLine, ...]:
    lines = []
    for held in case.conditions:
        asked = held.condition
        late = "overdue" if asked.due < now.date() else "open"
        state = f"verified by {_name(register, held.verified_by)}" if held.verified_at else late
        lines.append(
            ConditionLine(
                text=asked.text,
                kind=words(asked.kind),
                owner=_name(register, asked.owner),
                due=asked.due,
                blocking=asked.blocking,
                state=state,
            )
        )
    return tuple(lines)


def block(state: ModelState, case: CaseState, signature: Signature) -> SignatureBlock:
    return SignatureBlock(
        printed_name=signature.printed_name,
        user_id=signature.user_id,
        role=signature.acting_role.label,
        seat="Validator of this version" if signature.seat is None else _title(signature.seat),
        decision=words(signature.decision),
        meaning=signature.meaning,
        comment=signature.comment,
        case_id=signature.case_id,
        model=f"{state.entry.name if state.entry else state.id} version {case.version_id}",
        signed_at=signature.signed_at,
        zone=signature.zone,
        auth_method=signature.auth_method,
        manifest_hash=signature.manifest_hash,
        hash=signature.hash,
        # The report is signed over the evidence before it; only a vote can be overtaken by a newer pin.
        stale=signature.seat is not None and signature.manifest_hash != case.manifest_hash and case.open,
    )
