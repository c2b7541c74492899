"""Duties between people and the conditions of a step: small predicates that refuse in words."""

from __future__ import annotations

from datetime import timedelta

from plumbline.domain.errors import EvidenceMissing, NotAuthorised, NotFound, TransitionNotAllowed
from plumbline.domain.people import Actor, Person, Role, Seat
from plumbline.domain.signoff import Finding, FindingStatus
from plumbline.workflow.permissions import NEVER_SIGN
from plumbline.workflow.situation import Situation
from plumbline.workflow.state import CaseState, ModelState, VersionState

SIGNING_WINDOW = timedelta(minutes=5)


def the_version(state: ModelState, version_id: str) -> VersionState:
    if state.entry is None:
        raise NotFound(f"There is no model '{state.id}'", remedy="Check the name, or register the model first.")
    if version_id not in state.versions:
        raise NotFound(f"Model {state.id} has no version {version_id}", remedy="Register the version first.")
    return state.versions[version_id]


def the_case(state: ModelState, case_id: str) -> CaseState:
    if case_id not in state.cases:
        raise NotFound(f"Model {state.id} has no case {case_id}", remedy="Open the case from the approvals page.")
    return state.cases[case_id]


def the_finding(state: ModelState, finding_id: str) -> Finding:
    if finding_id not in state.findings:
        raise NotFound(f"Model {state.id} has no finding {finding_id}")
    return state.findings[finding_id]


def the_person(situation: Situation, user_id: str) -> Person:
    person = situation.people.get(user_id)
    if person is None or not person.active:
        raise NotFound(
            f"There is no active person '{user_id}' in the people register",
            remedy="Add the person first (plumbline user add), or correct the name.",
        )
    return person


def connected(state: ModelState, actor: Actor) -> None:
    """Owners and developers act on their own models; the second line acts on any."""
    if actor.acting_role in (Role.MODEL_OWNER, Role.DEVELOPER) and actor.user_id not in workshop(state):
        raise NotAuthorised(
            f"{actor.name} neither owns nor develops {state.id}",
            duty="role",
            remedy="Its owner or a named developer can.",
        )


def workshop(state: ModelState) -> frozenset[str]:
    """Everyone who ever owned or developed the model: history counts, not the role chosen today."""
    return state.owners_ever | state.developers_ever


def may_sign(actor: Actor) -> None:
    """Who runs the place or audits it signs nothing, whatever role is chosen."""
    barred = NEVER_SIGN & set(actor.roles)
    if barred:
        titles = " and ".join(sorted(role.label.lower() for role in barred))
        raise NotAuthorised(
            f"{actor.name} is {titles} and can sign nothing",
            duty="role",
            remedy="Another person has to sign.",
        )


def freshly_authenticated(situation: Situation, what: str = "A signature") -> None:
    """What is signed or handed out wants the password again, by the same person, under five minutes ago."""
    proof = situation.authentication
    if proof is None or proof.user_id != situation.actor.user_id:
        raise NotAuthorised(f"{what} needs your password again", duty="authentication", remedy="Enter it.")
    if not timedelta(0) <= situation.now - proof.at < SIGNING_WINDOW:
        raise NotAuthorised(
            "Your password was entered more than five minutes ago", duty="authentication", remedy="Enter it again."
        )


def approver_is_apart(state: ModelState, case: CaseState, actor: Actor) -> None:
    """S1: who owns, develops, validates or submitted the version does not approve it."""
    version = state.versions[case.version_id]
    parts = (
        ("owns or owned this model", state.owners_ever),
        ("develops this model", state.developers_ever | version.committers),
        ("validated this version", validators(state, case.version_id)),
        ("submitted this version", version.submitters | {case.requester}),
    )
    for part, people in parts:
        if actor.user_id in people:
            raise NotAuthorised(
                f"{actor.name} {part} and may not approve it",
                duty="S1",
                where=f"{state.id} {case.version_id}",
                remedy="Somebody with no part in this version has to vote.",
            )


def validators(state: ModelState, version_id: str) -> frozenset[str]:
    named = {state.entry.validator} - {""} if state.entry else set()
    return state.validators_of(version_id) | named


def validator_is_apart(state: ModelState, version: VersionState, actor: Actor) -> None:
    """S2: who owns, develops, committed, submitted or repaired the version does not validate it."""
    fixers = {f.remediated_by for f in state.findings.values() if f.version == version.entry.id}
    if actor.user_id in workshop(state) | version.committers | version.submitters | fixers:
        raise NotAuthorised(
            f"{actor.name} had a part in making this version and may not validate it",
            duty="S2",
            where=f"{state.id} {version.entry.id}",
            remedy="A validator with no part in it has to sign.",
        )


def one_vote(case: CaseState, actor: Actor) -> None:
    """S8: one person, one vote, whichever seat or role is chosen."""
    if any(vote.signature.user_id == actor.user_id for vote in case.standing_votes):
        raise NotAuthorised(
            f"{actor.name} has already voted in this case",
            duty="S8",
            where=case.id,
            remedy="Your first vote stands; another person has to take the other seat.",
        )


def holds_seat(state: ModelState, actor: Actor, seat: Seat) -> None:
    """A named seat is for its named person; the others go by role."""
    entry = state.entry
    named = {
        Seat.ACCOUNTABLE_EXECUTIVE: entry.accountable_executive if entry else "",
        Seat.INDEPENDENT_MEMBER: entry.independent_member if entry else "",
    }
    role = {Seat.MODEL_RISK_OFFICER: Role.MODEL_RISK_OFFICER, Seat.MEMBER: Role.APPROVER}
    if seat in named and named[seat] != actor.user_id:
        who = named[seat] or "nobody yet: the owner has to name the person in the inventory"
        raise NotAuthorised(
            f"{actor.name} does not hold the seat {words(seat)}", duty="seat", remedy=f"It is held by {who}."
        )
    reached = seat not in role or entry is None or actor.reaches(entry, role[seat])
    if seat in role and not (actor.may_act_in(role[seat]) and reached):
        raise NotAuthorised(
            f"{actor.name} does not hold the seat {words(seat)}",
            duty="seat",
            remedy=f"It takes the role {role[seat].label}, held for this model.",
        )


def seat_is_free(case: CaseState, seat: Seat) -> None:
    """A named chair holds one person at a time; members are as many as the quorum asks for."""
    taken = [v.signature for v in case.standing_votes if v.signature.seat is seat and seat is not Seat.MEMBER]
    if taken:
        raise NotAuthorised(
            f"The seat {words(seat)} is taken by {taken[0].printed_name}",
            duty="seat",
            where=case.id,
            remedy="Take another seat that you hold, or leave the decision to them.",
        )


def seats_open_to(state: ModelState, actor: Actor) -> tuple[Seat, ...]:
    """The chairs this person may take at this model's table."""
    found = []
    for seat in Seat:
        try:
            holds_seat(state, actor, seat)
        except NotAuthorised:
            continue
        found.append(seat)
    return tuple(found)


def closer_is_apart(finding: Finding, actor: Actor) -> None:
    """S4: a finding is closed by a validator who neither owns nor did its remediation."""
    if actor.user_id in (finding.owner, finding.remediated_by):
        raise NotAuthorised(
            f"{actor.name} remediated this finding and may not close it",
            duty="S4",
            where=finding.id,
            remedy="Another validator has to verify it.",
        )


def closable(finding: Finding) -> None:
    if finding.status is not FindingStatus.REMEDIATED:
        raise TransitionNotAllowed(
            f"The finding is {words(finding.status)}, not remediated",
            where=finding.id,
            remedy="Its owner marks it remediated with evidence first.",
        )


def with_reason(reason: str) -> None:
    """What is taken from somebody is taken for a reason that the log keeps."""
    if not reason.strip():
        raise EvidenceMissing("A reason is asked for", remedy="Say why; the log keeps it.")


def unchanged_evidence(case: CaseState, manifest_hash: str, situation: Situation) -> None:
    """Nobody signs what they have not read: the hash must be the case's own, and nothing pinned may have changed."""
    if manifest_hash != case.manifest_hash:
        raise EvidenceMissing(
            "The evidence was pinned again since you read it", where=case.id, remedy="Evidence changed; read it again."
        )
    if situation.changed:
        named = ", ".join(sorted({f"{change.kind} {change.id}" for change in situation.changed})[:3])
        raise EvidenceMissing(
            f"{len(situation.changed)} pieces of evidence changed since they were pinned, among them {named}",
            where=case.id,
            remedy="Evidence changed; refresh it and read it again.",
        )


def words(name: str) -> str:
    return name.replace("_", " ")
