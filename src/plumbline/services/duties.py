"""The independence matrix in words: for the person who reads a case, which duties leave them free to sign."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plumbline.domain.errors import NotAuthorised
from plumbline.domain.people import Actor, Person, Role, Seat
from plumbline.domain.results import Level
from plumbline.domain.signoff import CaseStatus
from plumbline.services.views.approvals import Duty
from plumbline.workflow import guards
from plumbline.workflow.permissions import NEVER_SIGN
from plumbline.workflow.state import CaseState, ModelState


def as_actor(register: Mapping[str, Person], user_id: str) -> Actor | None:
    """The person as the register knows them now, in any role they hold."""
    person = register.get(user_id)
    if person is None or not person.roles:
        return None
    return person.acting_as(person.roles[0])


def duties(state: ModelState, case: CaseState, actor: Actor) -> tuple[Duty, ...]:
    """Each duty that bears on this case at this step, met or not."""
    if case.status is CaseStatus.VALIDATION:
        return (
            _validator(state, actor),
            _duty(
                "S2",
                lambda: guards.validator_is_apart(state, state.versions[case.version_id], actor),
                "You had no part in making this version.",
            ),
            _reader(actor),
        )
    seats = guards.seats_open_to(state, actor)
    named = " or ".join(guards.words(seat) for seat in seats)
    return (
        _duty(
            "S1",
            lambda: guards.approver_is_apart(state, case, actor),
            "You neither own, develop, validated nor submitted this version.",
        ),
        _duty("S8", lambda: guards.one_vote(case, actor), "You have not voted in this case."),
        Duty("Seat", Level.GREEN, f"You may take the seat {named}.")
        if seats
        else Duty("Seat", Level.RED, "You hold no seat at this model's table."),
        _reader(actor),
    )


def may_validate(state: ModelState, case: CaseState, actor: Actor) -> bool:
    """Whether the validation report waits for this person; a named validator has it alone."""
    named = state.entry.validator if state.entry else ""
    apart = all(duty.level is Level.GREEN for duty in duties(state, case, actor))
    return apart and named in ("", actor.user_id)


def open_seats(state: ModelState, case: CaseState, actor: Actor) -> tuple[Seat, ...]:
    """The chairs that this person may take and nobody has taken; none where a duty stands in the way."""
    if any(duty.level is not Level.GREEN for duty in duties(state, case, actor)):
        return ()
    taken = {vote.signature.seat for vote in case.standing_votes}
    return tuple(seat for seat in guards.seats_open_to(state, actor) if seat is Seat.MEMBER or seat not in taken)


def _validator(state: ModelState, actor: Actor) -> Duty:
    if Role.VALIDATOR not in actor.roles:
        return Duty("Role", Level.RED, "You are no validator.")
    if state.entry and not actor.reaches(state.entry, Role.VALIDATOR):
        return Duty("Role", Level.RED, "You are validator for other models alone.")
    return Duty("Role", Level.GREEN, "You act as validator.")


def _reader(actor: Actor) -> Duty:
    barred = NEVER_SIGN & set(actor.roles)
    if barred:
        return Duty("Signing", Level.RED, "Auditors and administrators sign nothing.")
    return Duty("Signing", Level.GREEN, "None of your roles bars you from signing.")


def _duty(rule: str, check: Callable[[], None], met: str) -> Duty:
    try:
        check()
    except NotAuthorised as refusal:
        return Duty(rule, Level.RED, f"{refusal.what}.")
    return Duty(rule, Level.GREEN, met)
